//! Documents about one client: where all rows that a plan reads are of one client, its lists of clients and the settings
//! for row-level security name that client alone. They are shorter, and let through the same rows.

use super::{
    planner::{Place, Planner},
    sql::{Build, Param},
};
use entity::Placement;

/// Whose rows the statements of a plan read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Clients {
    #[default]
    None,
    One(Param),
    Many,
}

impl Planner<'_> {
    /// Remembers whose rows are at a place. A view or a query may read rows of other clients.
    pub(super) fn visit(&mut self, place: &Place) {
        self.builds[place.statement].visited = true;
        let Some(source) = place.shape.source else { return };
        let is_of_client = matches!(
            source.placement,
            Placement::Client | Placement::OfClient(_) | Placement::Team | Placement::OfTeam(_)
        );
        let is_table = source.query.is_none() && source.name == source.table.name();
        let here = place.client.clone().filter(|_| is_of_client && is_table);
        self.clients = match (std::mem::take(&mut self.clients), here) {
            (Clients::None, Some(client)) => Clients::One(client),
            (Clients::One(known), Some(client)) if known == client => Clients::One(known),
            _ => Clients::Many,
        };
    }

    /// The client of all rows that the visited places and their statements read. `None` if they may read rows of others.
    pub(super) fn only_client(&mut self, builds: &[Build]) -> Option<Param> {
        match std::mem::take(&mut self.clients) {
            Clients::One(client) if builds.iter().all(|build| build.visited && !build.reads_further) => {
                Some(client)
            }
            _ => None,
        }
    }
}
