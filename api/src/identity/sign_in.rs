//! Signing in and out: mutations about the caller's own credentials. An unknown address and a wrong password get the
//! same answer in the same time.

use super::{
    Credential, Requester,
    accept::{accept, held},
    attempts::Attempts,
    hashing::Hashing,
    notice, own_mutations, proof,
    refresh::{self, Tokens},
    ring::KeyRing,
};
use crate::{
    config::Config,
    kernel::{
        Asking, Code, Error, Fault, Kernel, Refusal, Write, address, mutation::split, read::shape::typed,
    },
    payload,
};
use async_graphql::{ID, InputObject};
use chrono::TimeDelta;
use entity::{Id, identity, network, person};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::sync::Arc;
use uuid::Uuid;

/// What signing in needs, for the whole process.
pub struct Doorkeeper {
    pub kernel: Arc<Kernel>,
    pub ring: KeyRing,
    pub attempts: Attempts,
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) access_seconds: u32,
    refresh: TimeDelta,
    pub(super) hashing: Hashing,
}

impl Doorkeeper {
    pub fn new(kernel: Arc<Kernel>, config: &Config, ring: KeyRing) -> Self {
        Doorkeeper {
            kernel,
            ring,
            attempts: Attempts::new(&config.rate),
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            access_seconds: config.access_token_seconds,
            refresh: TimeDelta::days(i64::from(config.refresh_token_days)),
            hashing: Hashing::new(config.hashing as usize),
        }
    }

    /// How long a refresh token lasts that is not used.
    pub(super) fn refresh_life(&self) -> TimeDelta {
        self.refresh
    }

    /// Takes no access tokens of these sign-ins any more.
    pub(super) fn forget(&self, ended: impl IntoIterator<Item = Uuid>) {
        let now = self.kernel.seams.now().timestamp();
        ended.into_iter().for_each(|id| self.ring.verifier().forget(id, now));
    }
}

/// Input for `signIn`.
#[derive(InputObject)]
pub struct SignInInput {
    /// E-mail address of the caller.
    pub email: String,
    /// Password of the caller.
    #[graphql(secret)]
    pub password: String,
    /// ID of the network to sign in to. Without it, people in several networks get the error `CHOICE_NEEDED`.
    pub network_id: Option<ID>,
}

/// Input for `tokenRefresh`.
#[derive(InputObject)]
pub struct TokenRefreshInput {
    /// Refresh token returned by the last sign-in or refresh.
    #[graphql(secret)]
    pub refresh_token: String,
}

/// Input for `passwordChange`.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// Current password of the caller.
    #[graphql(secret)]
    pub current: String,
    /// New password: 12 to 128 characters, not easy to guess.
    #[graphql(secret)]
    pub next: String,
}

/// Input for `invitationAccept`.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// Token of the link in the invitation e-mail: the part after the `#`.
    #[graphql(secret)]
    pub token: String,
    /// Password of the existing sign-in. If there is none in use, a new password: 12 to 128 characters, not easy to
    /// guess.
    #[graphql(secret)]
    pub password: String,
}

payload! {
    /// Result of `signIn`, `tokenRefresh` and `invitationAccept`: the tokens of a sign-in.
    #[derive(Default)]
    pub struct TokenPayload {
        /// Access token, for the header `Authorization: Bearer`. Null if there are `errors`.
        pub access_token: Option<String>,
        /// Refresh token, for `tokenRefresh`. Null if there are `errors`. It expires if it is not used for 30 days
        /// (unless configured otherwise), and 180 days after the sign-in at the latest.
        pub refresh_token: Option<String>,
        /// Seconds until the access token expires. Null if there are `errors`.
        pub expires_in: Option<i32>,
        /// Networks to choose from, together with the error `CHOICE_NEEDED`. Otherwise empty.
        pub networks: Vec<NetworkChoice>,
        /// Reasons the request was rejected. Empty if tokens were returned.
        pub errors: Vec<Refusal>,
    }
}

