//! Where the links of e-mails lead: one table of paths, with a plain page for each that stands there until real pages
//! replace it. The token follows a `#`, so it stays in the browser and never arrives at a server.

use crate::kernel::{EmailContent, Settings};
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

/// The page of an object.
pub struct ObjectPage {
    /// The prefix of the object's IDs.
    pub noun: &'static str,
    /// Where links lead, below `app_url`; the ID follows.
    pub path: &'static str,
    /// What the object is called.
    pub name: &'static str,
}

/// The objects that e-mails lead to.
pub const OBJECTS: &[ObjectPage] = &[
    ObjectPage { noun: "action", path: "/actions", name: "an action" },
    ObjectPage { noun: "alignment_round", path: "/alignment-rounds", name: "an alignment round" },
    ObjectPage { noun: "assignment", path: "/assignments", name: "the part of a facilitator" },
    ObjectPage { noun: "benchmark_release", path: "/benchmark-releases", name: "a release of benchmarks" },
    ObjectPage { noun: "client", path: "/clients", name: "a client" },
    ObjectPage { noun: "decision", path: "/decisions", name: "a decision" },
    ObjectPage { noun: "decision_read_back", path: "/read-backs", name: "the read-back of a decision" },
    ObjectPage { noun: "drift_signal", path: "/drift-signals", name: "a drift signal" },
    ObjectPage { noun: "obstacle", path: "/obstacles", name: "an obstacle" },
    ObjectPage { noun: "recap", path: "/recaps", name: "the recap of a session" },
    ObjectPage { noun: "review", path: "/reviews", name: "a review" },
    ObjectPage { noun: "session", path: "/sessions", name: "a session" },
    ObjectPage { noun: "support_access", path: "/support-accesses", name: "support access" },
    ObjectPage { noun: "support_visit", path: "/support-visits", name: "a use of support access" },
];

/// Links to objects by the prefixes of their IDs and their IDs. `None`: e-mails do not lead to such objects.
pub fn link_to(settings: &Settings) -> impl Fn(&str, &str) -> Option<String> {
    let app_url = settings.app_url.clone();
    move |noun, id| {
        let page = OBJECTS.iter().find(|page| page.noun == noun)?;
        Some(format!("{app_url}{}/{id}", page.path))
    }
}

/// The plain page of an object, until a real one replaces it. It names the kind of the object, and nothing of the object
/// itself: whoever opens it is not signed in.
pub fn object_page(page: &ObjectPage) -> String {
    format!(
        "Concord: {}.\n\nThe ID follows the last / in the address of this page. Sign in to the application of your \
         network to read it, or send this request to the API with your access token:\n\n\
         curl https://API/graphql -H 'authorization: Bearer TOKEN' -H 'content-type: application/json' -d '{{\n  \
         \"query\": \"query($id: ID!) {{ node(id: $id) {{ __typename id }} }}\",\n  \
         \"variables\": {{ \"id\": \"ID\" }}\n}}'\n",
        page.name,
    )
}

/// Adds the link to an e-mail, if its kind has one, below the address of the pages (`app_url`).
pub fn with_link(kind: EmailKind, app_url: &str, mut content: EmailContent) -> EmailContent {
    let link = LINKS.iter().find(|link| link.kind == kind);
    if let (Some(link), Some(token)) = (link, &content.token) {
        content.text = format!("{}\n\n{app_url}{}#{token}\n\n{}", content.text, link.path, content.after);
    }
    content
}
