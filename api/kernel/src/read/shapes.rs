//! All shapes that can be read.

use super::shape::{FieldKind, Shape};
use std::collections::HashMap;

/// Every shape that a root leads to, by its name.
pub struct Shapes {
    pub(super) root: &'static Shape,
    pub(super) by_name: HashMap<&'static str, &'static Shape>,
}

impl Shapes {
    pub fn below(root: &'static Shape) -> Shapes {
        let mut by_name = HashMap::new();
        gather(root, &mut by_name);
        Shapes { root, by_name }
    }
}

fn gather(shape: &'static Shape, shapes: &mut HashMap<&'static str, &'static Shape>) {
    if shapes.insert(shape.name, shape).is_some() {
        return;
    }
    for field in &shape.fields {
        match &field.kind {
            FieldKind::One { to, .. }
            | FieldKind::List { to, .. }
            | FieldKind::First { to, .. }
            | FieldKind::Connection { to, .. }
            | FieldKind::ById { to }
            | FieldKind::Mine { to, .. }
            | FieldKind::Virtual { to, .. } => gather(to(), shapes),
            FieldKind::Value { .. }
            | FieldKind::Subject { .. }
            | FieldKind::Node
            | FieldKind::Nodes
            | FieldKind::Allowed(_)
            | FieldKind::Computed { .. }
            | FieldKind::FromRequest { .. } => {}
        }
    }
}
