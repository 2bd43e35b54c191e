//! Results computed a second time, differently, and compared.

pub mod dashboard;
mod metrics;
mod properties;
mod risk;
