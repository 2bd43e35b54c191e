//! Checks of input. All faults are collected, so that one answer names them all.

use super::{
    address,
    error::{Code, Error, Message, Refusal},
    zones::Zone,
};
use crate::message;
use chrono::{Days, NaiveDate};
use entity::is_invisible;
use std::ops::RangeInclusive;

/// Collects refusals.
#[derive(Default)]
pub struct Check {
    refusals: Vec<Refusal>,
}

/// Whether something has a name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    No,
    /// Something in use.
    Active,
    /// Something that is over, in this word: archived, closed.
    Archived(&'static str),
}

impl Check {
    pub fn new() -> Self {
        Self::default()
    }
    /// Refuses where `wrong`.
    pub fn refuse_if(&mut self, wrong: bool, code: Code, path: &str, message: impl Into<Message>) {
        if wrong {
            self.refusals.push(Refusal::new(code, message).at(path));
        }
    }
    /// Refuses a value.
    fn invalid(&mut self, path: &str, message: Message) {
        self.refusals.push(Refusal::new(Code::Invalid, message).at(path));
    }
    /// Refuses a name that something has already. If what has it is archived (or closed), says how to go on: by which
    /// mutation it gets another name, if there is one.
    pub fn refuse_taken(&mut self, path: &str, what: &str, taken: Taken, rename: Option<&str>) {
        let message = match (taken, rename) {
            (Taken::No, _) => return,
            (Taken::Active, _) => {
                message!(NAME_TAKEN, "Another {what} has this name. Choose another name.", what)
            }
            (Taken::Archived(state), Some(rename)) => message!(
                NAME_TAKEN_RENAME,
                "A {what} that is {state} has this name. Give that one another name first (`{rename}`), or choose \
                 another name here.",
                what,
                state,
                rename,
            ),
            (Taken::Archived(state), None) => message!(
                NAME_TAKEN_KEPT,
                "A {what} that is {state} has this name and keeps it. Choose another name.",
                what,
                state,
            ),
        };
        let holder = if matches!(taken, Taken::Active) { "ACTIVE" } else { "ARCHIVED" };
        self.refusals.push(Refusal::new(Code::Taken, message).at(path).with("holder", holder));
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
            let (field, min, max) = (field(path), *length.start(), *length.end());
            let message = if min > 0 && characters == 0 {
                message!(
                    EMPTY,
                    "`{field}` must not be empty. Write {min} to {max} characters.",
                    field,
                    min,
                    max
                )
            } else if characters > max {
                message!(
                    TOO_LONG,
                    "`{field}` has {length} characters, and must have {min} to {max}.",
                    field,
                    length = characters,
                    min,
                    max,
                )
            } else {
                message!(
                    TOO_SHORT,
                    "`{field}` has {length} characters, and must have {min} to {max}.",
                    field,
                    length = characters,
                    min,
                    max,
                )
            };
            self.invalid(path, message);
        }
        if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
            let message = message!(
                CONTROL_CHARACTERS,
                "`{field}` contains control characters. Remove them.",
                field = field(path),
            );
            self.invalid(path, message);
        }
        text
    }
    /// A name, a title or a code: text on one line, without invisible characters and special spaces.
    pub fn line(&mut self, path: &str, text: &str, length: RangeInclusive<usize>) -> String {
        let text = self.text(path, text, length);
        if text.contains(['\n', '\t']) {
            let message = message!(
                NOT_ONE_LINE,
                "`{field}` must be on one line. Remove its line breaks and tabs.",
                field = field(path),
            );
            self.invalid(path, message);
        }
        self.keep(visible(path, &text));
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
            self.invalid(path, out_of_range(path, &range));
        }
        number
    }
    /// The name of someone or something that e-mails mention: a line that no mail program turns into a link.
    pub fn name(&mut self, path: &str, text: &str, length: RangeInclusive<usize>) -> String {
        let name = self.line(path, text, length);
        if holds_link(&name) {
            let message = message!(
                WEB_ADDRESS,
                "`{field}` must not contain a web address. Remove it.",
                field = field(path),
            );
            self.invalid(path, message);
        }
        name
    }
    /// The same where it is given.
    pub fn name_if(
        &mut self,
        path: &str,
        text: Option<&String>,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        text.map(|text| self.name(path, text, length))
    }
    /// An e-mail address in its one spelling.
    pub fn email(&mut self, path: &str, email: &str) -> String {
        let seen = self.keep(visible(path, email.trim())).is_some();
        match address::canonical(email) {
            Ok(address) => address,
            Err(message) => {
                self.refuse_if(seen, Code::Invalid, path, message);
                email.trim().to_lowercase()
            }
        }
    }
    /// A time zone by its IANA name in any case, as the IANA database spells it.
    pub fn zone(&mut self, path: &str, name: &str) -> String {
        let zone = Zone::find(name.trim());
        if zone.is_none() {
            let message = message!(
                NOT_A_TIME_ZONE,
                "`{field}` must be the name of an IANA time zone, such as {example}.",
                field = field(path),
                example = "Europe/London",
            );
            self.invalid(path, message);
        }
        zone.map_or_else(String::new, |zone| zone.name().to_owned())
    }
    /// A due date: today or later, and within five years.
    pub fn due(&mut self, path: &str, due: NaiveDate, today: NaiveDate) -> NaiveDate {
        let latest = today.checked_add_days(Days::new(5 * 366)).unwrap_or(NaiveDate::MAX);
        let field = field(path);
        if due < today {
            let message =
                message!(PAST, "`{field}` must be today ({earliest}) or later.", field, earliest = today);
            self.invalid(path, message);
        } else if due > latest {
            let message = message!(TOO_LATE, "`{field}` must be {latest} or earlier.", field, latest);
            self.invalid(path, message);
        }
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

/// What the last part of a path names: `dueOn` of `input.items.3.dueOn`, `options.3` of `input.options.3`.
pub fn field(path: &str) -> &str {
    let is_name = |part: &str| !part.bytes().all(|byte| byte.is_ascii_digit());
    let mut from = path.len();
    for part in path.rsplit('.') {
        from -= part.len();
        if is_name(part) {
            break;
        }
        // the full stop before it
        from = from.saturating_sub(1);
    }
    &path[from..]
}

/// What is said of a number outside a range. Some ranges are a single number.
pub fn out_of_range(path: &str, range: &RangeInclusive<i32>) -> Message {
    let (field, min, max) = (field(path), *range.start(), *range.end());
    if min == max {
        return message!(NOT_EQUAL, "`{field}` must be {expected}.", field, expected = min);
    }
    message!(OUT_OF_RANGE, "`{field}` must be a number from {min} to {max}.", field, min, max)
}

/// Whether every character of a line is seen, and every blank is a plain one. The refusal names the first that is not.
pub fn visible(path: &str, line: &str) -> Result<(), Refusal> {
    let letters: Vec<char> = line.chars().collect();
    let refused = |(at, letter): (usize, &char)| {
        // the space of East Asian writing is as wide as its letters, and seen
        let space = letter.is_whitespace() && !matches!(letter, ' ' | '\n' | '\t' | '\u{3000}');
        (space || is_invisible(*letter) && !is_spelling(&letters, at)).then_some((*letter, space))
    };
    let Some((letter, space)) = letters.iter().enumerate().find_map(refused) else { return Ok(()) };
    let character = format!("U+{:04X}", u32::from(letter));
    let field = field(path);
    let message = if space {
        message!(
            SPECIAL_SPACE,
            "`{field}` contains the special space {character}. Use an ordinary space.",
            field,
            character,
        )
    } else {
        message!(
            INVISIBLE_CHARACTER,
            "`{field}` contains the invisible character {character}. Remove it.",
            field,
            character,
        )
    };
    Err(Refusal::new(Code::Invalid, message).at(path))
}

/// Whether an invisible character is part of how something is written: joiners between letters of scripts that join
/// (Arabic, Indic) and inside emoji, and the selector behind a symbol.
fn is_spelling(letters: &[char], at: usize) -> bool {
    let joins = |at: Option<usize>| {
        let letter = at.and_then(|at| letters.get(at));
        letter.is_some_and(|letter| *letter > '\u{590}' && !letter.is_whitespace())
    };
    match letters[at] {
        '\u{200c}' | '\u{200d}' => joins(at.checked_sub(1)) && joins(Some(at + 1)),
        '\u{fe0f}' => joins(at.checked_sub(1)),
        _ => false,
    }
}

/// Whether mail programs would turn a part of a text into a link: a scheme, `www.`, or a domain with a path, a port, a
/// query or a user before it. Full stops and slashes of other scripts count as they are read.
fn holds_link(text: &str) -> bool {
    let plain: String = text.chars().map(as_typed).collect::<String>().to_lowercase();
    plain.contains("://")
        || plain
            .split(|letter: char| letter.is_whitespace() || "()[]{}<>,;|\"'".contains(letter))
            .any(is_link)
}

fn is_link(word: &str) -> bool {
    let schemes = ["mailto:", "tel:", "javascript:", "data:", "www."];
    if schemes.iter().any(|scheme| word.starts_with(scheme)) || word.contains(".www.") {
        return true;
    }
    let Some(at) = word.find(['/', ':', '?', '#', '@']) else { return false };
    let (before, after) = word.split_at(at);
    let rest = after.trim_end_matches(['/', ':', '?', '#', '@', '.', '!']);
    if let Some(domain) = after.strip_prefix('@') {
        return is_domain(domain);
    }
    is_domain(before) && (!rest.is_empty() || after.starts_with('/'))
}

/// Whether this is a domain below some top level, by its form.
fn is_domain(text: &str) -> bool {
    let host = text.split(['/', ':', '?', '#']).next().unwrap_or_default().trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    labels.len() > 1
        && labels
            .iter()
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
        && (top.chars().count() > 1 && top.chars().all(|c| c.is_alphabetic() || c == '-')
            || labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok())
            || top.starts_with("xn--"))
}

