//! E-mails: sending, validity and links.

pub mod links;
pub mod mail;
mod validity;

pub use mail::Mailer;
