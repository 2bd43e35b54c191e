//! The e-mail address of whoever used support access, beside the name that they chose.

use crate::migration;

migration! {
    up: "
alter table support_visit add column email text not null default ''
",
    fences: [],
    down: ["column support_visit.email"]
}