/// Wide and look-alike forms of the marks in web addresses, as the marks themselves.
fn as_typed(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '\u{3002}' | '\u{ff61}' | '\u{2024}' | '\u{fe52}' => '.',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        '\u{2236}' | '\u{a789}' | '\u{fe55}' => ':',
        _ => letter,
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
            ("نرم\u{200c}افزار", true),
            ("山田\u{3000}太郎", true),
            ("❤\u{fe0f}", true),
            ("Acme\u{200d}Nord", false),
            ("Acme\u{a0}Nord", false),
            ("Acme\u{2009}Nord", false),
            ("Ac\u{ad}me", false),
            ("Acme\u{fe0f}", false),
        ] {
            let mut check = Check::new();
            check.line("input.name", text, 1..=120);
            assert_eq!(check.refusals().is_empty(), fine, "{text:?}");
        }
        let refusal = visible("input.name", "Acme\u{200b}").expect_err("it is invisible");
        assert_eq!(refusal.message, "`name` contains the invisible character U+200B. Remove it.");
    }

    #[test]
    fn a_message_names_the_field_and_its_values_are_parameters() {
        for (path, name) in [
            ("input.title", "title"),
            ("input.items.3.dueOn", "dueOn"),
            ("input.options.3", "options.3"),
            ("name", "name"),
            ("3", "3"),
            ("", ""),
        ] {
            assert_eq!(field(path), name);
        }
        let mut check = Check::new();
        check.text("input.items.0.title", "Ab", 3..=200);
        check.number("input.rank", 0, 1..=5);
        let refusals = check.refusals();
        let found: Vec<_> = refusals
            .iter()
            .map(|refusal| {
                let params = refusal.params.iter().map(|param| (param.name.as_str(), param.value.as_str()));
                (refusal.reason.as_str(), refusal.message.as_str(), params.collect::<Vec<_>>())
            })
            .collect();
        let short = [("field", "title"), ("length", "2"), ("min", "3"), ("max", "200")];
        let range = [("field", "rank"), ("min", "1"), ("max", "5")];
        assert_eq!(
            found,
            [
                ("TOO_SHORT", "`title` has 2 characters, and must have 3 to 200.", short.to_vec()),
                ("OUT_OF_RANGE", "`rank` must be a number from 1 to 5.", range.to_vec()),
            ]
        );
        assert_eq!(Refusal::new(Code::NotOwner, "Only the owner can do this.").reason, "NOT_OWNER");
    }

    #[test]
    fn a_name_holds_no_link() {
        for (text, fine) in [
            ("Account blocked, verify at evil.example/x", false),
            ("Verify at http://evil.example", false),
            ("Verify at HTTPS://evil.example", false),
            ("ftp://evil.example", false),
            ("www.evil.example", false),
            ("(www.evil.example)", false),
            ("evil.example/", false),
            ("evil.example:8443", false),
            ("evil.example?x=1", false),
            ("evil.example#x", false),
            ("10.0.0.1/x", false),
            ("mailto:me", false),
            ("write to help@evil.example", false),
            ("ｅｖｉｌ．ｅｘａｍｐｌｅ／ｘ", false),
            ("evil。example/x", false),
            ("evil.xn--p1ai/x", false),
            ("пример.рф/x", false),
            ("Booking.com", true),
            ("St. Gallen / Bern", true),
            ("Smith & Co. Ltd.", true),
            ("A/S Norden", true),
            ("24/7 Care", true),
            ("J.P. Ó Sé", true),
            ("Ratio 3:1", true),
            ("Team: North", true),
            ("Q1/2026", true),
            ("v1.2/beta", true),
            ("Why? Because.", true),
        ] {
            let mut check = Check::new();
            check.name("input.name", text, 1..=120);
            assert_eq!(check.refusals().is_empty(), fine, "{text}");
        }
    }
}
