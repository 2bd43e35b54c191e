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
pub use world::{Answered, SECRET_KEY, World, days_of_quarter, document, input_of, link, secrets};

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
            #[test]
            fn on_sqlite() {
                $crate::kit::run_scenario(Backend::Sqlite, run);
            }
            $(#[$attribute])*
            #[test]
            fn on_postgres() {
                $crate::kit::run_scenario(Backend::Postgres, run);
            }
        }
    };
}

/// Runs a scenario on a database of its own. Long scenarios need more than the stack of a test's thread, unoptimized.
pub fn run_scenario<F: Future<Output = ()> + 'static>(backend: Backend, run: fn(World) -> F) {
    const STACK: usize = 8 << 20;
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let scenario = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move { run(World::new(backend).await).await });
    };
    let thread = std::thread::Builder::new().name(name).stack_size(STACK).spawn(scenario).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
