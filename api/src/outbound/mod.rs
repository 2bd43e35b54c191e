//! What leaves the installation: e-mails.

pub mod links;
pub mod mail;
mod truth;

pub use mail::Mailer;
