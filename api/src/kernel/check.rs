//! Checks of input. All faults are collected, so that one answer names them all.

use super::{
    address,
    error::{Code, Error, Refusal},
    zones::Zone,
};
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
    pub fn refuse_if(&mut self, wrong: bool, code: Code, path: &str, message: &str) {
        if wrong {
            self.refusals.push(Refusal::new(code, message).at(path));
        }
    }
    /// Refuses a name that something has already. If what has it is archived (or closed), says how to go on: by which
    /// mutation it gets another name, if there is one.
    pub fn refuse_taken(&mut self, path: &str, what: &str, taken: Taken, rename: Option<&str>) {
        let message = match (taken, rename) {
            (Taken::No, _) => return,
            (Taken::Active, _) => format!("Another {what} has this name."),
            (Taken::Archived(state), Some(rename)) => format!(
                "A {what} that is {state} has this name. Give that one another name first (`{rename}`), or choose \
                 another name here."
            ),
            (Taken::Archived(state), None) => {
                format!("A {what} that is {state} has this name and keeps it. Choose another name.")
            }
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
    /// A name, a title or a code: text on one line, without invisible characters and special spaces.
    pub fn line(&mut self, path: &str, text: &str, length: RangeInclusive<usize>) -> String {
        let text = self.text(path, text, length);
        let broken = text.contains(['\n', '\t']);
        self.refuse_if(broken, Code::Invalid, path, "This must be plain text on one line.");
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
            let message = format!("This must lie between {} and {}.", range.start(), range.end());
            self.refusals.push(Refusal::new(Code::Invalid, message).at(path));
        }
        number
    }
    /// The name of someone or something that e-mails mention: a line that no mail program turns into a link.
    pub fn name(&mut self, path: &str, text: &str, length: RangeInclusive<usize>) -> String {
        let name = self.line(path, text, length);
        let message = "A name must not contain a web address.";
        self.refuse_if(holds_link(&name), Code::Invalid, path, message);
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

/// Whether every character of a line is seen, and every blank is a plain one. The refusal names the first that is not.
pub fn visible(path: &str, line: &str) -> Result<(), Refusal> {
    let letters: Vec<char> = line.chars().collect();
    let refused = |(at, letter): (usize, &char)| {
        // the space of East Asian writing is as wide as its letters, and seen
        let space = letter.is_whitespace() && !matches!(letter, ' ' | '\n' | '\t' | '\u{3000}');
        (space || is_invisible(*letter) && !is_spelling(&letters, at)).then_some((*letter, space))
    };
    let Some((letter, space)) = letters.iter().enumerate().find_map(refused) else { return Ok(()) };
    let code = format!("U+{:04X}", u32::from(letter));
    let message = if space {
        format!("This contains the special space {code}. Use an ordinary space.")
    } else {
        format!("This contains the invisible character {code}. Remove it.")
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
        assert_eq!(refusal.message, "This contains the invisible character U+200B. Remove it.");
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
