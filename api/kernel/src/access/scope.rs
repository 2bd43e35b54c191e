//! An actor's reach as the settings of one transaction, which PostgreSQL's row-level security compares rows with.

use super::Actor;
use uuid::Uuid;

/// The values of the settings, in the order of [`Scope::NAMES`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    pub network: String,
    pub person: String,
    pub wide: String,
    pub facts: String,
    pub content: String,
    pub practice: String,
    pub franchises: String,
    pub door: String,
}

impl Scope {
    pub const NAMES: [&'static str; 8] = [
        "concord.network",
        "concord.person",
        "concord.wide",
        "concord.facts",
        "concord.content",
        "concord.practice",
        "concord.franchises",
        "concord.door",
    ];

    pub fn of(actor: &Actor) -> Scope {
        Self::with(actor, array)
    }
    /// The same for a transaction that reads rows of one client alone: other clients are out of its reach.
    pub fn at(actor: &Actor, client: Uuid) -> Scope {
        Self::with(actor, |clients| array(only(clients, client)))
    }
    fn with(actor: &Actor, list: impl Fn(&[Uuid]) -> String) -> Scope {
        let (all, content) = (actor.reach_as(actor.roles()), actor.reach_as(Actor::CONTENT));
        let practice = actor.reach_as(Actor::PRACTICE);
        Scope {
            network: actor.network.uuid().to_string(),
            person: actor.person.uuid().to_string(),
            wide: if all.wide { "on".into() } else { String::new() },
            facts: list(&all.around),
            content: list(&content.around),
            practice: list(&practice.clients),
            franchises: array(&all.franchises),
            door: String::new(),
        }
    }
    /// Sign-in: identities, and the people behind one.
    pub fn identity(network: Option<Uuid>) -> Scope {
        Scope {
            door: "identity".into(),
            network: network.map(|id| id.to_string()).unwrap_or_default(),
            ..Scope::default()
        }
    }
    /// Jobs: everything in one network.
    pub fn system(network: Uuid) -> Scope {
        Scope { door: "system".into(), network: network.to_string(), ..Scope::default() }
    }
    /// Lets the transaction reach no clients but these.
    pub fn narrow(&mut self, clients: &[Uuid]) {
        (self.facts, self.content) = (array(clients), array(clients));
    }

    pub fn values(&self) -> [&str; 8] {
        let lists = [&self.facts, &self.content, &self.practice, &self.franchises];
        let [facts, content, practice, franchises] = lists.map(String::as_str);
        [&self.network, &self.person, &self.wide, facts, content, practice, franchises, &self.door]
    }

    /// One statement that makes the settings for this transaction, whatever they were in it before. The values are UUIDs
    /// and words of ours, never a caller's text.
    pub fn sql(&self) -> String {
        select(Self::NAMES.into_iter().zip(self.values()))
    }

    /// The same for a transaction that begins, together with other settings of it: what is empty is so already, as
    /// settings end with their transaction.
    pub fn first_sql<'a>(&'a self, others: impl IntoIterator<Item = (&'static str, &'a str)>) -> String {
        let ours = Self::NAMES.into_iter().zip(self.values()).filter(|(_, value)| !value.is_empty());
        select(ours.chain(others))
    }
}

/// What a sorted list has of one id.
pub(crate) fn only(ids: &[Uuid], id: Uuid) -> &[Uuid] {
    match ids.binary_search(&id) {
        Ok(at) => &ids[at..=at],
        Err(_) => &[],
    }
}

fn select<'a>(settings: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    let settings: Vec<String> =
        settings.map(|(name, value)| format!("set_config('{name}', '{value}', true)")).collect();
    format!("select {}", settings.join(", "))
}

fn array(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    format!("{{{}}}", ids.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Grant, Node, Role};
    use entity::Id;

    #[test]
    fn a_scope_at_one_client_reaches_no_other() {
        let [franchise, one, other, strange] = [1, 2, 3, 4].map(Uuid::from_u128);
        let grant = |client| Grant { role: Role::Facilitator, node: Node::Client { client, franchise } };
        let nil = Uuid::nil();
        let grants = vec![grant(other), grant(one)];
        let actor = Actor::new(Id::new(nil), Id::new(nil), Id::new(nil), 0, None, grants, vec![]);
        let lists = |scope: Scope| [scope.facts, scope.content, scope.practice];
        let all = lists(Scope::of(&actor));
        assert_eq!(all, [(); 3].map(|()| format!("{{{one},{other}}}")));
        assert_eq!(lists(Scope::at(&actor, one)), [(); 3].map(|()| format!("{{{one}}}")));
        assert_eq!(lists(Scope::at(&actor, strange)), ["{}"; 3]);
        let rest = |scope: Scope| (scope.network, scope.person, scope.wide, scope.franchises, scope.door);
        assert_eq!(rest(Scope::at(&actor, one)), rest(Scope::of(&actor)));
    }
}
