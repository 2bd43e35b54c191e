//! Notice: that something which concerns a person has happened, in their list (`viewer.notices`) and by e-mail.
//!
//! A change adds its notices in its own transaction ([`notifying`]). A job puts e-mails about them in the outbox, by each
//! person's preferences, and an e-mail is rendered when it leaves ([`mailing`]). Each Monday facilitators and
//! franchise owners get a [`digest`].
//!
//! Invariant: a notice has none of its object's texts. The list shows the object as the person may read it now, and an
//! e-mail tells only of what is still true and within its recipient's access when it leaves.

pub mod digest;
pub mod mailing;
pub mod notifying;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod unsubscribing;

use super::{client::Client, person::Person, session_series::rules::parse_time, team::Team};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, Write, access::Permission, check, expect_version,
        mutation::split, read::shape::typed, refused_id,
    },
    message, mutations, payload, shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id,
    network::Locale,
    notice::{self, NoticeKind},
    notice_preference::{self, NoticeDelivery},
    notice_setting::{self, Entity},
    person,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::Expr,
};

/// Notices that one request marks as read.
const MOST_READ: usize = 100;

/// The condition of notices that `viewer.notices` lists: the caller's own, but for those about a client or a team that they
/// no longer have access to.
pub const LISTED: &str = "{t}.person_id = {me} and ({t}.client_id is null
    or exists (select 1 from membership h where h.person_id = {me} and (h.ends_at is null or h.ends_at > {now})
        and (h.client_id = {t}.client_id and (h.team_id is null or {t}.team_id is null or h.team_id = {t}.team_id)
            or h.client_id is null and h.franchise_id is null))
    or exists (select 1 from membership h join client c on c.franchise_id = h.franchise_id where c.id = {t}.client_id
        and h.person_id = {me} and h.role = {MembershipRole::FranchiseOwner} and (h.ends_at is null or h.ends_at > {now}))
    or exists (select 1 from assignment a where a.person_id = {me} and a.client_id = {t}.client_id
        and (a.ends_at is null or a.ends_at > {now})))";

shape! {
    /// Something that concerns the caller has happened. Kept for 90 days.
    Notice of notice {
        /// What has happened.
        kind = closed::<NoticeKind, _>(Kind).filter(),
        /// Object that the notice is about, as the caller can read it now. Null if they cannot read it.
        subject = subject(Noun, SubjectId),
        /// Client that the notice is about. Null if it is not about a client, or if the caller has no access to it.
        client = one::<Client, _>(ClientId).or_null(),
        /// Team that the notice is about. Null if it is not about a team, or if the caller has no access to it.
        team = one::<Team, _>(TeamId).or_null(),
        /// Person who caused it. Null if the system did, or if the caller has no access to this person.
        causedBy = one::<Person, _>(CausedById).or_null(),
        /// Time of the change.
        createdAt = instant(CreatedAt).filter().order(),
        /// Time the caller marked the notice as read. Null if unread.
        readAt = instant(ReadAt).or_null().filter(),
    }
}

shape! {
    /// How the caller wants to be informed by e-mail. Only they can read it.
    NoticeSettings of notice_setting {
        /// Language of e-mails. Null: the network's.
        locale = closed::<entity::network::Locale, _>(Locale).or_null(),
        /// IANA time zone of quiet hours and mornings, such as `Europe/London`. Null: the client's that the notice is
        /// about, or else the network's.
        timeZone = text(TimeZone).or_null(),
        /// Local time from which no e-mails about notices are sent: `HH:MM`. Null if there are no quiet hours.
        quietFrom = text(QuietFrom).or_null(),
        /// Local time until which no e-mails about notices are sent: `HH:MM`. Null if there are no quiet hours.
        quietUntil = text(QuietUntil).or_null(),
        /// Time the person unsubscribed from all e-mails about notices. Null if e-mails are sent.
        stoppedAt = instant(StoppedAt).or_null(),
        /// Preferences that differ from the default of their kind.
        preferences = list_across::<NoticePreference, _, _>(PersonId, notice_preference::Column::PersonId).by(notice_preference::Column::Kind, Ty::Closed(register::<NoticeKind>)).about(8),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
    }
}

shape! {
    /// When the caller wants e-mails about a kind of notice.
    NoticePreference of notice_preference {
        /// Kind of notice.
        kind = closed::<NoticeKind, _>(Kind),
        /// When e-mails are sent.
        delivery = closed::<NoticeDelivery, _>(Delivery),
        /// Person whose preference it is.
        person = one::<Person, _>(PersonId),
    }
}

