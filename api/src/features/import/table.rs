//! A file of comma-separated text (RFC 4180) as records of cells. What other programs write is read, too: semicolons, tabs
//! and bars, a first line `sep=;`, UTF-16, and each kind of line end. What cannot be read with certainty is refused with
//! the line at which it begins; a lenient reader would take the rows behind an open quotation mark for one cell.

use crate::kernel::{Code, Refusal};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes of a file, as UTF-8.
pub const BYTES: usize = 700_000;

/// What may stand between cells.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// A row of cells, and the line of the file at which it begins, the first being 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub line: i32,
    pub cells: Vec<String>,
}

/// The text of a file that is given as text or as its bytes in base64.
pub fn text(csv: Option<String>, bytes: Option<&str>) -> Result<String, Refusal> {
    let text = match (csv, bytes) {
        (Some(text), None) => text,
        (None, Some(bytes)) => decoded(bytes)?,
        _ => return Err(refuse("Give the file either as `csv` or as `csvBase64`.")),
    };
    if text.len() > BYTES {
        return Err(refuse("A file has at most 700 kB, counted as UTF-8. Split it."));
    }
    if let Some((before, _)) = text.split_once('\0') {
        let line = 1 + before.matches('\n').count();
        return Err(refuse(format!("Line {line} holds a NUL character. Save the file as CSV UTF-8.")));
    }
    Ok(text)
}

/// The text that bytes in base64 encode: UTF-8 or UTF-16.
fn decoded(bytes: &str) -> Result<String, Refusal> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // what a browser makes of a file names its type first
    let bytes = bytes.split_once("base64,").map_or(bytes, |(_, bytes)| bytes);
    let bytes: Vec<u8> = bytes.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = GeneralPurpose::new(&STANDARD, config)
        .decode(bytes)
        .map_err(|_| Refusal::new(Code::Invalid, "This is no base64.").at("input.csvBase64"))?;
    let (encoding, start) = Encoding::for_bom(&bytes).unwrap_or_else(|| {
        let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        // in UTF-16, every other byte of Latin letters and separators is zero
        match (zeros(0), zeros(1)) {
            (big, little) if little > big => (UTF_16LE, 0),
            (big, _) if big > 0 => (UTF_16BE, 0),
            _ => (encoding_rs::UTF_8, 0),
        }
    });
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[start..]);
    text.map(String::from).ok_or_else(|| {
        let message = "The file is neither UTF-8 nor UTF-16. Save it as CSV UTF-8.";
        Refusal::new(Code::Invalid, message).at("input.csvBase64")
    })
}

/// The records of a text, but for those without any text. The separator is the one that a first line `sep=` names, or else
/// the one by which the header has most of the columns.
pub fn records(text: &str, columns: &[&str]) -> Result<Vec<Record>, Refusal> {
    let text = text.trim_start_matches('\u{feff}');
    let named = text.get(..4).filter(|start| start.eq_ignore_ascii_case("sep="));
    let named = named.and_then(|_| text[4..].chars().next()).filter(|sign| SEPARATORS.contains(sign));
    if let Some(separator) = named {
        let mut reader = Reader::new(text, separator);
        reader.end_line();
        return reader.all();
    }
    let known = |separator: &char| {
        let header = Reader::new(text, *separator).filled();
        let cells = header.ok().flatten().map(|header| header.cells).unwrap_or_default();
        cells.iter().filter(|cell| columns.contains(&name(cell).as_str())).count()
    };
    let separator = SEPARATORS.into_iter().rev().max_by_key(known).unwrap_or(',');
    Reader::new(text, separator).all()
}

/// A column's name as it is in the header: in small letters, with a line below where blanks or hyphens stand.
pub fn name(cell: &str) -> String {
    cell.trim().to_lowercase().replace([' ', '-'], "_")
}

struct Reader<'t> {
    text: std::iter::Peekable<std::str::Chars<'t>>,
    separator: char,
    line: i32,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, separator: char) -> Self {
        Reader { text: text.chars().peekable(), separator, line: 1 }
    }

    fn all(mut self) -> Result<Vec<Record>, Refusal> {
        let mut records = vec![];
        while let Some(record) = self.filled()? {
            records.push(record);
        }
        Ok(records)
    }

    /// The next record that has any text.
    fn filled(&mut self) -> Result<Option<Record>, Refusal> {
        while self.text.peek().is_some() {
            let line = self.line;
            let cells = self.cells()?;
            if cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(Record { line, cells }));
            }
        }
        Ok(None)
    }

    /// The cells up to the end of a record, without white space around them.
    fn cells(&mut self) -> Result<Vec<String>, Refusal> {
        let mut cells = vec![];
        loop {
            let blank = |letter: &char| letter.is_whitespace() && !matches!(letter, '\n' | '\r');
            while let Some(sign) = self.text.peek()
                && blank(sign)
                && *sign != self.separator
            {
                self.text.next();
            }
            let cell = if self.text.peek() == Some(&'"') { self.quoted()? } else { self.plain()? };
            cells.push(cell.trim().to_owned());
            match self.text.peek() {
                Some(sign) if *sign == self.separator => {
                    self.text.next();
                }
                _ => {
                    self.end_line();
                    return Ok(cells);
                }
            }
        }
    }

    /// A cell without quotation marks.
    fn plain(&mut self) -> Result<String, Refusal> {
        let mut cell = String::new();
        while let Some(sign) = self.text.peek() {
            match sign {
                '\n' | '\r' => break,
                sign if *sign == self.separator => break,
                '"' => {
                    let message = "a quotation mark stands inside a cell. Put the whole cell in quotation marks, and \
                                   double the one inside.";
                    return Err(refuse(format!("Line {}: {message}", self.line)));
                }
                sign => cell.push(*sign),
            }
            self.text.next();
        }
        Ok(cell)
    }

    /// A cell in quotation marks, up to the separator or the end of the line behind it.
    fn quoted(&mut self) -> Result<String, Refusal> {
        let (opened, mut cell) = (self.line, String::new());
        self.text.next();
        loop {
            match self.text.next() {
                None => {
                    return Err(refuse(format!(
                        "The quotation mark that opens on line {opened} is never closed."
                    )));
                }
                Some('"') if self.text.peek() == Some(&'"') => {
                    self.text.next();
                    cell.push('"');
                }
                Some('"') => break,
                Some(sign) => {
                    let within = sign == '\r' && self.text.peek() == Some(&'\n');
                    if matches!(sign, '\n' | '\r') && !within {
                        self.line += 1;
                    }
                    cell.push(sign);
                }
            }
        }
        while let Some(sign) = self.text.peek() {
            match sign {
                '\n' | '\r' => break,
                sign if *sign == self.separator => break,
                sign if sign.is_whitespace() => {
                    self.text.next();
                }
                _ => {
                    let line = self.line;
                    return Err(refuse(format!(
                        "Line {line}: text stands behind the quotation mark that closes a cell. The cell opens on line \
                         {opened}; double each quotation mark inside it."
                    )));
                }
            }
        }
        Ok(cell)
    }

    /// Goes on behind the end of the line.
    fn end_line(&mut self) {
        while let Some(sign) = self.text.next() {
            if sign == '\r' && self.text.peek() == Some(&'\n') {
                self.text.next();
            }
            if matches!(sign, '\n' | '\r') {
                self.line += 1;
                return;
            }
        }
    }
}

/// A refusal of the whole file.
pub fn refuse(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::Invalid, message).at("input.csv")
}
