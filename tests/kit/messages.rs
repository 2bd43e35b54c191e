//! Checks that front ends can translate every refusal.

use serde_json::Value;
use std::collections::BTreeSet;

/// Checks a user error with its `reason`, `message` and `params`: the reason is a constant, and each number of the
/// message is the value of a parameter, or part of one.
pub fn assert_translatable(error: &Value) {
    let reason = error["reason"].as_str().unwrap_or_else(|| panic!("no reason: {error}"));
    let is_constant = reason.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    assert!(!reason.is_empty() && is_constant, "{error}");
    let params = error["params"].as_array().unwrap_or_else(|| panic!("no parameters: {error}"));
    let values = params.iter().filter_map(|param| param["value"].as_str());
    let known: BTreeSet<&str> = values.flat_map(numbers).map(|(_, number)| number).collect();
    let message = error["message"].as_str().unwrap_or_else(|| panic!("no message: {error}"));
    for (at, number) in numbers(message) {
        assert!(is_name(&message[..at]) || known.contains(number), "{number} is no parameter of {error}");
    }
}

/// The numbers of a text, and where they begin.
fn numbers(text: &str) -> Vec<(usize, &str)> {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let begins = (0..text.len()).filter(|at| digit(*at) && !at.checked_sub(1).is_some_and(digit));
    let whole = |from: usize| (from..text.len()).find(|at| !digit(*at)).unwrap_or(text.len());
    begins.map(|from| (from, &text[from..whole(from)])).collect()
}

/// Whether a number behind this text is part of a name, such as `csvBase64` or `UTF-8`.
fn is_name(before: &str) -> bool {
    let before = before.strip_suffix('-').unwrap_or(before);
    before.ends_with(|letter: char| letter.is_ascii_alphabetic())
}
