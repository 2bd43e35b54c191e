//! Refresh tokens: a lost answer and many tabs get the same successor; a copy ends the sign-in, and the person is told.

use crate::{
    kit::{PASSWORD, Persona::*, World, verify_chains},
    scenario,
};
use chrono::{DateTime, TimeDelta, Utc};
use concord::{http::Outcome, identity::refresh, jobs};
use entity::{audit_event, refresh_token, sign_in};
use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    accessToken refreshToken errors { code message path } } }";
const REFRESH: &str = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) {
    accessToken refreshToken errors { code message path } } }";
const WHO: &str = "{ viewer { person { email } } }";

/// An access token and a refresh token.
type Pair = (String, String);

async fn signed_in(world: &World) -> Pair {
    let input = json!({ "input": { "email": Leader.email(), "password": PASSWORD } });
    let answered = world.ask_nobody(SIGN_IN, input).await;
    pair(&answered.json["data"]["signIn"]).expect("signed in")
}

async fn refreshed(world: &World, token: &str) -> Result<Pair, String> {
    let answered = world.ask_nobody(REFRESH, json!({ "input": { "refreshToken": token } })).await;
    pair(&answered.json["data"]["tokenRefresh"])
}

fn pair(payload: &Value) -> Result<Pair, String> {
    match (payload["accessToken"].as_str(), payload["refreshToken"].as_str()) {
        (Some(access), Some(refresh)) => Ok((access.to_owned(), refresh.to_owned())),
        _ => Err(payload["errors"][0]["code"].as_str().unwrap_or_default().to_owned()),
    }
}

async fn holds(world: &World, access: &str) -> bool {
    world.send(Some(access.to_owned()), WHO, json!({}), None).await.outcome == Outcome::Executed
}

fn after(world: &World, seconds: i64) {
    let later: DateTime<Utc> = world.seams.now() + TimeDelta::seconds(seconds);
    world.seams.set(later);
}

/// The e-mails that say that a sign-in has ended.
async fn warnings(world: &World) -> usize {
    let letters = world.emails().await;
    letters.iter().filter(|letter| letter["subject"] == "One of your sign-ins has ended").count()
}

const GONE: &str = "NOT_AUTHENTICATED";

scenario! {
    async fn a_lost_answer_is_given_again_as_long_as_nobody_has_seen_it(world: World) {
        let (_, first) = signed_in(&world).await;
        let (lost, second) = refreshed(&world, &first).await.expect("a refresh");
        for seconds in [1, 59, 3_600, 86_400 * 20] {
            after(&world, seconds);
            let (access, again) = refreshed(&world, &first).await.expect("the same again");
            assert_eq!(again, second, "after {seconds} more seconds");
            assert_ne!(access, lost, "with an access token of its own");
            let known = refresh_token::Entity::find().count(&world.home.behind().await).await.expect("a count");
            assert_eq!(known, 2, "there is one successor");
        }
        let (access, third) = refreshed(&world, &second).await.expect("it goes on from there");
        assert!(holds(&world, &access).await && third != second);
        assert_eq!(warnings(&world).await, 0);
    }
}

scenario! {
    async fn fifty_tabs_that_refresh_at_once_get_the_same_token(world: World) {
        let (_, mut token) = signed_in(&world).await;
        for _ in 0..3 {
            // as many at once as get a connection in time, also on a busy machine
            let tabs = stream::iter(0..50).map(|_| refreshed(&world, &token)).buffered(10).try_collect();
            let tabs: Vec<Pair> = tabs.await.expect("every tab goes on");
            assert!(tabs.iter().all(|(_, next)| *next == tabs[0].1));
            for (access, _) in &tabs {
                assert!(holds(&world, access).await);
            }
            refresh::write_uses(&world.app.sign_in).await.expect("written");
            // a tab that slept for a while still finds the others
            after(&world, 60);
            assert_eq!(refreshed(&world, &token).await.expect("in time").1, tabs[0].1);
            token = tabs[0].1.clone();
        }
    }
}

