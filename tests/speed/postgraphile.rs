//! Runs PostGraphile on the same database. PostGraphile connects as a superuser, so row-level security does not apply.
//! PostGraphile checks no rules and writes no audit log.

use crate::{Script, Server, Trouble, cast::Cast, post};
use serde_json::json;
use std::{fs::File, process::Stdio};
use tokio::process::Command;
use uuid::Uuid;

const Q1: &str = include_str!("postgraphile/Q1.graphql");
const Q2: &str = include_str!("postgraphile/Q2.graphql");
const Q4: &str = include_str!("postgraphile/Q4.graphql");
const M1: &str = include_str!("postgraphile/M1.graphql");

/// Starts PostGraphile from the folder that `tests/bench` installed it in.
pub async fn start(folder: &str, superuser: &str, connections: usize) -> Result<Server, Trouble> {
    let log = format!("{folder}/server.log");
    let child = Command::new(format!("{folder}/node"))
        .arg(format!("{folder}/server.js"))
        .args([superuser, &connections.to_string()])
        .envs([("NODE_ENV", "production"), ("GRAPHILE_ENV", "production")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?)
        .kill_on_drop(true)
        .spawn()?;
    Server::from_printed_port(child).await.map_err(|error| format!("PostGraphile: {error}: see {log}").into())
}

/// The requests of a workload. `None` for a workload that PostGraphile does not run.
pub fn scripts(workload: &str, cast: &Cast) -> Option<Vec<Script>> {
    let by_id = |document: &str, ids: &[Uuid]| -> Script {
        ids.iter().map(|id| post(document, json!({ "id": id }), "")).collect()
    };
    let readers = cast.readers.iter();
    match workload {
        "Q1" => Some(readers.map(|one| vec![post(Q1, json!({ "clients": one.clients }), "")]).collect()),
        "Q2" => Some(readers.map(|one| by_id(Q2, &one.clients)).collect()),
        "Q4" => Some(readers.map(|one| by_id(Q4, &one.clients)).collect()),
        "M1" => Some(cast.actions.iter().map(|ids| by_id(M1, ids)).collect()),
        _ => None,
    }
}
