//! Signing in and out: mutations about the caller's own credentials. An unknown address and a wrong password get the
//! same answer in the same time. A refresh token works once; a second use ends the sign-in it belongs to.

use super::{
    key::SigningKey,
    password,
    throttle::Throttle,
    token::{self, Claims, OpaqueKind, Verifier},
};
use crate::{
    config::Config,
    kernel::{
        Asking, Code, Error, Fault, Kernel, Refusal, Write,
        read::{Credential, Live, shape::typed},
    },
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, client, identity, invitation, member, membership, network, person, refresh_token, sign_in};
use parking_lot::RwLock;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::{sync::Arc, time::Instant};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// What signing in needs, for the whole process.
pub struct Doorkeeper {
    pub kernel: Arc<Kernel>,
    pub verifier: Verifier,
    pub throttle: Throttle,
    /// The key that signs now.
    pub signer: RwLock<Arc<SigningKey>>,
    issuer: String,
    audience: String,
    access_seconds: u32,
    refresh: TimeDelta,
    /// Hashing takes memory on purpose: without a bound, a rush of sign-ins would take all of it.
    hashing: Arc<Semaphore>,
}

impl Doorkeeper {
    pub fn new(kernel: Arc<Kernel>, config: &Config, signer: SigningKey) -> Self {
        let verifier = Verifier::new(&config.issuer, &config.audience, config.access_token_seconds, 20_000);
        Doorkeeper {
            kernel,
            verifier,
            throttle: Throttle::new(&config.rate),
            signer: RwLock::new(Arc::new(signer)),
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            access_seconds: config.access_token_seconds,
            refresh: TimeDelta::days(i64::from(config.refresh_token_days)),
            hashing: Arc::new(Semaphore::new(config.hashing as usize)),
        }
    }

    /// Hashes beside the executor, in turn.
    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turn = self.hashing.clone().acquire_owned().await.map_err(|_| Fault::Internal)?;
        let done = tokio::task::spawn_blocking(move || {
            // kept to the end of the work, also when nobody waits for it any more
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Fault::Internal.into())
    }

    /// An access token for a sign-in.
    fn access(&self, who: &sign_in::Model, now: DateTime<Utc>) -> Result<String, Fault> {
        let now = now.timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: who.person_id.uuid(),
            nid: who.network_id.uuid(),
            iid: who.identity_id.uuid(),
            sid: who.id.uuid(),
            iat: now,
            nbf: now,
            exp: now + i64::from(self.access_seconds),
            jti: self.kernel.seams.id::<()>().uuid(),
        };
        token::sign(&self.signer.read().clone(), &claims).map_err(|_| Fault::Internal)
    }

    /// Takes no access tokens of these sign-ins any more.
    pub(super) fn forget(&self, ended: impl IntoIterator<Item = Uuid>) {
        let now = self.kernel.seams.now().timestamp();
        ended.into_iter().for_each(|id| self.verifier.forget(id, now));
    }

    /// Begins a sign-in: its row, and its first refresh token.
    async fn begin(
        &self,
        write: &Write,
        identity: Id<identity::Entity>,
        person: &person::Model,
    ) -> Result<Tokens, Error> {
        let row = sign_in::Model {
            id: write.id(),
            identity_id: identity,
            network_id: person.network_id,
            person_id: person.id,
            created_at: write.now(),
            revoked_at: None,
        };
        let row = write.insert::<sign_in::Entity>(row).await?;
        self.extend(write, &row).await
    }

    /// The next tokens of a sign-in.
    async fn extend(&self, write: &Write, of: &sign_in::Model) -> Result<Tokens, Error> {
        let opaque = OpaqueKind::Refresh.generate(&mut self.kernel.seams.rng());
        let row = refresh_token::Model {
            token_hash: opaque.hash.clone(),
            sign_in_id: of.id,
            created_at: write.now(),
            expires_at: write.now() + self.refresh,
            used_at: None,
        };
        write.insert::<refresh_token::Entity>(row).await?;
        Ok(Tokens { access: self.access(of, write.now())?, refresh: opaque.text.to_string() })
    }
}

