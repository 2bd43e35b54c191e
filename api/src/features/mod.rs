//! The nouns, one folder each.

pub mod template;
