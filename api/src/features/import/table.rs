//! Parses comma-separated text (RFC 4180) into records of cells. Accepts variants of other programs: semicolons, tabs and
//! bars, a first line `sep=;`, UTF-16, and all kinds of line ends. Refuses ambiguous text with its line, because a lenient
//! parser would take all rows after an open quotation mark for one cell.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Maximum number of bytes of a file, as UTF-8.
pub const MAX_BYTES: usize = 700_000;

/// Separators between cells.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// A row of cells, and the line of the file at which it begins. The first line is 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub line: i32,
    pub cells: Vec<String>,
}

/// The text of a file, given as text or as its bytes in base64.
pub fn file_text(csv: Option<String>, bytes: Option<&str>) -> Result<String, Refusal> {
    let text = match (csv, bytes) {
        (Some(text), None) => text,
        (None, Some(bytes)) => decode(bytes)?,
        _ => return Err(file_refusal(message!(NO_FILE, "Give the file either as `csv` or as `csvBase64`."))),
    };
    if text.len() > MAX_BYTES {
        return Err(file_refusal(message!(
            FILE_TOO_LARGE,
            "A file has at most {max} bytes, counted as UTF-8, and this one {bytes}. Split it.",
            max = MAX_BYTES,
            bytes = text.len(),
        )));
    }
    if let Some((before, _)) = text.split_once('\0') {
        let line = 1 + before.matches('\n').count();
        return Err(file_refusal(message!(
            NUL_CHARACTER,
            "Line {line} contains a NUL character. Save the file as CSV UTF-8.",
            line,
        )));
    }
    Ok(text)
}

/// Decodes a text in UTF-8 or UTF-16 from base64.
fn decode(bytes: &str) -> Result<String, Refusal> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // A browser's data URL begins with the type.
    let bytes = bytes.split_once("base64,").map_or(bytes, |(_, bytes)| bytes);
    let bytes: Vec<u8> = bytes.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = GeneralPurpose::new(&STANDARD, config).decode(bytes).map_err(|_| {
        Refusal::new(Code::Invalid, message!(NOT_DECODABLE, "This is no base64.")).at("input.csvBase64")
    })?;
    let (encoding, start) = Encoding::for_bom(&bytes).unwrap_or_else(|| {
        let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        // In UTF-16, every second byte of Latin letters and separators is zero.
        match (zeros(0), zeros(1)) {
            (big, little) if little > big => (UTF_16LE, 0),
            (big, _) if big > 0 => (UTF_16BE, 0),
            _ => (encoding_rs::UTF_8, 0),
        }
    });
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[start..]);
    text.map(String::from).ok_or_else(|| {
        let message = message!(NOT_UTF, "The file is neither UTF-8 nor UTF-16. Save it as CSV UTF-8.");
        Refusal::new(Code::Invalid, message).at("input.csvBase64")
    })
}

/// Parses the records of a text and skips empty ones. The separator is the one of a first line `sep=`, or the one with which
/// the header has the most known columns.
pub fn parse_records(text: &str, columns: &[&str]) -> Result<Vec<Record>, Refusal> {
    let text = text.trim_start_matches('\u{feff}');
    let named = text.get(..4).filter(|start| start.eq_ignore_ascii_case("sep="));
    let named = named.and_then(|_| text[4..].chars().next()).filter(|sign| SEPARATORS.contains(sign));
    if let Some(separator) = named {
        let mut reader = Reader::new(text, separator);
        reader.skip_line_end();
        return reader.read_all();
    }
    let known = |separator: &char| {
        let header = Reader::new(text, *separator).next_record();
        let cells = header.ok().flatten().map(|header| header.cells).unwrap_or_default();
        cells.iter().filter(|cell| columns.contains(&column_name(cell).as_str())).count()
    };
    let separator = SEPARATORS.into_iter().rev().max_by_key(known).unwrap_or(',');
    Reader::new(text, separator).read_all()
}

/// The name of a column in a header cell: in lower case, with underscores for spaces and hyphens.
pub fn column_name(cell: &str) -> String {
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

    fn read_all(mut self) -> Result<Vec<Record>, Refusal> {
        let mut records = vec![];
        while let Some(record) = self.next_record()? {
            records.push(record);
        }
        Ok(records)
    }

    /// Reads the next record that is not empty.
    fn next_record(&mut self) -> Result<Option<Record>, Refusal> {
        while self.text.peek().is_some() {
            let line = self.line;
            let cells = self.read_cells()?;
            if cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(Record { line, cells }));
            }
        }
        Ok(None)
    }

    /// Reads the trimmed cells up to the end of a record.
    fn read_cells(&mut self) -> Result<Vec<String>, Refusal> {
        let mut cells = vec![];
        loop {
            let blank = |letter: &char| letter.is_whitespace() && !matches!(letter, '\n' | '\r');
            while let Some(sign) = self.text.peek()
                && blank(sign)
                && *sign != self.separator
            {
                self.text.next();
            }
            let cell = if self.text.peek() == Some(&'"') { self.read_quoted()? } else { self.read_plain()? };
            cells.push(cell.trim().to_owned());
            match self.text.peek() {
                Some(sign) if *sign == self.separator => {
                    self.text.next();
                }
                _ => {
                    self.skip_line_end();
                    return Ok(cells);
                }
            }
        }
    }

    /// Reads a cell without quotation marks.
    fn read_plain(&mut self) -> Result<String, Refusal> {
        let mut cell = String::new();
        while let Some(sign) = self.text.peek() {
            match sign {
                '\n' | '\r' => break,
                sign if *sign == self.separator => break,
                '"' => {
                    return Err(file_refusal(message!(
                        QUOTE_INSIDE,
                        "Line {line}: a quotation mark stands inside a cell. Put the whole cell in quotation marks, and \
                         double the one inside.",
                        line = self.line,
                    )));
                }
                sign => cell.push(*sign),
            }
            self.text.next();
        }
        Ok(cell)
    }

    /// Reads a cell in quotation marks, up to the separator or the end of the line.
    fn read_quoted(&mut self) -> Result<String, Refusal> {
        let (opened, mut cell) = (self.line, String::new());
        self.text.next();
        loop {
            match self.text.next() {
                None => {
                    return Err(file_refusal(message!(
                        QUOTE_OPEN,
                        "The quotation mark that opens on line {opened} is never closed.",
                        opened,
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
                    return Err(file_refusal(message!(
                        TEXT_AFTER_QUOTE,
                        "Line {line}: text stands behind the quotation mark that closes a cell. The cell opens on line \
                         {opened}; double each quotation mark inside it.",
                        line = self.line,
                        opened,
                    )));
                }
            }
        }
        Ok(cell)
    }

    /// Skips to the next line.
    fn skip_line_end(&mut self) {
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
pub fn file_refusal(message: impl Into<Message>) -> Refusal {
    Refusal::new(Code::Invalid, message).at("input.csv")
}
