//! Every path of four edges from the root.

use super::{pools, prefixes, visibility};
use crate::{
    kit::{Persona::*, World, fixtures::Fixtures, sdl},
    scenario,
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// All edges of a type, so many levels deep.
fn selection(ty: &str, depth: usize) -> String {
    let mut text = String::from("__typename");
    if sdl::is_node(ty) || ty == "Node" {
        text.push_str(" id");
    }
    if depth > 0 {
        for field in sdl::fields(ty).into_iter().filter(|field| sdl::bare(field)) {
            text.push_str(&edge(&field.name, field.ty.inner_named_type(), depth - 1, ""));
        }
    }
    text
}

/// A field that leads to objects, with what is below.
fn edge(name: &str, ty: &str, depth: usize, args: &str) -> String {
    match sdl::paged(ty) {
        // more than any list here has, and cheap enough to take hundreds of paths
        Some(ty) => format!(" {name}(first: 30) {{ totalCount nodes {{ {} }} }}", selection(ty, depth)),
        None if sdl::composite(ty) => format!(" {name}{args} {{ {} }}", selection(ty, depth)),
        None => String::new(),
    }
}

/// The documents that together take every path of four edges from the root.
fn paths(world: &World, fixtures: &Fixtures) -> Vec<String> {
    let prefixes = prefixes(world);
    let mut documents = vec![];
    for root in sdl::fields("Query") {
        let ty = root.ty.inner_named_type().as_str();
        let inner = sdl::paged(ty).unwrap_or(ty);
        let own = prefixes.get(inner).and_then(|prefix| fixtures.home.ids.get(prefix));
        let args = match (sdl::bare(root), own) {
            (true, _) => String::new(),
            (false, Some(id)) => format!("(id: \"{id}\")"),
            (false, None) => continue,
        };
        for first in sdl::fields(inner).into_iter().filter(|field| sdl::bare(field)) {
            let below = edge(&first.name, first.ty.inner_named_type(), 2, "");
            if below.is_empty() {
                continue;
            }
            let base = selection(inner, 0);
            documents.push(match sdl::paged(ty) {
                Some(_) => {
                    let asking = sdl::asking(root);
                    format!(
                        "{{ {}({asking}first: 100) {{ edges {{ node {{ {base}{below} }} }} }} }}",
                        root.name
                    )
                }
                None => format!("{{ {}{args} {{ {base}{below} }} }}", root.name),
            });
        }
    }
    documents
}

/// Every id in an answer; and complains of nulls that the schema rules out.
fn walk(of: &str, value: &Value, seen: &mut Vec<String>, at: &str) {
    let Value::Object(object) = value else {
        value.as_array().into_iter().flatten().for_each(|item| walk(of, item, seen, at));
        return;
    };
    for (key, value) in object {
        if key == "id" {
            seen.push(value.as_str().expect("an id is text").to_owned());
        }
        let Some(field) = sdl::fields(of).into_iter().find(|field| field.name == key.as_str()) else {
            continue;
        };
        assert!(!field.ty.is_non_null() || !value.is_null(), "{at}.{key} is null and must not be");
        walk(field.ty.inner_named_type(), value, seen, &format!("{at}.{key}"));
    }
}

scenario! {
    async fn no_path_leads_out_of_ones_own(world: World) {
        // documents that a client may not send, because they take hundreds of paths at once
        let world = World::with(world.backend, pools(2), |config| {
            config.limits.tokens = 1_000_000;
            config.limits.fields = 1_000_000;
            config.limits.cost = u32::MAX;
            config.rate.points = u32::MAX;
        })
        .await;
        let fixtures = Fixtures::of(&world).await;
        let documents = paths(&world, &fixtures);
        for who in [Facilitator, Leader] {
            let visibility = visibility(&world, &fixtures, who).await;
            let mut seen = HashSet::new();
            for document in &documents {
                let answer = world.read(who, document, json!({})).await;
                let mut ids = vec![];
                walk("Query", &answer, &mut ids, "Query");
                for id in ids {
                    assert!(visibility.contains(&id), "{who:?} came to {id} by\n{document}");
                    seen.insert(id);
                }
            }
            assert!(seen.len() > 20, "{who:?} came around: {}", seen.len());
        }
    }
}
