//! The test kit: each scenario gets a database of its own, a network with people in every role, a fixed clock, seeded IDs,
//! and callers that send GraphQL requests.

mod backend;
mod cast;
pub mod fixtures;
mod http;
mod invariants;
mod messages;
mod process;
mod proxy;
pub mod sdl;
mod server;
mod servers;
mod smtp;
mod turns;
mod waiting;
mod world;

pub use backend::{Backend, Database, Home, name, pools, restore_into};
pub use cast::{Cast, PASSWORD, Persona};
pub use http::{Reply, exchange, exchange_with, get, post};
pub use invariants::{assert_counts, columns_with_text, verify_chains};
pub use messages::assert_translatable;
pub use process::{Process, free_address, run};
pub use proxy::{Cut, Proxy};
pub use server::Server;
pub use servers::{Pooler, TlsServer};
pub use smtp::{MailServer, ReceivedEmail};
pub use turns::until_run;
pub use waiting::{eventually, lasts};
pub use world::{Answered, SECRET_KEY, World, document, input_of, link, secrets};

/// Runs a scenario on both databases, as two tests.
#[macro_export]
macro_rules! scenario {
    ($(#[$attribute:meta])* async fn $name:ident($world:ident: World) $body:block) => {
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "not every scenario names what is around it")]
            use super::*;
            use $crate::kit::{Backend, World};

            async fn run($world: World) $body

            $(#[$attribute])*
            #[tokio::test]
            async fn on_sqlite() {
                let world = World::new(Backend::Sqlite).await;
                run(world).await;
            }
            $(#[$attribute])*
            #[tokio::test]
            async fn on_postgres() {
                let world = World::new(Backend::Postgres).await;
                run(world).await;
            }
        }
    };
}
