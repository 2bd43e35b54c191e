//! From when a key signs: those that there are sign already.

use crate::migration;

migration! {
    up: "
alter table signing_key add column signs_from {instant} not null default '1970-01-01T00:00:00+00:00'
",
    fences: [],
    down: ["column signing_key.signs_from"]
}
