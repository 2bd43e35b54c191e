//! Closed sets of values. In the database they are text in snake_case, so that an index on them also serves
//! under row-level security; in GraphQL they are enums in UPPER_CASE.

/// Declares a closed enum that is a column type and a GraphQL enum at once.
#[macro_export]
macro_rules! closed {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$item_doc:meta])* $item:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            sea_orm::EnumIter, sea_orm::DeriveActiveEnum, async_graphql::Enum, serde::Serialize,
            serde::Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$item_doc])* $item),* }
    };
}
