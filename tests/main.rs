//! Concord as its users and attackers meet it: through the API, on both databases.

mod conformance;
mod kit;
mod oracles;
mod scenarios;
mod sweeps;

/// The program's. It takes a tenth less time than the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