scenario! {
    async fn a_copy_that_is_used_after_its_successor_ends_the_sign_in(world: World) {
        let (other, _) = signed_in(&world).await;
        let (_, first) = signed_in(&world).await;
        let (_, second) = refreshed(&world, &first).await.expect("a refresh");
        let (access, third) = refreshed(&world, &second).await.expect("a refresh of the second");
        after(&world, 60);
        assert_eq!(refreshed(&world, &first).await.expect("tabs may race for a minute").1, second);
        after(&world, 1);
        assert_eq!(warnings(&world).await, 0);
        assert_eq!(refreshed(&world, &first).await, Err(GONE.into()));
        for token in [&first, &second, &third] {
            assert_eq!(refreshed(&world, token).await, Err(GONE.into()), "nobody goes on");
        }
        assert!(!holds(&world, &access).await && holds(&world, &other).await, "the other sign-in does");
        assert_eq!(warnings(&world).await, 1, "the person is told once");
        let behind = world.home.behind().await;
        let event = audit_event::Entity::find().filter(audit_event::Column::Verb.eq("tokenRefresh"));
        let event = event.one(&behind).await.expect("the audit").expect("an event");
        assert_eq!(event.after.as_deref(), Some(r#"{"refreshTokenReused":true}"#));
        assert_eq!(event.subject_id, world.cast.person(Leader).1.uuid());
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn an_access_token_that_is_used_counts_as_well(world: World) {
        let (_, first) = signed_in(&world).await;
        let (access, second) = refreshed(&world, &first).await.expect("a refresh");
        refresh::write_uses(&world.app.sign_in).await.expect("written");
        after(&world, 120);
        let (_, again) = refreshed(&world, &first).await.expect("nothing of it was used yet");
        assert_eq!(again, second);
        assert!(holds(&world, &access).await);
        refresh::write_uses(&world.app.sign_in).await.expect("written");
        after(&world, 60);
        assert_eq!(refreshed(&world, &first).await.expect("for a minute").1, second);
        after(&world, 1);
        assert_eq!(refreshed(&world, &first).await, Err(GONE.into()));
        assert_eq!(refreshed(&world, &second).await, Err(GONE.into()));
        assert_eq!(warnings(&world).await, 1);
    }
}

scenario! {
    async fn a_sign_in_ends_after_half_a_year_however_often_it_is_refreshed(world: World) {
        let (_, mut token) = signed_in(&world).await;
        for _ in 0..6 {
            after(&world, 86_400 * 29);
            token = refreshed(&world, &token).await.expect("it goes on").1;
        }
        after(&world, 86_400 * 6 - 1);
        token = refreshed(&world, &token).await.expect("to the last second").1;
        after(&world, 1);
        assert_eq!(refreshed(&world, &token).await, Err(GONE.into()));
        // and what is over is removed
        let behind = world.home.behind().await;
        let count = async || {
            let tokens = refresh_token::Entity::find().count(&behind).await.expect("a count");
            (sign_in::Entity::find().count(&behind).await.expect("a count"), tokens)
        };
        let (_, young) = signed_in(&world).await;
        jobs::expire(&world.app.kernel).await.expect("removed");
        assert_eq!(count().await, (1, 1), "the young one stays");
        let (access, _) = refreshed(&world, &young).await.expect("it goes on");
        let out = "mutation { signOut(input: {}) { done } }";
        world.send(Some(access), out, json!({}), None).await;
        after(&world, 86_400 * 29);
        jobs::expire(&world.app.kernel).await.expect("removed");
        assert_eq!(count().await, (1, 2), "an ended one stays for a while");
        after(&world, 86_400 + 1);
        jobs::expire(&world.app.kernel).await.expect("removed");
        assert_eq!(count().await, (0, 0));
    }
}
