//! The sentences of e-mails in each language: files of lines `key = text`, in which names in braces stand for values.

use crate::kernel::Zone;
use chrono::{DateTime, NaiveDate, Utc};
use entity::{network::Locale, notice::NoticeKind};
use sea_orm::ActiveEnum;
use std::{collections::BTreeMap, sync::LazyLock};

type Texts = BTreeMap<&'static str, &'static str>;

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| parse(include_str!("english.txt")));
static GERMAN: LazyLock<Texts> = LazyLock::new(|| parse(include_str!("german.txt")));

fn parse(file: &'static str) -> Texts {
    file.lines().filter_map(|line| line.split_once(" = ")).collect()
}

fn of(locale: Locale) -> &'static Texts {
    match locale {
        Locale::English => &ENGLISH,
        Locale::German => &GERMAN,
    }
}

/// The keys of a language's texts, in order.
#[cfg(test)]
pub fn keys(locale: Locale) -> impl Iterator<Item = &'static str> {
    of(locale).keys().copied()
}

/// The keys of the subject and of the line of a kind.
pub fn of_kind(kind: NoticeKind) -> (String, String) {
    let name = kind.to_value();
    (format!("{name}.subject"), format!("{name}.line"))
}

/// A text with its values. Values are filled in once: a brace in a value stays as it is.
pub fn fill(locale: Locale, key: &str, values: &[(&str, &str)]) -> String {
    let mut rest = of(locale).get(key).copied().unwrap_or_default();
    let mut filled = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled + rest
}

/// A count with its noun: the keys are the noun with `.one` and with `.many`.
pub fn count(locale: Locale, noun: &str, count: i64) -> String {
    let form = if count == 1 { "one" } else { "many" };
    fill(locale, &format!("{noun}.{form}"), &[("count", &count.to_string())])
}

/// A date as people of a language write it.
pub fn date(locale: Locale, day: NaiveDate) -> String {
    match locale {
        Locale::English => day.format("%-d %B %Y").to_string(),
        Locale::German => day.format("%-d.%-m.%Y").to_string(),
    }
}

/// A local date and time.
pub fn date_and_time(locale: Locale, at: DateTime<Utc>, zone: Zone) -> String {
    let local = zone.local(at);
    format!("{}, {}", date(locale, local.date()), local.format("%H:%M"))
}
