//! The only authorization. [`role`] says what one can be, [`policy`] who may do what, [`reach`] on which rows, [`allowed`]
//! what of it is possible with a row now.

pub mod actor;
pub mod allowed;
pub mod policy;
pub mod reach;
pub mod role;
pub mod scope;

pub use actor::{Actor, Grant, Node};
pub use allowed::Allowed;
pub use policy::Permission;
pub use reach::Reach;
pub use role::{Role, Roles};
pub use scope::Scope;
pub(crate) use scope::only;
