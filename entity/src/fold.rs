//! How texts are compared: whether two names are one, and whether a text contains another.
//!
//! A text is compared by its *fold*. The writing door keeps it beside the text ([`Scoped::FOLDED`](crate::Scoped)), so
//! that both databases compare alike, whatever their collation. Letters that only look alike in different scripts keep
//! different folds.

use unicode_normalization::UnicodeNormalization;

/// The fold of a text: compatibility forms unified and letters composed (NFKC), without regard to case, without
/// invisible characters, and each run of white space as one blank. `İ` and `ı` count as `i`, since their other case is
/// `i` or `I` in one of the languages that write them.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return collapse(&text.to_ascii_lowercase());
    }
    let mut folded = once(text);
    // a letter's other case may compose with the mark behind it
    for _ in 0..3 {
        let again = once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    collapse(&folded.replace("i\u{307}", "i"))
}

/// The column in which the fold of `column` is kept.
pub fn folded(column: &str) -> String {
    format!("{column}_folded")
}

fn once(text: &str) -> String {
    let seen = text.nfkc().filter(|letter| !is_invisible(*letter));
    // by way of the capital letter: ß is SS there, and every form of sigma is Σ
    let capital = seen.flat_map(char::to_lowercase).flat_map(char::to_uppercase).collect::<String>();
    capital.nfkc().flat_map(char::to_lowercase).nfkc().filter(|letter| !is_invisible(*letter)).collect()
}

fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            blank if blank.is_whitespace() && out.ends_with(' ') => {}
            blank if blank.is_whitespace() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

/// Whether a character shows nothing of itself: joiners, marks of direction, soft hyphens, fillers, selectors, tags.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_text_fold_alike() {
        for forms in [
            &["École Étoile", "école étoile", "ÉCOLE ÉTOILE", "E\u{301}cole E\u{301}toile", "École  Étoile"]
                [..],
            &["МОСКВА", "Москва", "москва"],
            &["İstanbul AŞ", "istanbul aş", "i\u{307}stanbul as\u{327}", "İSTANBUL AŞ"],
            &["Kırıkkale", "KIRIKKALE", "kırıkkale"],
            &["ΟΔΥΣΣΕΥΣ", "οδυσσευσ", "οδυσσευς", "Οδυσσευς"],
            &["Straße", "STRASSE", "strasse", "STRAẞE"],
            &[
                "ACME Two",
                "Acme Two",
                "ＡＣＭＥ Ｔｗｏ",
                "acme\u{a0}two",
                "acme\u{3000}two",
                "ac\u{ad}me two",
            ],
            &["ﬁnance", "Finance", "FINANCE"],
            &["ガス", "ｶﾞｽ", "カ\u{3099}ス"],
            &["Ǆ", "ǅ", "ǆ", "dž"],
        ] {
            for form in forms {
                assert_eq!(fold(form), fold(forms[0]), "{form:?} and {:?}", forms[0]);
            }
        }
    }

    #[test]
    fn look_alikes_and_other_letters_fold_apart() {
        for (one, other) in [
            ("Acme", "А\u{441}me"),
            ("Café", "Cafe"),
            ("O", "0"),
            ("co-op", "coop"),
            ("a b", "ab"),
            ("Ο", "O"),
        ] {
            assert_ne!(fold(one), fold(other));
        }
    }

    #[test]
    fn folds_stay_as_they_are_and_know_no_case() {
        let turns = |letter: &char| {
            let other = letter.to_lowercase().chain(letter.to_uppercase());
            !letter.is_ascii() && (other.ne([*letter; 2]) || letter.nfkc().ne([*letter]))
        };
        for letter in (0..=0x10_ffff).filter_map(char::from_u32).filter(turns) {
            let text = format!("a{letter}b");
            let folded = fold(&text);
            assert_eq!(fold(&folded), folded, "U+{:04X}", u32::from(letter));
            assert_eq!(fold(&text.to_uppercase()), folded, "U+{:04X} as a capital", u32::from(letter));
            assert_eq!(fold(&text.to_lowercase()), folded, "U+{:04X} as a small letter", u32::from(letter));
        }
    }
}