struct Tokens {
    access: String,
    refresh: String,
}

/// E-mail address and password.
#[derive(InputObject)]
pub struct SignInInput {
    /// The e-mail address.
    pub email: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
    /// In which network, for somebody who is a person in several.
    pub network_id: Option<ID>,
}

/// A refresh token.
#[derive(InputObject)]
pub struct TokenRefreshInput {
    /// The token, as the last sign-in or refresh gave it. It works once.
    #[graphql(secret)]
    pub refresh_token: String,
}

/// The present password and the next.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The present password.
    #[graphql(secret)]
    pub current: String,
    /// The next: 12 to 128 characters.
    #[graphql(secret)]
    pub next: String,
}

/// The answer to an invitation.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// The token of the invitation's link: what follows the `#`.
    #[graphql(secret)]
    pub token: String,
    /// A password to sign in with: 12 to 128 characters; for an address that signs in already, its password.
    #[graphql(secret)]
    pub password: String,
}

/// Tokens to act with.
#[derive(SimpleObject, Default)]
#[graphql(name = "TokenPayload")]
pub struct TokenPayload {
    /// The access token, for the header `Authorization: Bearer`.
    pub access_token: Option<String>,
    /// The token to get the next access token with, by `tokenRefresh`. It works once.
    pub refresh_token: Option<String>,
    /// Seconds until the access token expires.
    pub expires_in: Option<i32>,
    /// The networks to choose from, where there are several and none was chosen.
    pub networks: Vec<NetworkChoice>,
    /// Why there are no tokens; empty when there are.
    pub errors: Vec<Refusal>,
}

/// A network that one can sign in to.
#[derive(SimpleObject)]
pub struct NetworkChoice {
    /// Its id, for `networkId`.
    pub id: ID,
    /// Its name.
    pub name: String,
}

/// Whether something was done.
#[derive(SimpleObject)]
#[graphql(name = "DonePayload")]
pub struct DonePayload {
    /// Whether it was done.
    pub done: bool,
    /// Why it was not; empty when it was.
    pub errors: Vec<Refusal>,
}

#[derive(Default)]
pub struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Signs in by e-mail address and password. Stands alone in its document.
    async fn sign_in(
        &self,
        context: &Context<'_>,
        input: SignInInput,
    ) -> async_graphql::Result<TokenPayload> {
        let (door, live) = at(context)?;
        tokens(door, sign_in_with(door, live.credential, input).await)
    }
    /// Changes a refresh token for an access token and the next refresh token. Using one twice ends the sign-in.
    async fn token_refresh(
        &self,
        context: &Context<'_>,
        input: TokenRefreshInput,
    ) -> async_graphql::Result<TokenPayload> {
        let (door, _) = at(context)?;
        tokens(door, refresh(door, &input.refresh_token).await.map(Signed::In))
    }
    /// Answers an invitation, and signs in. Stands alone in its document.
    async fn invitation_accept(
        &self,
        context: &Context<'_>,
        input: InvitationAcceptInput,
    ) -> async_graphql::Result<TokenPayload> {
        let (door, live) = at(context)?;
        tokens(door, accept(door, live.credential, input).await.map(Signed::In))
    }
    /// Ends this sign-in: its refresh tokens at once, its access tokens within five minutes everywhere.
    async fn sign_out(&self, context: &Context<'_>) -> async_graphql::Result<DonePayload> {
        let (door, live) = at(context)?;
        done(sign_out(door, live).await)
    }
    /// Changes the caller's password and ends all their other sign-ins.
    async fn password_change(
        &self,
        context: &Context<'_>,
        input: PasswordChangeInput,
    ) -> async_graphql::Result<DonePayload> {
        let (door, live) = at(context)?;
        done(change_password(door, live, input).await)
    }
}

enum Signed {
    In(Tokens),
    Choose(Vec<NetworkChoice>),
}

