//! Where the links of e-mails lead: one table of paths, with a plain page for each that stands there until real pages
//! replace it. The token follows a `#`, so it stays in the browser and never arrives at a server.

use crate::kernel::EmailContent;
use entity::outbox::EmailKind;

/// A kind of e-mail with a link.
pub struct Link {
    pub kind: EmailKind,
    /// Where the link leads, below `app_url`.
    pub path: &'static str,
    /// What to do with the token, and the call to make.
    pub page: &'static str,
}

/// Every kind of e-mail that has a link.
pub const LINKS: &[Link] = &[
    Link { kind: EmailKind::Invitation, path: "/invitation", page: INVITATION },
    Link { kind: EmailKind::PasswordReset, path: "/password", page: PASSWORD },
    Link { kind: EmailKind::AddressConfirm, path: "/address", page: ADDRESS },
    Link { kind: EmailKind::AddressUndo, path: "/address-undo", page: ADDRESS_UNDO },
];

const INVITATION: &str = r##"You are invited to Concord.

The token of your invitation follows the # in the address of this page.
To accept, choose a password of 12 to 128 characters and send this request to the API:

curl https://API/graphql -H 'content-type: application/json' -d '{
  "query": "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) { accessToken errors { message } } }",
  "variables": { "input": { "token": "TOKEN", "password": "PASSWORD" } }
}'

If you sign in with this address already, give the password you have.
"##;

const PASSWORD: &str = r##"Set a new password for Concord.

The token of your link follows the # in the address of this page.
Choose a password of 12 to 128 characters and send this request to the API:

curl https://API/graphql -H 'content-type: application/json' -d '{
  "query": "mutation($input: PasswordResetInput!) { passwordReset(input: $input) { done errors { message } } }",
  "variables": { "input": { "token": "TOKEN", "password": "PASSWORD" } }
}'

All your other sign-ins end.
"##;

const ADDRESS: &str = r##"Confirm your new address for Concord.

The token of your link follows the # in the address of this page. Send this request to the API:

curl https://API/graphql -H 'content-type: application/json' -d '{
  "query": "mutation($input: AddressChangeConfirmInput!) { addressChangeConfirm(input: $input) { done errors { message } } }",
  "variables": { "input": { "token": "TOKEN" } }
}'
"##;

const ADDRESS_UNDO: &str = r##"Take the change of your address for Concord back.

The token of your link follows the # in the address of this page. Send this request to the API:

curl https://API/graphql -H 'content-type: application/json' -d '{
  "query": "mutation($input: AddressChangeUndoInput!) { addressChangeUndo(input: $input) { done errors { message } } }",
  "variables": { "input": { "token": "TOKEN" } }
}'

Every sign-in ends, and you get a link to set a new password.
"##;

/// Adds the link to an e-mail, if its kind has one, below the address of the pages (`app_url`).
pub fn with_link(kind: EmailKind, app_url: &str, mut content: EmailContent) -> EmailContent {
    let link = LINKS.iter().find(|link| link.kind == kind);
    if let (Some(link), Some(token)) = (link, &content.token) {
        content.text = format!("{}\n\n{app_url}{}#{token}\n\n{}", content.text, link.path, content.after);
    }
    content
}