payload! {
    /// A network that the caller can sign in to.
    pub struct NetworkChoice {
        /// ID of the network, for `networkId`.
        pub id: ID,
        /// Name of the network.
        pub name: String,
    }
}

payload! {
    /// Result of a mutation that returns no object.
    pub struct DonePayload {
        /// `true` if the request succeeded. `false` if there are `errors`.
        pub done: bool,
        /// Reasons the request was rejected. Empty if it succeeded.
        pub errors: Vec<Refusal>,
    }
}

own_mutations! {
    /// Signs in with e-mail address and password. Must be the only field of its operation.
    sign_in(SignInInput) -> TokenPayload = sign_in;
    /// Exchanges a refresh token for a new access token and the next refresh token. A repeated call returns the same
    /// next refresh token until 60 seconds after the first use of that token or of an access token returned with it. A
    /// later call ends the sign-in.
    token_refresh(TokenRefreshInput) -> TokenPayload = token_refresh;
    /// Accepts an invitation and signs in. If the address has a sign-in that is in use, its password is required.
    /// Otherwise the given password becomes the password of the address, and its earlier sign-ins end. Must be the only
    /// field of its operation.
    invitation_accept(InvitationAcceptInput) -> TokenPayload = invitation_accept;
    /// Signs out. The refresh tokens of this sign-in end at once, its access tokens within five minutes.
    sign_out() -> DonePayload = sign_out;
    /// Changes the caller's password, ends all other sign-ins of the caller and notifies them by e-mail.
    password_change(PasswordChangeInput) -> DonePayload = password_change;
}

enum Signed {
    In(Tokens),
    Choose(Vec<NetworkChoice>),
}

type Door = Arc<Doorkeeper>;

async fn sign_in(door: &Door, requester: &Requester, input: SignInInput) -> Result<TokenPayload, Fault> {
    tokens(door, sign_in_with(door, requester.credential, input).await)
}

async fn token_refresh(door: &Door, _: &Requester, input: TokenRefreshInput) -> Result<TokenPayload, Fault> {
    tokens(door, refresh::refresh(door, &input.refresh_token).await.map(Signed::In))
}

async fn invitation_accept(
    door: &Door,
    requester: &Requester,
    input: InvitationAcceptInput,
) -> Result<TokenPayload, Fault> {
    tokens(door, accept(door, requester.credential, input).await.map(Signed::In))
}

async fn sign_out(door: &Door, requester: &Requester) -> Result<DonePayload, Fault> {
    done(refresh::sign_out(door, requester.credential).await)
}

async fn password_change(
    door: &Door,
    requester: &Requester,
    input: PasswordChangeInput,
) -> Result<DonePayload, Fault> {
    done(change_password(door, requester, input).await)
}

fn tokens(door: &Doorkeeper, result: Result<Signed, Error>) -> Result<TokenPayload, Fault> {
    match split(result)? {
        (Some(Signed::In(tokens)), errors) => Ok(TokenPayload {
            access_token: Some(tokens.access),
            refresh_token: Some(tokens.refresh),
            expires_in: i32::try_from(door.access_seconds).ok(),
            networks: vec![],
            errors,
        }),
        (Some(Signed::Choose(networks)), _) => {
            let error = Refusal::new(Code::ChoiceNeeded, "You belong to several networks. Choose one.");
            Ok(TokenPayload {
                networks,
                errors: vec![error.at("input.networkId")],
                ..TokenPayload::default()
            })
        }
        (None, errors) => Ok(TokenPayload { errors, ..TokenPayload::default() }),
    }
}

pub(super) fn done(result: Result<(), Error>) -> Result<DonePayload, Fault> {
    let (done, errors) = split(result)?;
    Ok(DonePayload { done: done.is_some(), errors })
}

