//! Programme templates.

pub mod stratpro;
