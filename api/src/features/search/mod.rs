//! Search: finds objects by their words, within the caller's access.
//!
//! A hit contains all words of the query, each as a prefix, in its title or in the rest of its text. Hits whose title
//! contains all of them come first, and then the latest created. A hit is visible only if the object is: head office
//! finds clients, but no content. Changes are searchable at once; the entities define which columns are searched.

use super::{
    action::Action,
    agenda_item::AgendaItem,
    check_in::CheckIn,
    client::Client,
    comment::ActionComment,
    decision::Decision,
    member::Member,
    obstacle::Obstacle,
    priority::Priority,
    session::{Recap, Session},
    strategy::StrategyVersion,
    team::Team,
};
use crate::shape;
use entity::search_entry::SearchKind;

shape! {
    /// An object found by a search.
    SearchHit of search_entry {
        /// Type of the object found.
        kind = closed::<SearchKind, _>(Kind).filter(),
        /// Title or name of the object. For check-ins, comments and recaps, the start of the text, up to 120
        /// characters.
        title = text(Title),
        /// Start of the object's remaining text, up to 240 characters.
        snippet = text(Snippet),
        /// Client that was found, or that the object belongs to.
        client = one::<Client, _>(ClientId),
        /// ID of the client, for use in filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Team that the object belongs to. Null for a client.
        team = one::<Team, _>(TeamId).or_null(),
        /// Priority that was found. Null for other kinds.
        priority = one::<Priority, _>(Id).or_null(),
        /// Action that was found. Null for other kinds.
        action = one::<Action, _>(Id).or_null(),
        /// Session that was found. Null for other kinds.
        session = one::<Session, _>(Id).or_null(),
        /// Decision that was found. Null for other kinds.
        decision = one::<Decision, _>(Id).or_null(),
        /// Obstacle that was found. Null for other kinds.
        obstacle = one::<Obstacle, _>(Id).or_null(),
        /// Member that was found. Null for other kinds.
        member = one::<Member, _>(Id).or_null(),
        /// Check-in that was found. Null for other kinds.
        checkIn = one::<CheckIn, _>(Id).or_null(),
        /// Comment on an action that was found. Null for other kinds.
        comment = one::<ActionComment, _>(Id).or_null(),
        /// Agenda item that was found. Null for other kinds.
        agendaItem = one::<AgendaItem, _>(Id).or_null(),
        /// Recap of a session that was found. Null for other kinds.
        recap = one::<Recap, _>(Id).or_null(),
        /// Version of a section of a strategy that was found. Null for other kinds.
        strategyVersion = one::<StrategyVersion, _>(Id).or_null(),
    }
}