fn wrong() -> Refusal {
    Refusal::new(Code::NotAuthenticated, "E-mail address or password is wrong.").at("input")
}

async fn sign_in_with(door: &Doorkeeper, from: Credential, input: SignInInput) -> Result<Signed, Error> {
    let email = address::looked_up(&input.email);
    let look = door.kernel.identity_look(None).await?;
    let (found, known) = proof::look_up(door, &look, &email, from.remote).await?;
    look.leave().await?;
    let proven = proof::prove(door, from, (&email, found, known), input.password).await?.ok_or_else(wrong)?;
    let look = door.kernel.identity_look(None).await?;
    let people = people(&look, proven.identity.id).await?;
    look.leave().await?;
    let chosen = match &input.network_id {
        Some(id) => people.iter().find(|(network, _)| typed(id) == Some(network.id)).ok_or_else(wrong)?,
        None if people.len() > 1 => {
            let networks = people
                .into_iter()
                .map(|(network, _)| NetworkChoice { id: ID(network.id.to_string()), name: network.name });
            return Ok(Signed::Choose(networks.collect()));
        }
        None => people.first().ok_or_else(wrong)?,
    };
    let write = door.kernel.identity(Some(chosen.0.id)).await?;
    let identity = proof::confirm(door, &write, proven).await?.ok_or_else(wrong)?;
    let tokens = refresh::begin(door, &write, identity.id, &chosen.1).await?;
    write.commit().await?;
    Ok(Signed::In(tokens))
}

/// The people behind an identity that are something somewhere, with their networks.
pub(super) async fn people(
    write: &Write,
    identity: Id<identity::Entity>,
) -> Result<Vec<(network::Model, person::Model)>, Error> {
    let people = write.all(person::Entity::find().filter(person::Column::IdentityId.eq(identity))).await?;
    let mut found = vec![];
    for person in people {
        if !held(write, person.id).await?.is_empty()
            && let Some(network) = write.find::<network::Entity>(person.network_id).await?
        {
            found.push((network, person));
        }
    }
    Ok(found)
}

async fn change_password(
    door: &Doorkeeper,
    requester: &Requester,
    input: PasswordChangeInput,
) -> Result<(), Error> {
    let wrong =
        || Refusal::new(Code::NotAuthenticated, "This is not your present password.").at("input.current");
    let actor = requester.caller.as_ref().ok_or(Fault::Unauthenticated)?.actor();
    let look = door.kernel.identity_look(None).await?;
    let found = look.find::<identity::Entity>(actor.identity).await?.ok_or(Fault::Unauthenticated)?;
    let person = look.find::<person::Entity>(actor.person).await?.ok_or(Fault::Unauthenticated)?;
    look.leave().await?;
    let email = found.email.clone();
    let proven =
        proof::prove_again(door, requester.credential, found, input.current).await?.ok_or_else(wrong)?;
    let hash = proof::new_hash(door, input.next, &email, &person.name, "input.next").await?;
    let write = door.kernel.identity(Some(actor.network)).await?.doing("passwordChange", &Asking::default());
    proof::confirm(door, &write, proven).await?.ok_or_else(wrong)?;
    let ended = replace(&write, actor.identity, hash, requester.credential.sign_in).await?;
    notice::password_changed(&write, &person, &email);
    write.mark("person", actor.person.uuid(), None);
    write.commit().await?;
    door.forget(ended);
    Ok(())
}

/// Gives an identity another password, and ends its sign-ins but one. Those that ended, for [`Doorkeeper::forget`].
pub(super) async fn replace(
    write: &Write,
    identity: Id<identity::Entity>,
    hash: String,
    but: Option<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    let before = write.lock::<identity::Entity>(identity).await?;
    let mut change = before.clone().into_active_model();
    change.password_hash = Set(hash);
    change.password_changed_at = Set(write.now());
    write.update::<identity::Entity>(&before, change).await?;
    refresh::end_all(write, identity, but).await
}
