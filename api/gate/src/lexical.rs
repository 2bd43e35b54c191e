//! The first look at a document: bytes alone, before any parser.
//!
//! Parsers recurse, so nesting is bounded before they run. The scan only skips what may hide a bracket (strings,
//! block strings, comments). It judges nothing else: an unterminated string ends with its line here, and the
//! parser refuses it.

/// The limit that a document exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenLimit {
    /// Brackets of any kind inside each other.
    Nesting,
    /// Tokens in the sense of the specification: white space, commas and comments are none.
    Tokens,
}

/// Counts the document's tokens. Stops at the first limit that the document exceeds.
pub fn scan(text: &str, nesting: usize, tokens: usize) -> Result<usize, BrokenLimit> {
    let bytes = text.as_bytes();
    let (mut at, mut open, mut seen) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = line_end(bytes, at);
                continue;
            }
            b'(' | b'{' | b'[' => {
                open += 1;
                at += 1;
                if open > nesting {
                    return Err(BrokenLimit::Nesting);
                }
            }
            b')' | b'}' | b']' => {
                open = open.saturating_sub(1);
                at += 1;
            }
            b'"' if bytes[at..].starts_with(b"\"\"\"") => at = block_string_end(bytes, at + 3),
            b'"' => at = string_end(bytes, at + 1),
            b'.' if bytes[at..].starts_with(b"...") => at += 3,
            b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => at = word_end(bytes, at + 1),
            _ => at += 1,
        }
        seen += 1;
        if seen > tokens {
            return Err(BrokenLimit::Tokens);
        }
    }
    Ok(seen)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let length = bytes[from..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    length.map_or(bytes.len(), |length| from + length)
}

/// The end of a name or a number; a number's point and sign of exponent belong to it.
fn word_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        let next_is_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {}
            b'.' | b'+' | b'-' if next_is_digit => {}
            _ => break,
        }
        at += 1;
    }
    at
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if !matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn block_string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    bytes.len()
}
