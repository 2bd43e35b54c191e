//! Words among facts. Head office reads facts about clients, and a few of their rows hold words, too: why a programme was
//! paused, why a stage was passed although its criteria were not met ([`Scoped::INNER`]). They are for those who work
//! with the client. To others they read as null, in the audit they are an event of their own, and an export leaves
//! them blank.

use super::audit::Parts;
use entity::Scoped;

/// Takes the words out of what changed of a row, where there are any before or after.
pub(super) fn taken_out<E: Scoped>(parts: &mut [Option<Parts>; 2]) -> Option<[Option<Parts>; 2]> {
    let taken = parts.each_mut().map(|side| {
        side.as_mut()
            .map(|side| names::<E>().filter_map(|name| side.shift_remove_entry(&name)).collect::<Parts>())
    });
    let any = taken.iter().flatten().flat_map(Parts::values).any(|value| !value.is_null());
    any.then_some(taken)
}

/// Leaves a row, told as JSON, without the words.
pub fn blank<E: Scoped>(row: &mut serde_json::Value) {
    for name in names::<E>() {
        row[name] = serde_json::Value::Null;
    }
}

/// The names of the columns with the words, as rows are told in JSON.
fn names<E: Scoped>() -> impl Iterator<Item = String> {
    E::INNER.iter().map(|column| {
        let mut words = column.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (head, rest) = word.split_at(word.len().min(1));
            name + &head.to_ascii_uppercase() + rest
        })
    })
}