/// Input for `noticesRead`. Give either `ids` or `all`.
#[derive(InputObject)]
pub struct NoticesReadInput {
    /// IDs of the notices: 1 to 100 of the caller's own.
    pub ids: Option<Vec<ID>>,
    /// `true`: all of the caller's notices.
    #[graphql(default)]
    pub all: bool,
}

/// A preference to set with `noticePreferencesSet`.
#[derive(InputObject)]
pub struct NoticePreferenceInput {
    /// Kind of notice.
    pub kind: NoticeKind,
    /// When e-mails are sent. Null: the default of the kind.
    pub delivery: Option<NoticeDelivery>,
}

/// Input for `noticePreferencesSet`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct NoticePreferencesSetInput {
    /// Preferences to change, each kind at most once. Other kinds stay unchanged.
    pub preferences: Option<Vec<NoticePreferenceInput>>,
    /// Local time from which no e-mails about notices are sent: `HH:MM`. Set both times, or null for both to have no quiet
    /// hours. Quiet hours may last over midnight.
    pub quiet_from: MaybeUndefined<String>,
    /// Local time until which no e-mails about notices are sent: `HH:MM`.
    pub quiet_until: MaybeUndefined<String>,
    /// IANA time zone of quiet hours and mornings, such as `Europe/London`. Null: the client's or the network's.
    pub time_zone: MaybeUndefined<String>,
    /// Language of e-mails. Null: the network's.
    pub locale: MaybeUndefined<Locale>,
    /// `true`: no more e-mails about notices, as by the link in such an e-mail. `false`: e-mails by the preferences again.
    pub stopped: Option<bool>,
    /// The `version` you last read. Fails with `CONFLICT` if the settings have changed since.
    pub expected_version: Option<i32>,
}

payload! {
    /// Result of `noticesRead`.
    pub struct NoticesReadPayload {
        /// Number of notices that were unread before.
        pub count: i32,
        /// Reasons the change was rejected. Empty if it was saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    NoticesReadMutation {
        /// Marks notices of the caller as read. No e-mail about a notice is sent once it is read.
        notices_read(NoticesReadInput) -> NoticesReadPayload = notices_read;
    }
}

mutations! {
    NoticeSettingsMutation: notice_settings -> NoticeSettings of Entity {
        /// Sets when the caller gets e-mails about notices, and in which language.
        notice_preferences_set(NoticePreferencesSetInput) -> NoticePreferencesSetPayload = set_preferences;
    }
}

async fn notices_read(caller: &Caller, input: NoticesReadInput) -> Result<NoticesReadPayload, Fault> {
    let (count, errors) = split(mark_read(caller, input).await)?;
    Ok(NoticesReadPayload { count: count.unwrap_or(0), errors })
}

async fn mark_read(caller: &Caller, input: NoticesReadInput) -> Result<i32, Error> {
    let me = caller.actor().person;
    let (write, _) = caller.write::<person::Entity>(Permission::NoticesRead, Some(me), "input").await?;
    let mut check = Check::new();
    check.refuse_if(
        input.ids.is_some() == input.all,
        Code::Invalid,
        "input",
        message!(EITHER_IDS_OR_ALL, "Give either `ids` or `all`."),
    );
    let wrong = input.ids.as_ref().is_some_and(|ids| ids.is_empty() || ids.len() > MOST_READ);
    let message = message!(TOO_MANY, "At most {max} notices, and at least one.", max = MOST_READ);
    check.refuse_if(wrong, Code::Invalid, "input.ids", message);
    check.done()?;
    let own = || notice::Entity::find().filter(notice::Column::PersonId.eq(me));
    let mut unread = notice::Entity::update_many()
        .col_expr(notice::Column::ReadAt, Expr::value(Some(write.now())))
        .filter(notice::Column::PersonId.eq(me))
        .filter(notice::Column::ReadAt.is_null());
    if let Some(ids) = &input.ids {
        let mut named = vec![];
        for (at, id) in ids.iter().enumerate() {
            let id: Option<Id<notice::Entity>> = typed(id);
            named.push(id.ok_or_else(|| refused_id(&format!("input.ids.{at}")))?.uuid());
        }
        let found = write.all(own().filter(write.among_ids(notice::Column::Id, &named))).await?;
        let missing = named.iter().position(|id| found.iter().all(|notice| notice.id.uuid() != *id));
        if let Some(at) = missing {
            return Err(refused_id(&format!("input.ids.{at}")).into());
        }
        unread = unread.filter(write.among_ids(notice::Column::Id, &named));
    }
    let count = write.set_all(unread).await?;
    write.commit().await?;
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}

