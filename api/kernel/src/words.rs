//! How a text becomes the words that it is found by, and what is looked up for a text that is searched for.
//!
//! Words are folded ([`entity::fold`]), without marks, and transcribed to small Latin letters and digits, so that "Łódź"
//! is found by "lodz" and by itself. What a hyphen or an apostrophe joins is found by its parts and as one word.
//! Scripts that put no blanks between words (Han, Kana, Thai, Lao, Khmer, Burmese) are found by each pair of neighbouring
//! characters.

use entity::fold;
use unicode_normalization::char::is_combining_mark;

/// Words of a search that count.
pub const ASKED: usize = 8;
/// Ranges of words that a search looks up at most.
const RANGES: usize = 16;
/// Letters of a word that count.
pub const LETTERS: usize = 40;

/// A stretch of text without blanks in it.
enum Stretch {
    /// Words that hyphens and apostrophes join.
    Joined(Vec<String>),
    /// Characters of a script without blanks.
    Run(Vec<char>),
}

/// The words that a text is found by.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    stretches(text).into_iter().flat_map(|stretch| match stretch {
        Stretch::Joined(parts) => {
            // what begins with a later part, and ends with the last, is one word too
            let joined: Vec<String> = (1..parts.len()).map(|from| cut(&parts[from - 1..].concat())).collect();
            [parts, joined].concat()
        }
        Stretch::Run(letters) => {
            let pairs = letters.windows(2).map(|pair| pair.iter().collect::<String>());
            pairs.chain(letters.last().map(char::to_string)).collect()
        }
    })
}

/// For each word that is searched for, what a word found must at least be, and what it must stay below. A word is found
/// by how it begins; a word of one letter must be whole.
pub fn asked(text: &str) -> Vec<(String, String)> {
    let whole = |word: String| (word.clone(), format!("{word}!"));
    let beginning = |word: String| (word.clone(), format!("{word}\u{10ffff}"));
    let ranges = stretches(text).into_iter().take(ASKED).flat_map(|stretch| match stretch {
        Stretch::Joined(parts) => {
            let word = cut(&parts.concat());
            vec![if word.chars().count() == 1 { whole(word) } else { beginning(word) }]
        }
        Stretch::Run(letters) => match letters.as_slice() {
            [letter] => vec![beginning(letter.to_string())],
            letters => letters.windows(2).map(|pair| whole(pair.iter().collect())).collect(),
        },
    });
    ranges.take(RANGES).collect()
}

fn stretches(text: &str) -> Vec<Stretch> {
    let mut out = vec![];
    let mut parts: Vec<String> = vec![];
    let mut part = String::new();
    let mut run: Vec<char> = vec![];
    let end_part = |part: &mut String, parts: &mut Vec<String>| {
        parts.extend(Some(plain(&std::mem::take(part))).filter(|plain| !plain.is_empty()));
    };
    let end_parts = |parts: &mut Vec<String>, out: &mut Vec<Stretch>| {
        out.extend(Some(std::mem::take(parts)).filter(|parts| !parts.is_empty()).map(Stretch::Joined));
    };
    let end_run = |run: &mut Vec<char>, out: &mut Vec<Stretch>| {
        out.extend(Some(std::mem::take(run)).filter(|run| !run.is_empty()).map(Stretch::Run));
    };
    for letter in fold(text).chars() {
        let spelled = letter.is_alphanumeric() || is_combining_mark(letter);
        if spelled && is_unspaced(letter) {
            end_part(&mut part, &mut parts);
            end_parts(&mut parts, &mut out);
            run.push(letter);
            continue;
        }
        end_run(&mut run, &mut out);
        if spelled {
            part.push(letter);
            continue;
        }
        end_part(&mut part, &mut parts);
        if !matches!(letter, '\'' | '’' | 'ʼ' | '-' | '\u{2010}') {
            end_parts(&mut parts, &mut out);
        }
    }
    end_run(&mut run, &mut out);
    end_part(&mut part, &mut parts);
    end_parts(&mut parts, &mut out);
    out
}

/// A word in small Latin letters and digits; as it is, where it cannot be transcribed.
fn plain(word: &str) -> String {
    let plain: String =
        any_ascii::any_ascii(word).chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    cut(if plain.is_empty() { word.to_owned() } else { plain.to_ascii_lowercase() }.as_str())
}

fn cut(word: &str) -> String {
    word.chars().take(LETTERS).collect()
}

/// Whether a letter is of a script that puts no blanks between words.
fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x2e80..=0x2fdf | 0x3005..=0x3007
        | 0x3021..=0x3029 | 0x3038..=0x303b | 0x3040..=0x312f | 0x31f0..=0x31ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xaa60..=0xaa7f | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded() {
        for (text, expected) in [
            ("Call the three LARGEST customers", "call the three largest customers"),
            ("Łódź, Kraków & São Paulo: naïve façade", "lodz krakow sao paulo naive facade"),
            ("Straße Ægir ½", "strasse aegir 1 2"),
            ("don't re-plan Q3/2026", "don t dont re plan replan q3 2026"),
            ("O’Brien", "o brien obrien"),
            ("Москва", "moskva"),
            ("计划 2026", "计划 划 2026"),
            ("会", "会"),
            ("  \n—…! ", ""),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>().join(" "), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(90)).next().map(|word| word.len()), Some(LETTERS));
    }

    #[test]
    fn a_text_is_found_by_its_parts_and_spellings() {
        let finds = |asked_for: &str, text: &str| {
            let words: Vec<String> = words(text).collect();
            let ranges = asked(asked_for);
            let has = |(least, below): &(String, String)| {
                words.iter().any(|word| *word >= *least && *word < *below)
            };
            !ranges.is_empty() && ranges.iter().all(has)
        };
        for (asked_for, text, found) in [
            ("cust", "customers", true),
            ("customers", "customer", false),
            ("cust", "curt", false),
            ("a", "a", true),
            ("a", "all", false),
            ("Łó", "lodz", true),
            ("3", "30", false),
            ("30", "300", true),
            ("obrien", "O'Brien", true),
            ("o'brien", "OBrien", true),
            ("brien", "O’Brien", true),
            ("replan", "We re-plan it", true),
            ("re-plan", "We replan it", true),
            ("email", "an e-mail", true),
            ("e-mail", "an email", true),
            ("art", "state-of-the-art", true),
            ("ofthe", "state-of-the-art", true),
            ("计划", "季度战略计划评审", true),
            ("评审", "季度战略计划评审", true),
            ("计评", "季度战略计划评审", false),
            ("审", "季度战略计划评审", true),
            ("度", "季度战略计划评审", true),
            ("会議", "第三回会議の準備", true),
            ("準備", "第三回会議の準備", true),
            ("ガス", "東京ｶﾞｽ", true),
            ("แผน", "ทบทวนแผนกลยุทธ์", true),
            ("กลยุทธ์", "ทบทวนแผนกลยุทธ์", true),
            ("ແຜນ", "ທົບທວນແຜນການ", true),
            ("ផែនការ", "ពិនិត្យផែនការយុទ្ធសាស្ត្រ", true),
            ("strategy 计划", "Strategy计划2026", true),
            ("istanbul", "İstanbul AŞ", true),
            ("İSTANBUL", "istanbul", true),
        ] {
            assert_eq!(finds(asked_for, text), found, "{asked_for} finds {text}");
        }
        assert_eq!(asked("a b c d e f g h i j").len(), ASKED);
        assert_eq!(asked(" — "), vec![]);
    }
}
