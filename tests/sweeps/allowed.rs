//! `allowed` of an object beside what becomes of the mutation: what is not in it is refused, and what is in it is never
//! refused because of the caller's role, because it is somebody else's, or because of the object's state.

use crate::kit::{Persona, World, sdl};
use concord::kernel::read::page::constant;
use serde_json::json;

/// Whether the object says that the caller may do this with it now. `None` if it does not say, or is not seen.
pub async fn said(world: &World, who: Persona, mutation: &str, id: &str) -> Option<bool> {
    let types = sdl::types_with("allowed");
    let fragments: Vec<String> = types.iter().map(|name| format!("... on {name} {{ allowed }}")).collect();
    let document = format!("query($id: ID!) {{ node(id: $id) {{ {} }} }}", fragments.join(" "));
    let seen = world.read(who, &document, json!({ "id": id })).await;
    let name = constant(mutation);
    Some(seen["node"]["allowed"].as_array()?.iter().any(|allowed| allowed == &json!(name)))
}

/// Whether what became of the mutation is what the object said.
pub fn was_true(said: bool, became: &str) -> bool {
    let refused =
        became.split(' ').any(|word| ["FORBIDDEN", "NOT_OWNER", "WRONG_STATE", "NOT_FOUND"].contains(&word));
    if said { !refused } else { became != "done" }
}
