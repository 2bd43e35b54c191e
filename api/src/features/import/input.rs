//! Inputs of imports.

use super::ImportFile;
use async_graphql::{ID, InputObject};

/// Input for `clientImport`.
#[derive(InputObject)]
pub struct ClientImportInput {
    /// ID of the franchise that works with the clients.
    pub franchise_id: ID,
    /// The file as text. Exactly one of `csv` and `csvBase64` is required. The first line names the columns, in any
    /// order and case: `external_id`, `name`, `industry` (its key or label in the network's `classifications`),
    /// `size_band`, `time_zone`, `region` (its code), `lead` (their e-mail address or ID) and optionally `team_name`.
    /// At most 1,000 rows and 700 kB, counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or
    /// bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, in UTF-8 or UTF-16. Exactly one of `csv` and `csvBase64` is required. A file of
    /// 700 kB always fits into a request this way; as text it may not, because JSON escapes many characters.
    pub csv_base64: Option<String>,
    /// Whether to only check the file and return the result for each row, without saving.
    #[graphql(default)]
    pub dry_run: bool,
}

/// Input for `memberImport`.
#[derive(InputObject)]
pub struct MemberImportInput {
    /// ID of the team.
    pub team_id: ID,
    /// The file as text. Exactly one of `csv` and `csvBase64` is required. The first line names the columns, in any
    /// order and case: `external_id`, `name` and optionally `job_title` and `email`. At most 1,000 rows and 700 kB,
    /// counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, in UTF-8 or UTF-16. Exactly one of `csv` and `csvBase64` is required. A file of
    /// 700 kB always fits into a request this way; as text it may not, because JSON escapes many characters.
    pub csv_base64: Option<String>,
    /// Whether to only check the file and return the result for each row, without saving.
    #[graphql(default)]
    pub dry_run: bool,
}

/// Input for `actionImport`.
#[derive(InputObject)]
pub struct ActionImportInput {
    /// ID of the team that does the work.
    pub team_id: ID,
    /// The file as text. Exactly one of `csv` and `csvBase64` is required. The first line names the columns, in any
    /// order and case: `external_id`, `owner`, `title`, `due_on` (such as 2026-03-01) and optionally `detail`. The
    /// owner is an active member of the team, by ID, by e-mail address or by the external ID of an earlier import. At
    /// most 1,000 rows and 700 kB, counted as UTF-8. Cells are separated by commas (RFC 4180), semicolons, tabs or
    /// bars.
    pub csv: Option<String>,
    /// The bytes of the file in base64, in UTF-8 or UTF-16. Exactly one of `csv` and `csvBase64` is required. A file of
    /// 700 kB always fits into a request this way; as text it may not, because JSON escapes many characters.
    pub csv_base64: Option<String>,
    /// Whether to only check the file and return the result for each row, without saving.
    #[graphql(default)]
    pub dry_run: bool,
}

/// Converts each input to a file with its target.
macro_rules! files {
    ($($input:ident: $place:ident;)*) => {
        $(
            impl From<$input> for ImportFile {
                fn from(input: $input) -> ImportFile {
                    let $input { $place: place, csv, csv_base64, dry_run } = input;
                    ImportFile { place, csv, csv_base64, dry_run }
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
