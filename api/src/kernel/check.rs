//! Checks of input. All faults are collected, so that one answer names them all.

use super::{
    error::{Code, Error, Refusal},
    zones::Zone,
};
use chrono::{Days, NaiveDate};
use std::ops::RangeInclusive;

/// Collects refusals.
#[derive(Default)]
pub struct Check {
    refusals: Vec<Refusal>,
}

impl Check {
    pub fn new() -> Self {
        Self::default()
    }
    /// Refuses where `wrong`.
    pub fn refuse_if(&mut self, wrong: bool, code: Code, path: &str, message: &str) {
        if wrong {
            self.refusals.push(Refusal::new(code, message).at(path));
        }
    }
    /// What a rule answers, or its refusal kept with the others.
    pub fn keep<T>(&mut self, answer: Result<T, Refusal>) -> Option<T> {
        answer.map_err(|refusal| self.refusals.push(refusal)).ok()
    }
    /// Text without white space around it, of so many characters, without control characters but new lines and
    /// tabs. However a line ends where it was written, here it ends with a line feed.
    pub fn text(&mut self, path: &str, text: &str, length: RangeInclusive<usize>) -> String {
        let text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
        let characters = text.chars().count();
        if !length.contains(&characters) {
            let message = if *length.start() > 0 && characters == 0 {
                "This must not be empty.".to_owned()
            } else {
                format!("This must have {} to {} characters.", length.start(), length.end())
            };
            self.refusals.push(Refusal::new(Code::Invalid, message).at(path));
        }
        let control = text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'));
        self.refuse_if(control, Code::Invalid, path, "This holds control characters.");
        text
    }
    /// A name or a title: text on one line, of which something is to be seen, and none of which turns the direction of
    /// what is written around it.
    pub fn line(&mut self, path: &str, text: &str, length: RangeInclusive<usize>) -> String {
        let text = self.text(path, text, length);
        let unseen = |letter: char| letter.is_whitespace() || is_unseen(letter);
        let blank = !text.is_empty() && text.chars().all(unseen);
        self.refuse_if(blank, Code::Invalid, path, "There is nothing to be seen in this.");
        let turns =
            |letter| matches!(letter, '\n' | '\t' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        self.refuse_if(text.contains(turns), Code::Invalid, path, "This must be plain text on one line.");
        text
    }
    /// The same where it is given.
    pub fn line_if(
        &mut self,
        path: &str,
        text: Option<&String>,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        text.map(|text| self.line(path, text, length))
    }
    /// Text where it is given.
    pub fn text_if(
        &mut self,
        path: &str,
        text: Option<&String>,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        text.map(|text| self.text(path, text, length))
    }
    /// A number within a range.
    pub fn number(&mut self, path: &str, number: i32, range: RangeInclusive<i32>) -> i32 {
        if !range.contains(&number) {
            let message = format!("This must lie between {} and {}.", range.start(), range.end());
            self.refusals.push(Refusal::new(Code::Invalid, message).at(path));
        }
        number
    }
    /// An e-mail address, in lower case.
    pub fn email(&mut self, path: &str, email: &str) -> String {
        let email = email.trim().to_lowercase();
        let parsed = email.parse::<lettre::Address>();
        let wrong = parsed.is_err() || email.len() > 254;
        self.refuse_if(wrong, Code::Invalid, path, "This is no e-mail address.");
        email
    }
    /// A time zone by its IANA name in any case, as the IANA database spells it.
    pub fn zone(&mut self, path: &str, name: &str) -> String {
        let zone = Zone::find(name.trim());
        self.refuse_if(zone.is_none(), Code::Invalid, path, "This is no IANA time zone, like Europe/London.");
        zone.map_or_else(String::new, |zone| zone.name().to_owned())
    }
    /// A due date: today or later, and within five years.
    pub fn due(&mut self, path: &str, due: NaiveDate, today: NaiveDate) -> NaiveDate {
        self.refuse_if(due < today, Code::Invalid, path, "A due date lies today or later.");
        let far = today.checked_add_days(Days::new(5 * 366)).is_none_or(|limit| due > limit);
        self.refuse_if(far, Code::Invalid, path, "A due date lies within five years.");
        due
    }
    /// What a rule makes of a part of the input; its refusals join the others.
    pub fn take<T>(&mut self, part: Result<T, Vec<Refusal>>) -> Option<T> {
        part.map_err(|refusals| self.refusals.extend(refusals)).ok()
    }
    /// What was refused so far.
    pub fn refusals(self) -> Vec<Refusal> {
        self.refusals
    }
    pub fn done(self) -> Result<(), Error> {
        if self.refusals.is_empty() { Ok(()) } else { Err(Error::Refused(self.refusals)) }
    }
}

/// Whether a character takes no room: joiners, marks of direction, tags.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether the version that a caller read is still the row's.
pub fn expect_version(now: i32, expected: Option<i32>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != now => {
            let message = format!(
                "Version {expected} was expected and {now} is current. Read it again and decide anew."
            );
            Err(Refusal::new(Code::Conflict, message).at("input.expectedVersion"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_seen_and_on_one_line() {
        for (text, fine) in [
            ("Zoë O’Neill", true),
            ("خالد العلي", true),
            ("👩\u{200d}💻 lead", true),
            ("Bob\n\nYour account is locked", false),
            ("Bob\tSmith", false),
            ("\u{200b}\u{200b}", false),
            ("\u{e0041}", false),
            ("abc\u{202e}fed", false),
        ] {
            let mut check = Check::new();
            check.line("input.name", text, 1..=120);
            assert_eq!(check.refusals().is_empty(), fine, "{text:?}");
        }
    }
}
