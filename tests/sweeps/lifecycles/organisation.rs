//! The lives of the organisation.

use super::{Life, closed, dated, life};
use entity::{
    client::ClientStatus, client_transfer::TransferStatus, franchise::FranchiseStatus, member::MemberStatus,
};

/// Who is there, and who may come in.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn organisation() -> Vec<Life> {
    let mut clients = closed::<ClientStatus>();
    clients.iter_mut().for_each(|(_, sql)| sql.push_str(", erased_at = null"));
    clients.extend(dated(&[("erased", "status = 'archived', erased_at = {now}")]));
    let people = dated(&[("there", "erased_at = null"), ("erased", "erased_at = {now}")]);
    vec![
        Life {
            table: "client",
            states: clients,
            allowed: &[
                ("clientUpdate", &["active", "paused", "prospect", "alumni", "archived"]),
                ("clientTransfer", &["active", "paused", "prospect", "alumni", "archived"]),
                ("clientActivate", &["prospect", "alumni"]),
                ("clientPause", &["active"]),
                ("clientResume", &["paused"]),
                ("clientGraduate", &["active", "paused"]),
                ("clientRenew", &["active", "paused"]),
                ("clientArchive", &["active", "paused", "prospect", "alumni"]),
                ("clientUnarchive", &["archived"]),
                ("clientErase", &["archived"]),
            ],
            shared: true,
        },
        Life {
            table: "person",
            states: people,
            allowed: &[("personUpdate", &["there"]), ("personErase", &["there"])],
            shared: true,
        },
        life(
            "client_transfer",
            closed::<TransferStatus>(),
            &[
                ("clientTransferAccept", &["pending"]),
                ("clientTransferRefuse", &["pending"]),
                ("clientTransferWithdraw", &["pending"]),
            ],
        ),
        life(
            "owner_opening",
            dated(&[("ahead", "agreed_at = null"), ("open", "opens_at = {now}")]),
            &[("ownerOpeningAgree", &["ahead"])],
        ),
        life(
            "franchise",
            closed::<FranchiseStatus>(),
            &[("franchiseUpdate", &["active", "closed"]), ("franchiseClose", &["active"])],
        ),
        life(
            "team",
            dated(&[("there", "archived_at = null"), ("archived", "archived_at = {now}")]),
            &[
                ("teamUpdate", &["there", "archived"]),
                ("teamArchive", &["there"]),
                ("teamUnarchive", &["archived"]),
            ],
        ),
        life(
            "member",
            closed::<MemberStatus>(),
            &[("memberUpdate", &["active"]), ("memberRemove", &["active"])],
        ),
        life(
            "membership",
            dated(&[("held", "ends_at = null"), ("ended", "ends_at = {now}")]),
            &[("membershipEnd", &["held"])],
        ),
        life(
            "assignment",
            dated(&[("held", "ends_at = null"), ("ended", "ends_at = {now}")]),
            &[("assignmentEnd", &["held"])],
        ),
        life(
            "invitation",
            dated(&[
                ("open", "accepted_at = null, revoked_at = null"),
                ("accepted", "accepted_at = {now}"),
                ("revoked", "revoked_at = {now}"),
                ("expired", "expires_at = {now}"),
            ]),
            &[("invitationRevoke", &["open"]), ("invitationResend", &["open"])],
        ),
        life(
            "support_access",
            dated(&[
                ("active", "revoked_at = null"),
                ("revoked", "revoked_at = {now}"),
                ("ended", "ends_at = {now}"),
            ]),
            &[("supportAccessRevoke", &["active"]), ("supportAccessEnter", &["active"])],
        ),
        life(
            "client_note",
            dated(&[("kept", "archived_at = null"), ("archived", "archived_at = {now}")]),
            &[("clientNoteUpdate", &["kept"]), ("clientNoteArchive", &["kept"])],
        ),
        life(
            "to_do",
            dated(&[("open", "done_at = null"), ("done", "done_at = {now}")]),
            &[("toDoUpdate", &["open"]), ("toDoComplete", &["open"]), ("toDoReopen", &["done"])],
        ),
        life(
            "data_export",
            dated(&[("kept", "expires_at = {later}"), ("expired", "expires_at = {now}")]),
            &[("exportLink", &["kept"])],
        ),
    ]
}
