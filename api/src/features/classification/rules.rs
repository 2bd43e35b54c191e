//! Rules of the classification of clients.

use crate::{
    kernel::{Code, Refusal, check::field},
    message,
};
use entity::{
    classification::{self, ClassificationKind},
    client::SizeBand,
    fold,
};
use sea_orm::{ActiveEnum, Iterable};

/// Maximum number of entries of a kind.
pub const MAX_PER_KIND: usize = 100;
/// Number of keys that a refusal lists.
const LISTED: usize = 30;

/// The key of a size band, as the schema has it: `MEDIUM`.
pub fn band_key(band: SizeBand) -> String {
    band.to_value().to_ascii_uppercase()
}

/// Requires that an entry's key is possible in its kind: that of a size band names one.
pub fn require_key_of_kind(kind: ClassificationKind, key: &str) -> Result<(), Refusal> {
    let bands: Vec<String> = SizeBand::iter().map(band_key).collect();
    if kind == ClassificationKind::Industry || bands.iter().any(|band| band == key) {
        return Ok(());
    }
    let message = message!(
        NOT_ALLOWED,
        "`{field}` must be one of {allowed}.",
        field = "key",
        allowed = bands.join(", ")
    );
    Err(Refusal::new(Code::Invalid, message).at("input.key"))
}

/// Requires that a kind has room for another entry.
pub fn require_room(entries: usize) -> Result<(), Refusal> {
    if entries < MAX_PER_KIND {
        return Ok(());
    }
    let message = message!(
        CLASSIFICATIONS_PER_KIND,
        "A kind has at most {max} entries. Change one that is no longer needed.",
        max = MAX_PER_KIND,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.kind"))
}

/// The key of the industry that an input names by its key or label, in any case. `before` is the client's present key,
/// which it keeps even if the entry is retired.
pub fn industry_key(
    entries: &[classification::Model],
    named: &str,
    before: Option<&str>,
    path: &str,
) -> Result<String, Refusal> {
    let named = fold(named.trim());
    if let Some(before) = before.filter(|before| fold(before) == named) {
        return Ok(before.to_owned());
    }
    let mut usable: Vec<&classification::Model> = entries
        .iter()
        .filter(|entry| entry.kind == ClassificationKind::Industry && entry.retired_at.is_none())
        .collect();
    usable.sort_by(|one, other| (one.position, &one.key).cmp(&(other.position, &other.key)));
    let found = usable
        .iter()
        .find(|entry| fold(&entry.key) == named)
        .or_else(|| usable.iter().find(|entry| fold(&entry.label) == named));
    if let Some(entry) = found {
        return Ok(entry.key.clone());
    }
    let keys: Vec<&str> = usable.iter().take(LISTED).map(|entry| entry.key.as_str()).collect();
    let more = if usable.len() > LISTED { ", …" } else { "" };
    let message = message!(
        NOT_CLASSIFIED,
        "`{field}` must be the key or label of an industry of the network: {allowed}. `classifications` lists them with \
         their labels; head office adds others (`classificationCreate`).",
        field = field(path),
        allowed = format!("{}{more}", keys.join(", ")),
    );
    Err(Refusal::new(Code::Invalid, message).at(path))
}

/// Requires that the network has not retired a size band. `before` is the client's present one, which it keeps.
pub fn require_usable_band(
    entries: &[classification::Model],
    band: SizeBand,
    before: Option<SizeBand>,
    path: &str,
) -> Result<(), Refusal> {
    let key = band_key(band);
    let retired = entries.iter().any(|entry| {
        entry.kind == ClassificationKind::SizeBand && entry.key == key && entry.retired_at.is_some()
    });
    if !retired || before == Some(band) {
        return Ok(());
    }
    let message = message!(
        SIZE_BAND_RETIRED,
        "The network no longer uses the size band {band}. Choose another one: `classifications` lists them.",
        band = key,
    );
    Err(Refusal::new(Code::Invalid, message).at(path))
}
