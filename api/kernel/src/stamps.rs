//! When rows were created and last changed, in every table whose rows have a version.
//!
//! Every statement of the kernel that adds a row writes `created_at` (of the entity, where it has the column) and
//! `updated_at`; every statement that increases `version` writes `updated_at`. What leaves the version leaves
//! `updated_at`, too: counts of secret answers must not say when the last one came.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, Value, sea_query::ColumnType};
use std::str::FromStr;
use uuid::Uuid;

pub(crate) const CREATED: &str = "created_at";
pub(crate) const UPDATED: &str = "updated_at";

/// The columns of a new row beside those of its entity.
pub(crate) fn columns<E: EntityTrait>() -> &'static [&'static str] {
    if !has_version::<E>() {
        return &[];
    }
    if E::Column::from_str(CREATED).is_ok() { &[UPDATED] } else { &[CREATED, UPDATED] }
}

/// Whether a table's rows have a version, and so these columns.
pub(crate) fn has_version<E: EntityTrait>() -> bool {
    version::<E>().is_some()
}

/// Whether a change sets the version of its row.
pub(crate) fn sets_version<E: EntityTrait>(change: &E::ActiveModel) -> bool {
    version::<E>().is_some_and(|version| matches!(change.get(version), ActiveValue::Set(_)))
}

/// The column that counts the changes of a row: a number, unlike the version of the time zone database.
fn version<E: EntityTrait>() -> Option<E::Column> {
    let version = E::Column::from_str("version").ok()?;
    matches!(version.def().get_column_type(), ColumnType::Integer).then_some(version)
}

/// When a new row was created: what it says itself, or else the time in its ID.
pub(crate) fn created<E: EntityTrait>(row: &E::ActiveModel) -> DateTime<Utc> {
    let value = |name| row.get(E::Column::from_str(name).ok()?).into_value();
    if let Some(Value::ChronoDateTimeUtc(Some(at))) = value(CREATED) {
        return at;
    }
    match value("id") {
        Some(Value::Uuid(Some(id))) => time_of(id),
        _ => DateTime::UNIX_EPOCH,
    }
}

/// The time in an ID of version 7, to the millisecond.
fn time_of(id: Uuid) -> DateTime<Utc> {
    let time = id.get_timestamp().map(|time| time.to_unix());
    time.and_then(|(seconds, nanos)| DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos))
        .unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::{action, action_move, member, zone_data};
    use sea_orm::ActiveValue::Set;

    #[test]
    fn rows_with_a_version_have_both_times() {
        assert_eq!(columns::<action::Entity>(), [CREATED, UPDATED]);
        assert_eq!(columns::<member::Entity>(), [UPDATED]);
        assert!(columns::<action_move::Entity>().is_empty());
        assert!(columns::<zone_data::Entity>().is_empty());
    }

    #[test]
    fn an_id_tells_when_its_row_was_created() {
        let at = DateTime::from_timestamp_millis(1_772_442_000_123).expect("a time");
        let id = uuid::Builder::from_unix_timestamp_millis(1_772_442_000_123, &[7; 10]).into_uuid();
        let row = action::ActiveModel { id: Set(entity::Id::new(id)), ..Default::default() };
        assert_eq!(created::<action::Entity>(&row), at);
        assert_eq!(time_of(Uuid::nil()), DateTime::UNIX_EPOCH);
    }
}
