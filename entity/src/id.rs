//! Typed identifiers. A row is named by a UUIDv7; to the outside it is a TypeID (typeid specification 0.3):
//! the noun, an underscore and the UUID in 26 digits of Crockford's base 32. So an id says what it names,
//! sorts by age, and an id of another noun can never be mistaken for this one.

use sea_orm::{
    ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, hash, marker::PhantomData};
use uuid::Uuid;

/// What a row can be named as: the prefix of its ids.
pub trait Noun: 'static {
    const PREFIX: &'static str;
}

/// The id of a row of noun `N`.
pub struct Id<N>(Uuid, PhantomData<fn() -> N>);

impl<N> Id<N> {
    pub const fn new(uuid: Uuid) -> Self {
        Id(uuid, PhantomData)
    }
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<N: Noun> Id<N> {
    /// Reads a TypeID of this noun; anything else is nobody's id.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, uuid) = split(text)?;
        (prefix == N::PREFIX).then_some(Id::new(uuid))
    }
}

/// Writes the TypeID of `uuid` behind what `out` holds.
pub fn encode(prefix: &str, uuid: Uuid, out: &mut Vec<u8>) {
    out.extend_from_slice(prefix.as_bytes());
    out.push(b'_');
    let bits = uuid.as_u128();
    out.extend((0..DIGITS).rev().map(|place| ALPHABET[(bits >> (5 * place)) as usize & 31]));
}

/// Splits a TypeID into the prefix and the UUID.
pub fn split(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, digits) = text.rsplit_once('_')?;
    if digits.len() != DIGITS || digits.as_bytes()[0] > b'7' {
        return None;
    }
    let mut bits = 0u128;
    for digit in digits.bytes() {
        bits = bits << 5 | ALPHABET.iter().position(|letter| *letter == digit)? as u128;
    }
    Some((prefix, Uuid::from_u128(bits)))
}

const DIGITS: usize = 26;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl<N> Clone for Id<N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<N> Copy for Id<N> {}
impl<N> PartialEq for Id<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<N> Eq for Id<N> {}
impl<N> PartialOrd for Id<N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<N> Ord for Id<N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<N> hash::Hash for Id<N> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<N: Noun> fmt::Display for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(N::PREFIX.len() + 1 + DIGITS);
        encode(N::PREFIX, self.0, &mut text);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}
impl<N: Noun> fmt::Debug for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<N: Noun> Serialize for Id<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, N: Noun> Deserialize<'de> for Id<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Id::parse(&text).ok_or_else(|| Error::custom("no id of this noun"))
    }
}

impl<N> From<Id<N>> for Value {
    fn from(id: Id<N>) -> Value {
        id.0.into()
    }
}
impl<N> Nullable for Id<N> {
    fn null() -> Value {
        <Uuid as Nullable>::null()
    }
}
impl<N> ValueType for Id<N> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <Uuid as ValueType>::try_from(value).map(Id::new)
    }
    fn type_name() -> String {
        "Id".into()
    }
    fn array_type() -> ArrayType {
        <Uuid as ValueType>::array_type()
    }
    fn column_type() -> ColumnType {
        ColumnType::Uuid
    }
}
impl<N> TryGetable for Id<N> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Uuid::try_get_by(row, index).map(Id::new)
    }
}
impl<N> TryFromU64 for Id<N> {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::Type("an id is not a number".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tree;
    impl Noun for Tree {
        const PREFIX: &'static str = "tree";
    }

    #[test]
    fn the_specifications_examples_hold() {
        for (text, uuid) in [
            ("tree_00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("tree_00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
            ("tree_0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
            ("tree_7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("tree_01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ] {
            let id = Id::<Tree>::parse(text).expect("an id");
            assert_eq!(id.uuid().to_string(), uuid);
            assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_nobodys_id() {
        for text in [
            "",
            "tree",
            "tree_",
            "bush_01h455vb4pex5vsknk084sn02q",
            "tree_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "tree_01H455VB4PEX5VSKNK084SN02Q",
            "tree_01h455vb4pex5vsknk084sn02",
            "tree_01h455vb4pex5vsknk084sn02u",
            "01h455vb4pex5vsknk084sn02q",
        ] {
            assert!(Id::<Tree>::parse(text).is_none(), "{text}");
        }
    }
}
