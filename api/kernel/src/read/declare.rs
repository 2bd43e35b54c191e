//! How a noun declares its shape: `shape!`.

/// Declares a noun's shape: its type's name and description, the table it reads, and its fields. Columns are
/// SeaORM's, so a misspelled one does not compile.
#[macro_export]
macro_rules! shape {
    ($(#[doc = $doc:literal])* $name:ident of $module:ident { $($(#[doc = $field_doc:literal])* $field:ident = $kind:expr),* $(,)? }) => {
        $(#[doc = $doc])*
        pub struct $name;
        impl $crate::read::Shaped for $name {
            fn shape() -> &'static $crate::read::Shape {
                static SHAPE: std::sync::OnceLock<$crate::read::Shape> = std::sync::OnceLock::new();
                SHAPE.get_or_init(|| {
                    #[allow(unused_imports, clippy::allow_attributes, reason = "not every noun uses every kind of field")]
                    use {$crate::read::shape::*, entity::$module::{Column::*, Entity}};
                    Shape::of::<Entity>(stringify!($name), concat!($($doc, "\n"),*), vec![
                        $(Field::new(stringify!($field), concat!($($field_doc, "\n"),*), $kind)),*
                    ])
                })
            }
        }
    };
    ($(#[doc = $doc:literal])* virtual $name:ident as $shown:literal { $($(#[doc = $field_doc:literal])* $field:ident = $kind:expr),* $(,)? }) => {
        $(#[doc = $doc])*
        pub struct $name;
        impl $crate::read::Shaped for $name {
            fn shape() -> &'static $crate::read::Shape {
                static SHAPE: std::sync::OnceLock<$crate::read::Shape> = std::sync::OnceLock::new();
                SHAPE.get_or_init(|| {
                    #[allow(unused_imports, clippy::allow_attributes, reason = "not every noun uses every kind of field")]
                    use $crate::read::shape::*;
                    Shape::virtual_($shown, concat!($($doc, "\n"),*), vec![
                        $(Field::new(stringify!($field), concat!($($field_doc, "\n"),*), $kind)),*
                    ])
                })
            }
        }
    };
}
