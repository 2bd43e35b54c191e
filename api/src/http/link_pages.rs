//! Plain pages behind the links of e-mails, until real ones replace them.

use super::{Service, Shared, answer};
use crate::outbound::links::LINKS;
use axum::{Router, http::StatusCode, routing::get};

/// A page at each path that e-mails link to.
pub fn routes<S: Service>() -> Router<Shared<S>> {
    LINKS.iter().fold(Router::new(), |router, link| {
        let page = link.page;
        router.route(link.path, get(move || async move { answer::text(StatusCode::OK, page) }))
    })
}