pub(super) fn at<'c>(context: &Context<'c>) -> Result<(&'c Arc<Doorkeeper>, &'c Live), Fault> {
    let door = context.data::<Arc<Doorkeeper>>().map_err(|_| Fault::Internal)?;
    let live = context.data::<Live>().map_err(|_| Fault::Internal)?;
    Ok((door, live))
}

fn tokens(door: &Doorkeeper, result: Result<Signed, Error>) -> async_graphql::Result<TokenPayload> {
    match crate::kernel::mutation::split(result)? {
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

pub(super) fn done(result: Result<(), Error>) -> async_graphql::Result<DonePayload> {
    let (done, errors) = crate::kernel::mutation::split(result)?;
    Ok(DonePayload { done: done.is_some(), errors })
}

fn wrong() -> Refusal {
    Refusal::new(Code::NotAuthenticated, "E-mail address or password is wrong.").at("input")
}

async fn sign_in_with(door: &Doorkeeper, from: Credential, input: SignInInput) -> Result<Signed, Error> {
    let email = input.email.trim().to_lowercase();
    allowed(door, from, &email)?;
    let write = door.kernel.identity(None).await?;
    let found = write.one(identity::Entity::find().filter(identity::Column::Email.eq(&email))).await?;
    write.leave().await?;
    let identity = verified(door, found, input.password).await?.ok_or_else(wrong)?;
    let write = door.kernel.identity(None).await?;
    let people = people(&write, identity.id).await?;
    write.leave().await?;
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
    unchanged(&write, &identity).await?;
    let tokens = door.begin(&write, identity.id, &chosen.1).await?;
    write.commit().await?;
    door.throttle.signed_in(&email, from.remote);
    Ok(Signed::In(tokens))
}

/// The identity, if the password is its own. Hashing runs beside the executor; nobody's password takes as long.
async fn verified(
    door: &Doorkeeper,
    found: Option<identity::Model>,
    password: String,
) -> Result<Option<identity::Model>, Error> {
    door.hashing(move || match found {
        Some(identity) => password::verify(&identity.password_hash, &password).then_some(identity),
        None => {
            password::verify_decoy(&password);
            None
        }
    })
    .await
}

/// The password is the one that was looked at: what a new one ends, nobody begins in the same moment with the old.
async fn unchanged(write: &Write, verified: &identity::Model) -> Result<(), Error> {
    let now = write.lock::<identity::Entity>(verified.id).await?;
    match now.password_hash == verified.password_hash {
        true => Ok(()),
        false => Err(wrong().into()),
    }
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

async fn refresh(door: &Doorkeeper, token: &str) -> Result<Tokens, Error> {
    let gone = || {
        Refusal::new(Code::NotAuthenticated, "This token no longer works. Sign in again.")
            .at("input.refreshToken")
    };
    let hash = OpaqueKind::Refresh.hash(token).ok_or_else(gone)?;
    let write = door.kernel.identity(None).await?;
    let select = refresh_token::Entity::find().filter(refresh_token::Column::TokenHash.eq(hash));
    let Some(known) = write.one(sea_orm::QuerySelect::lock_exclusive(select)).await? else {
        return Err(gone().into());
    };
    let family = write.lock::<sign_in::Entity>(known.sign_in_id).await?;
    if family.revoked_at.is_some() || known.expires_at <= write.now() {
        return Err(gone().into());
    }
    if known.used_at.is_some() {
        // somebody else holds a copy: neither of them goes on
        revoke(&write, family.clone()).await?;
        write.commit().await?;
        door.forget([family.id.uuid()]);
        return Err(gone().into());
    }
    let mut used = known.clone().into_active_model();
    used.used_at = Set(Some(write.now()));
    write.update::<refresh_token::Entity>(&known, used).await?;
    let tokens = door.extend(&write, &family).await?;
    write.commit().await?;
    Ok(tokens)
}

async fn revoke(write: &Write, family: sign_in::Model) -> Result<(), Error> {
    let mut ended = family.clone().into_active_model();
    ended.revoked_at = Set(Some(write.now()));
    write.update::<sign_in::Entity>(&family, ended).await?;
    Ok(())
}

async fn sign_out(door: &Doorkeeper, live: &Live) -> Result<(), Error> {
    let id = live.credential.sign_in.ok_or(Fault::Unauthenticated)?;
    let write = door.kernel.identity(None).await?;
    if let Some(family) = write.find::<sign_in::Entity>(Id::new(id)).await? {
        revoke(&write, family).await?;
    }
    write.commit().await?;
    door.forget([id]);
    Ok(())
}

async fn change_password(door: &Doorkeeper, live: &Live, input: PasswordChangeInput) -> Result<(), Error> {
    let actor = live.caller.as_ref().ok_or(Fault::Unauthenticated)?.actor();
    let write = door.kernel.identity(None).await?;
    let found = write.find::<identity::Entity>(actor.identity).await?.ok_or(Fault::Unauthenticated)?;
    write.leave().await?;
    allowed(door, live.credential, &found.email)?;
    acceptable(&input.next, &found.email, "input.next")?;
    let email = found.email.clone();
    let checked = verified(door, Some(found), input.current).await?;
    let wrong =
        || Refusal::new(Code::NotAuthenticated, "This is not your present password.").at("input.current");
    checked.ok_or_else(wrong)?;
    let hash = hashed(door, input.next).await?;
    let write = door.kernel.identity(Some(actor.network)).await?.doing("passwordChange", &Asking::default());
    let ended = replace(&write, actor.identity, hash, live.credential.sign_in).await?;
    write.mark("person", actor.person.uuid(), None);
    write.commit().await?;
    door.forget(ended);
    door.throttle.signed_in(&email, live.credential.remote);
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
    let others = sign_in::Entity::find()
        .filter(sign_in::Column::IdentityId.eq(identity))
        .filter(sign_in::Column::RevokedAt.is_null());
    let mut ended = vec![];
    for family in write.all(others).await? {
        if Some(family.id.uuid()) != but {
            ended.push(family.id.uuid());
            revoke(write, family).await?;
        }
    }
    Ok(ended)
}

/// Whether this can be the password of an address.
pub(super) fn acceptable(password: &str, email: &str, path: &str) -> Result<(), Refusal> {
    password::check(password, email)
        .map_err(|refusal| Refusal::new(Code::Invalid, refusal.message()).at(path))
}

pub(super) async fn hashed(door: &Doorkeeper, password: String) -> Result<String, Error> {
    let mut rng = door.kernel.seams.rng();
    let hash = door.hashing(move || password::hash(&password, &mut rng)).await?;
    hash.map_err(|_| Fault::Internal.into())
}

fn allowed(door: &Doorkeeper, from: Credential, email: &str) -> Result<(), Error> {
    let now = Instant::now();
    door.throttle.sign_in(email, from.remote, now).map_err(|spent| {
        let message = format!("Too many attempts. Try again in {} seconds.", spent.retry_after);
        Refusal::new(Code::TooManyAttempts, message).at("input").into()
    })
}

async fn accept(door: &Doorkeeper, from: Credential, input: InvitationAcceptInput) -> Result<Tokens, Error> {
    let gone = || {
        Refusal::new(Code::NotAuthenticated, "This invitation no longer works. Ask for another.")
            .at("input.token")
    };
    let hash = OpaqueKind::Invitation.hash(&input.token).ok_or_else(gone)?;
    let write = door.kernel.identity(None).await?;
    let found = write.one(invitation::Entity::find().filter(invitation::Column::TokenHash.eq(&hash))).await?;
    let open = |invitation: &invitation::Model| {
        invitation.accepted_at.is_none()
            && invitation.revoked_at.is_none()
            && invitation.expires_at > write.now()
    };
    let invitation = found.filter(open).ok_or_else(gone)?;
    let known =
        write.one(identity::Entity::find().filter(identity::Column::Email.eq(&invitation.email))).await?;
    write.leave().await?;
    let (known, hash) = match known {
        Some(identity) => {
            allowed(door, from, &invitation.email)?;
            (Some(verified(door, Some(identity), input.password).await?.ok_or_else(wrong)?), None)
        }
        None => {
            acceptable(&input.password, &invitation.email, "input.password")?;
            (None, Some(hashed(door, input.password).await?))
        }
    };
    let mut write = door
        .kernel
        .identity(Some(invitation.network_id))
        .await?
        .doing("invitationAccept", &Asking::default());
    let invitation = write.lock::<invitation::Entity>(invitation.id).await?;
    if invitation.accepted_at.is_some() || invitation.revoked_at.is_some() {
        return Err(gone().into());
    }
    let identity = match (known, hash) {
        (Some(identity), _) => {
            unchanged(&write, &identity).await?;
            identity
        }
        (None, hash) => {
            let row = identity::Model {
                id: write.id(),
                email: invitation.email.clone(),
                password_hash: hash.ok_or(Fault::Internal)?,
                password_changed_at: write.now(),
                created_at: write.now(),
                version: 1,
            };
            write.insert::<identity::Entity>(row).await?
        }
    };
    let person = write.lock::<person::Entity>(invitation.person_id).await?;
    let tokens = door.begin(&write, identity.id, &person).await?;
    write.as_system().await?;
    if let Some(message) = kept_apart(&write, &invitation).await? {
        return Err(Refusal::new(Code::OwnerNotEligible, message).at("input.token").into());
    }
    settle(&write, invitation, person, identity.id).await?;
    write.commit().await?;
    Ok(tokens)
}

/// Why the invitation cannot be accepted: it would put someone on both sides, as clients may have moved since it was sent,
/// and other invitations been accepted.
async fn kept_apart(write: &Write, invitation: &invitation::Model) -> Result<Option<&'static str>, Error> {
    let held = held(write, invitation.person_id).await?;
    if held.iter().any(|held| held.role.is_head_office() != invitation.role.is_head_office()) {
        return Ok(Some("Who is of head office works with no client, and you would do both."));
    }
    let both = match (invitation.client_id, invitation.franchise_id) {
        (Some(client), _) => {
            let client = write.find::<client::Entity>(client).await?.ok_or(Fault::Internal)?;
            write.works_for(invitation.person_id, &client).await?
        }
        (None, Some(franchise)) => {
            let theirs = client::Entity::find()
                .filter(client::Column::Id.is_in(held.iter().filter_map(|held| held.client_id)))
                .filter(client::Column::FranchiseId.eq(franchise));
            write.count(theirs).await? > 0
        }
        (None, None) => false,
    };
    Ok(both.then_some("Who facilitates a client is never a member of its team, and you would be both."))
}

/// What a person holds now.
async fn held(write: &Write, person: Id<person::Entity>) -> Result<Vec<membership::Model>, Error> {
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Entity::lasting(write.now()));
    write.all(held).await
}

/// Makes the person what the invitation said.
async fn settle(
    write: &Write,
    invitation: invitation::Model,
    person: person::Model,
    identity: Id<identity::Entity>,
) -> Result<(), Error> {
    if person.identity_id != Some(identity) {
        let mut change = person.clone().into_active_model();
        change.identity_id = Set(Some(identity));
        write.update::<person::Entity>(&person, change).await?;
    }
    let held = membership::Model {
        id: write.id(),
        network_id: invitation.network_id,
        person_id: person.id,
        role: invitation.role,
        franchise_id: invitation.franchise_id,
        client_id: invitation.client_id,
        team_id: invitation.team_id,
        starts_at: write.now(),
        ends_at: None,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<membership::Entity>(held).await?;
    if let Some(id) = invitation.member_id {
        let member = write.lock::<member::Entity>(id).await?;
        let mut change = member.clone().into_active_model();
        change.person_id = Set(Some(person.id));
        write.update::<member::Entity>(&member, change).await?;
    }
    let mut answered = invitation.clone().into_active_model();
    answered.accepted_at = Set(Some(write.now()));
    write.update::<invitation::Entity>(&invitation, answered).await?;
    Ok(())
}
