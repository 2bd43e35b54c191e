//! Signing in and out: mutations of the caller's own credentials. An unknown address and a wrong password give the same
//! answer in the same time.

use super::{
    Credential, Requester,
    accept::{InvitationAcceptInput, accept},
    notice, own_mutations,
    people::people_of,
    proof,
    refresh::{self, Tokens, replace_password},
    service::SignInService,
};
use crate::{
    kernel::{Code, Error, Fault, Refusal, RequestInfo, address, mutation::split, read::shape::typed},
    message, payload,
};
use async_graphql::{ID, InputObject};
use entity::{identity, person};
use std::sync::Arc;

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

/// Input for `signOut`.
#[derive(InputObject)]
pub struct SignOutInput {
    /// `true` to end every sign-in of the caller, on all devices. By default only the one of the access token.
    #[graphql(default)]
    pub everywhere: bool,
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

payload! {
    /// The tokens of a sign-in: form of the results of `signIn`, `tokenRefresh` and `invitationAccept`.
    #[derive(Default)]
    pub struct GrantedTokens {
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
    /// Form of the results of mutations that return no object.
    pub struct Done {
        /// `true` if the request succeeded. `false` if there are `errors`.
        pub done: bool,
        /// Reasons the request was rejected. Empty if it succeeded.
        pub errors: Vec<Refusal>,
    }
}

own_mutations! {
    /// Signs in with e-mail address and password. Must be the only field of its operation.
    sign_in(SignInInput) -> SignInPayload of GrantedTokens = sign_in;
    /// Exchanges a refresh token for a new access token and the next refresh token. A repeated call returns the same
    /// next refresh token until 60 seconds after the first use of that token or of an access token returned with it. A
    /// later call ends the sign-in.
    token_refresh(TokenRefreshInput) -> TokenRefreshPayload of GrantedTokens = token_refresh;
    /// Accepts an invitation and signs in. If the address has a sign-in that is in use, its password is required.
    /// Otherwise the given password becomes the password of the address, and its earlier sign-ins end. Must be the only
    /// field of its operation.
    invitation_accept(InvitationAcceptInput) -> InvitationAcceptPayload of GrantedTokens = invitation_accept;
    /// Signs out, here or everywhere. The refresh tokens of a sign-in that ends stop working at once, its access tokens
    /// within five minutes.
    sign_out(SignOutInput) -> SignOutPayload of Done = sign_out;
    /// Changes the caller's password, ends all other sign-ins of the caller and notifies them by e-mail.
    password_change(PasswordChangeInput) -> PasswordChangePayload of Done = password_change;
}

enum SignInResult {
    In(Tokens),
    Choose(Vec<NetworkChoice>),
}

async fn sign_in(
    service: &Arc<SignInService>,
    requester: &Requester,
    input: SignInInput,
) -> Result<GrantedTokens, Fault> {
    tokens_payload(service, sign_in_with(service, requester.credential, input).await)
}

async fn token_refresh(
    service: &Arc<SignInService>,
    _: &Requester,
    input: TokenRefreshInput,
) -> Result<GrantedTokens, Fault> {
    tokens_payload(service, refresh::refresh(service, &input.refresh_token).await.map(SignInResult::In))
}

async fn invitation_accept(
    service: &Arc<SignInService>,
    requester: &Requester,
    input: InvitationAcceptInput,
) -> Result<GrantedTokens, Fault> {
    tokens_payload(service, accept(service, requester.credential, input).await.map(SignInResult::In))
}

async fn sign_out(
    service: &Arc<SignInService>,
    requester: &Requester,
    input: SignOutInput,
) -> Result<Done, Fault> {
    done_payload(refresh::sign_out(service, requester.credential, input.everywhere).await)
}

async fn password_change(
    service: &Arc<SignInService>,
    requester: &Requester,
    input: PasswordChangeInput,
) -> Result<Done, Fault> {
    done_payload(change_password(service, requester, input).await)
}

fn tokens_payload(
    service: &SignInService,
    result: Result<SignInResult, Error>,
) -> Result<GrantedTokens, Fault> {
    match split(result)? {
        (Some(SignInResult::In(tokens)), errors) => Ok(GrantedTokens {
            access_token: Some(tokens.access),
            refresh_token: Some(tokens.refresh),
            expires_in: i32::try_from(service.access_seconds).ok(),
            networks: vec![],
            errors,
        }),
        (Some(SignInResult::Choose(networks)), _) => {
            let error = Refusal::new(
                Code::ChoiceNeeded,
                message!(SEVERAL_NETWORKS, "You belong to several networks. Choose one."),
            );
            Ok(GrantedTokens {
                networks,
                errors: vec![error.at("input.networkId")],
                ..GrantedTokens::default()
            })
        }
        (None, errors) => Ok(GrantedTokens { errors, ..GrantedTokens::default() }),
    }
}

pub(super) fn done_payload(result: Result<(), Error>) -> Result<Done, Fault> {
    let (done, errors) = split(result)?;
    Ok(Done { done: done.is_some(), errors })
}

fn wrong() -> Refusal {
    Refusal::new(
        Code::NotAuthenticated,
        message!(
            WRONG_PASSWORD,
            "The e-mail address or the password is wrong. Try again, or ask for a new password."
        ),
    )
    .at("input")
}

async fn sign_in_with(
    service: &SignInService,
    from: Credential,
    input: SignInInput,
) -> Result<SignInResult, Error> {
    let email = address::looked_up(&input.email);
    let look = service.kernel.identity_look(None).await?;
    let (found, known) = proof::find_identity(service, &look, &email, from.remote).await?;
    look.roll_back().await?;
    let proven = proof::prove_identity(service, from, (&email, found, known), input.password)
        .await?
        .ok_or_else(wrong)?;
    let look = service.kernel.identity_look(None).await?;
    let people = people_of(&look, proven.identity.id).await?;
    look.roll_back().await?;
    let chosen = match &input.network_id {
        Some(id) => people.iter().find(|(network, _)| typed(id) == Some(network.id)).ok_or_else(wrong)?,
        None if people.len() > 1 => {
            let networks = people
                .into_iter()
                .map(|(network, _)| NetworkChoice { id: ID(network.id.to_string()), name: network.name });
            return Ok(SignInResult::Choose(networks.collect()));
        }
        None => people.first().ok_or_else(wrong)?,
    };
    let write = service.kernel.identity(Some(chosen.0.id)).await?;
    let identity = proof::lock_proven(service, &write, proven).await?.ok_or_else(wrong)?;
    let tokens = refresh::begin_sign_in(service, &write, identity.id, &chosen.1).await?;
    write.commit().await?;
    Ok(SignInResult::In(tokens))
}

async fn change_password(
    service: &SignInService,
    requester: &Requester,
    input: PasswordChangeInput,
) -> Result<(), Error> {
    let wrong = || {
        Refusal::new(
            Code::NotAuthenticated,
            message!(WRONG_PRESENT_PASSWORD, "This is not your present password. Try again."),
        )
        .at("input.current")
    };
    let actor = requester.caller.as_ref().ok_or(Fault::Unauthenticated)?.actor();
    let look = service.kernel.identity_look(None).await?;
    let found = look.find::<identity::Entity>(actor.identity).await?.ok_or(Fault::Unauthenticated)?;
    let person = look.find::<person::Entity>(actor.person).await?.ok_or(Fault::Unauthenticated)?;
    look.roll_back().await?;
    let email = found.email.clone();
    let proven = proof::prove_signed_in(service, requester.credential, found, input.current)
        .await?
        .ok_or_else(wrong)?;
    let hash = proof::new_hash(service, input.next, &email, &person.name, "input.next").await?;
    let write = service
        .kernel
        .identity(Some(actor.network))
        .await?
        .with_verb("passwordChange", &RequestInfo::default());
    proof::lock_proven(service, &write, proven).await?.ok_or_else(wrong)?;
    let ended = replace_password(&write, actor.identity, hash, requester.credential.sign_in).await?;
    notice::password_changed(&write, &person, &email);
    write.record_event("person", actor.person.uuid(), None);
    write.commit().await?;
    service.forget(ended);
    Ok(())
}
