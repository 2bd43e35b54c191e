//! Whose an object of a team is, for the fields that tell what is allowed: the rules of [`super::editing`] as conditions on
//! a row.

/// Whether the caller is an active member of the team of a row.
pub const MEMBER: &str = "exists (select 1 from member m where m.team_id = {t}.team_id and m.person_id = {me} \
                          and m.status = {MemberStatus::Active})";

/// Whether the caller is the member that a column names.
pub fn owned_by(column: &str) -> String {
    format!("exists (select 1 from member m where m.id = {{t}}.{column} and m.person_id = {{me}})")
}

/// Whether the caller shapes the work of the client's teams or is the member that a column names.
pub fn edited_by(column: &str) -> String {
    format!("{{shapes}} or {}", owned_by(column))
}

/// Whether the caller is the member that a column names, or runs the programme and that member has no login.
pub fn reported_by(column: &str) -> String {
    let without =
        format!("exists (select 1 from member m where m.id = {{t}}.{column} and m.person_id is null)");
    format!("{} or {{runs}} and {without}", owned_by(column))
}
