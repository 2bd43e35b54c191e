//! Search: what is found by its words, wherever the caller reaches.
//!
//! Everything found has all the words that were asked for, each by how it begins, in its title or in the rest of its
//! text. Those whose title alone has them all come first, and among equals the latest made. A hit is out of reach
//! whenever the thing itself is: head office finds clients and never what was decided, planned or said. What is
//! written is found at once; which columns are searched, the entities say.

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
    team::Team,
};
use crate::shape;
use entity::search_entry::SearchKind;

shape! {
    /// Something that was found.
    SearchHit of search_entry {
        /// What it is.
        kind = closed::<SearchKind, _>(Kind).filter(),
        /// Its title or name; for check-ins, comments and recaps, which have none, how the text begins, up to 120 letters.
        title = text(Title),
        /// How the rest of its text begins, up to 240 letters.
        snippet = text(Snippet),
        /// The client, where a client was found; else the client it belongs to.
        client = one::<Client, _>(ClientId),
        /// The id of the client, to filter by.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// The team it belongs to; null for a client.
        team = one::<Team, _>(TeamId).or_null(),
        /// The priority, where one was found.
        priority = one::<Priority, _>(Id).or_null(),
        /// The action, where one was found.
        action = one::<Action, _>(Id).or_null(),
        /// The session, where one was found.
        session = one::<Session, _>(Id).or_null(),
        /// The decision, where one was found.
        decision = one::<Decision, _>(Id).or_null(),
        /// The obstacle, where one was found.
        obstacle = one::<Obstacle, _>(Id).or_null(),
        /// The member, where one was found.
        member = one::<Member, _>(Id).or_null(),
        /// The check-in, where one was found.
        checkIn = one::<CheckIn, _>(Id).or_null(),
        /// The comment on an action, where one was found.
        comment = one::<ActionComment, _>(Id).or_null(),
        /// The agenda item, where one was found.
        agendaItem = one::<AgendaItem, _>(Id).or_null(),
        /// The recap of a session, where one was found.
        recap = one::<Recap, _>(Id).or_null(),
    }
}
