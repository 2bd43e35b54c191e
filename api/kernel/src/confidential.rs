//! What the audit log does not show, by table and by column.
//!
//! Invariant: whoever reads the values of an audit event may read the table that the event is about. [`is_hidden`]
//! derives this from the policy, so a new table cannot forget it.
//!
//! Columns follow a rule of their own. Head office reads facts about clients, and a few of their rows hold words, too:
//! why a programme was paused, why a stage was passed although its criteria were not met ([`Scoped::CONFIDENTIAL`]). Those
//! words are for people who work with the client. For others they are null, in the audit they are an event of their
//! own, and an export leaves them blank.

use super::{
    access::{Permission, Role, Roles},
    audit::Parts,
};
use entity::{Matter, Placement, Scoped, Table};

/// Whether the audit hides what is in a table's rows. It does where a reader of the event may not read the table, and
/// where each row is for the person alone who wrote it.
pub(super) const fn is_hidden(table: Table) -> bool {
    let readers = Permission::Read(table).roles();
    match audience(table.placement()) {
        Some(audience) => !audience.is_within(readers),
        None => true,
    }
}

/// The roles that read an event about a row, by the placement of the row; `None` where nobody but the writer may.
const fn audience(placement: Placement) -> Option<Roles> {
    use Placement::*;
    let all = Permission::Read(Table::AuditEvent).roles();
    let admins = all.both(Role::HeadOfficeAdmin.bit());
    match placement {
        Own => None,
        Client | Team | OfClient(Matter::Facts) | OfTeam(Matter::Facts) | Roster | Franchise => Some(all),
        // content is never read by the whole network
        OfClient(_) | OfTeam(_) | Found | Standing => Some(all.without(admins)),
        Platform | Network | Directory | Sealed | Schedule | Outbox | Library | Person | Scope | Audit
        | Release => Some(admins),
    }
}

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
    E::CONFIDENTIAL.iter().map(|column| {
        let mut words = column.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (head, rest) = word.split_at(word.len().min(1));
            name + &head.to_ascii_uppercase() + rest
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables whose rows the audit hides although some reader of the event works with the client.
    #[test]
    fn tables_with_fewer_readers_than_the_audit_are_hidden() {
        let hidden: Vec<&str> =
            Table::ALL.iter().filter(|table| is_hidden(**table)).map(|table| table.name()).collect();
        for table in
            ["decision_read_back", "client_note", "session_rating", "alignment_response", "import_key"]
        {
            assert!(hidden.contains(&table), "{table} is shown: {hidden:?}");
        }
        for table in
            ["action", "decision", "client", "assignment", "membership", "invitation", "support_visit"]
        {
            assert!(!hidden.contains(&table), "{table} is hidden");
        }
    }
}
