//! What is sent to be imported.

use super::File;
use async_graphql::{ID, InputObject};

/// Clients to take on.
#[derive(InputObject)]
pub struct ClientImportInput {
    /// The franchise that works with them.
    pub franchise_id: ID,
    /// The file as text, unless `csvBase64` is given. Its first line names the columns, in any order and case:
    /// `external_id`, `name`, `industry`, `size_band`, `time_zone`, `region` (its code), `lead` (their e-mail address
    /// or id) and optionally `team_name`. At most 1,000 rows follow. The file has at most 700 kB,
    /// counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, unless `csv` is given: UTF-8 or UTF-16. 700 kB always fit into a request like this;
    /// as text they may not, where JSON escapes many of its characters.
    pub csv_base64: Option<String>,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Members to add to a team.
#[derive(InputObject)]
pub struct MemberImportInput {
    /// The team.
    pub team_id: ID,
    /// The file as text, unless `csvBase64` is given. Its first line names the columns, in any order and case:
    /// `external_id`, `name` and optionally `job_title` and `email`. At most 1,000 rows follow. The file has at most 700 kB,
    /// counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, unless `csv` is given: UTF-8 or UTF-16. 700 kB always fit into a request like this;
    /// as text they may not, where JSON escapes many of its characters.
    pub csv_base64: Option<String>,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Actions to offer to members of a team.
#[derive(InputObject)]
pub struct ActionImportInput {
    /// The team whose work it is.
    pub team_id: ID,
    /// The file as text, unless `csvBase64` is given. Its first line names the columns, in any order and case:
    /// `external_id`, `owner`, `title`, `due_on` (like 2026-03-01) and optionally `detail`. The owner is an active
    /// member of the team, by id, by e-mail address or by the external id they were imported with. At most 1,000 rows follow. The file has at most 700 kB,
    /// counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, unless `csv` is given: UTF-8 or UTF-16. 700 kB always fit into a request like this;
    /// as text they may not, where JSON escapes many of its characters.
    pub csv_base64: Option<String>,
    /// Whether only to tell what would become of each row.
    pub dry_run: Option<bool>,
}

/// Each input's file, with where it goes.
macro_rules! files {
    ($($input:ident: $place:ident;)*) => {
        $(
            impl From<$input> for File {
                fn from(input: $input) -> File {
                    let $input { $place: place, csv, csv_base64, dry_run } = input;
                    File { place, csv, csv_base64, dry_run: dry_run == Some(true) }
                }
            }
        )*
    };
}

files! {
    ClientImportInput: franchise_id;
    MemberImportInput: team_id;
    ActionImportInput: team_id;
}
