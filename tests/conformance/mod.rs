//! What is promised elsewhere, held against the program: GraphQL over HTTP, the schema, the documents, the architecture.

mod adding_a_noun;
mod documents;
mod explorer;
mod http;
mod messages;
mod scalars;
mod schema;
mod sql;
pub mod tidy;