async fn set_preferences(caller: &Caller, input: NoticePreferencesSetInput) -> Result<Id<Entity>, Error> {
    let me = caller.actor().person;
    let (write, _) =
        caller.write::<person::Entity>(Permission::NoticePreferencesSet, Some(me), "input").await?;
    let setting = lock_setting(&write, me).await?;
    expect_version(setting.version, input.expected_version)?;
    let mut change = setting.clone().into_active_model();
    let mut check = Check::new();
    let mut after = setting.clone().into_inner();
    if let Some(from) = given(&input.quiet_from) {
        after.quiet_from = from.map(|text| check_time(&mut check, "input.quietFrom", text));
    }
    if let Some(until) = given(&input.quiet_until) {
        after.quiet_until = until.map(|text| check_time(&mut check, "input.quietUntil", text));
    }
    let half = after.quiet_from.is_some() != after.quiet_until.is_some();
    let empty = after.quiet_from.is_some() && after.quiet_from == after.quiet_until;
    let message =
        message!(QUIET_HOURS, "Give two different times for `quietFrom` and `quietUntil`, or null for both.");
    check.refuse_if(half || empty, Code::Invalid, "input.quietUntil", message);
    if let Some(zone) = given(&input.time_zone) {
        after.time_zone = zone.map(|zone| check.zone("input.timeZone", zone));
    }
    if let Some(locale) = given(&input.locale) {
        after.locale = locale.copied();
    }
    let chosen = input.preferences.unwrap_or_default();
    for (at, one) in chosen.iter().enumerate() {
        let again = chosen.iter().take(at).any(|before| before.kind == one.kind);
        let path = format!("input.preferences.{at}.kind");
        check.refuse_if(again, Code::Invalid, &path, message!(KIND_TWICE, "Give each kind at most once."));
    }
    check.done()?;
    if let Some(stopped) = input.stopped {
        after.stopped_at = stopped.then(|| setting.stopped_at.unwrap_or(write.now()));
    }
    change.quiet_from = Set(after.quiet_from);
    change.quiet_until = Set(after.quiet_until);
    change.time_zone = Set(after.time_zone);
    change.locale = Set(after.locale);
    change.stopped_at = Set(after.stopped_at);
    let saved = write.update::<Entity>(&setting, change).await?;
    if !chosen.is_empty() {
        save_preferences(&write, me, &chosen).await?;
        if saved.version == setting.version {
            write.touch::<Entity>(&saved).await?;
        }
    }
    write.commit().await?;
    Ok(setting.id)
}

/// The value of a field that may be omitted, or set to null.
fn given<T>(value: &MaybeUndefined<T>) -> Option<Option<&T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

fn check_time(check: &mut Check, path: &str, text: &str) -> String {
    let message = message!(
        NOT_A_TIME,
        "`{field}` must be a time of day such as {example}.",
        field = check::field(path),
        example = "09:30"
    );
    check.refuse_if(parse_time(text).is_none(), Code::Invalid, path, message);
    text.to_owned()
}

async fn save_preferences(
    write: &Write,
    me: Id<person::Entity>,
    chosen: &[NoticePreferenceInput],
) -> Result<(), Error> {
    let kinds = chosen.iter().map(|one| one.kind);
    let before = notice_preference::Entity::delete_many()
        .filter(notice_preference::Column::PersonId.eq(me))
        .filter(notice_preference::Column::Kind.is_in(kinds));
    write.discard_all(before).await?;
    let network_id = write.network()?;
    let row = |kind, delivery| {
        let row = notice_preference::Model { id: write.id(), network_id, person_id: me, kind, delivery };
        row.into_active_model().reset_all()
    };
    let rows = chosen.iter().filter_map(|one| Some(row(one.kind, one.delivery?))).collect();
    write.insert_unaudited::<notice_preference::Entity>(rows).await
}

/// The settings of a person, locked; made if there are none.
pub async fn lock_setting(
    write: &Write,
    person: Id<person::Entity>,
) -> Result<Locked<notice_setting::Model>, Error> {
    let own = || Entity::find().filter(notice_setting::Column::PersonId.eq(person));
    if let Some(setting) = write.lock_one(own()).await? {
        return Ok(setting);
    }
    let row = notice_setting::Model {
        id: write.id(),
        network_id: write.network()?,
        person_id: person,
        locale: None,
        time_zone: None,
        quiet_from: None,
        quiet_until: None,
        stopped_at: None,
        digest_on: None,
        created_at: write.now(),
        version: 1,
    };
    write.add_once::<Entity>(row).await?;
    Ok(write.lock_one(own()).await?.ok_or(Fault::Internal)?)
}

/// The notices of a network that were kept long enough.
pub fn old_notices(write: &Write) -> Result<sea_orm::Condition, Fault> {
    Ok(sea_orm::Condition::all()
        .add(notice::Column::NetworkId.eq(write.network()?))
        .add(notice::Column::CreatedAt.lt(write.now() - rules::KEPT)))
}
