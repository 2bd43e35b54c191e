use super::{
    founding::new_entries,
    rules::{MAX_PER_KIND, industry_key, require_key_of_kind, require_room, require_usable_band},
};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{
    Id,
    classification::{self, ClassificationKind},
    client::SizeBand,
};
use uuid::Uuid;

fn entries() -> Vec<classification::Model> {
    let mut number = 0;
    new_entries(Id::new(Uuid::nil()), DateTime::UNIX_EPOCH, || {
        number += 1;
        Id::new(Uuid::from_u128(number))
    })
}

/// The entries with one of them retired.
fn without(key: &str) -> Vec<classification::Model> {
    let mut entries = entries();
    for entry in entries.iter_mut().filter(|entry| entry.key == key) {
        entry.retired_at = Some(DateTime::UNIX_EPOCH);
    }
    entries
}

#[test]
fn an_industry_is_named_by_its_key_or_label() {
    for (entries, named, before, key) in [
        (entries(), "C", None, Some("C")),
        (entries(), " c ", None, Some("C")),
        (entries(), "manufacturing", None, Some("C")),
        (entries(), "Manufacture", None, None),
        (entries(), "", None, None),
        // a size band is no industry
        (entries(), "MEDIUM", None, None),
        (without("C"), "C", None, None),
        (without("C"), "Manufacturing", None, None),
        (without("C"), "C", Some("C"), Some("C")),
        (without("C"), "F", Some("C"), Some("F")),
        (vec![], "C", None, None),
    ] {
        let found = industry_key(&entries, named, before, "input.industry");
        assert_eq!(found.as_deref().ok(), key, "{named:?} before {before:?}");
    }
    let refusal = industry_key(&without("B"), "Mining", None, "input.industry").expect_err("a refusal");
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Invalid, "NOT_CLASSIFIED"));
    assert!(refusal.message.contains(": A, C, D, E,"), "{}", refusal.message);
}

#[test]
fn a_retired_size_band_stays_with_who_has_it() {
    for (entries, before, may) in [
        (entries(), None, true),
        (without("SMALL"), None, false),
        (without("SMALL"), Some(SizeBand::Small), true),
        (without("SMALL"), Some(SizeBand::Large), false),
        (without("LARGE"), None, true),
    ] {
        let allowed = require_usable_band(&entries, SizeBand::Small, before, "input.sizeBand").is_ok();
        assert_eq!(allowed, may, "before {before:?}");
    }
}

#[test]
fn the_keys_of_size_bands_are_those_of_the_schema() {
    use ClassificationKind::*;
    for (kind, key, may) in [
        (Industry, "62.01", true),
        (SizeBand, "MEDIUM", true),
        (SizeBand, "medium", false),
        (SizeBand, "C", false),
    ] {
        assert_eq!(require_key_of_kind(kind, key).is_ok(), may, "{kind:?} {key}");
    }
    assert!(require_room(MAX_PER_KIND - 1).is_ok());
    assert!(require_room(MAX_PER_KIND).is_err());
}
