//! Plain pages behind the links of e-mails, until real ones replace them.

use super::{Outcome, Service, Shared, answer};
use crate::outbound::links::{LINKS, OBJECTS, object_page};
use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode},
    response::Response,
    routing::get,
};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// The page of `GET`. It changes nothing, because programs that look for malware follow the links of e-mails.
const CONFIRM: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Concord</title>\
    <p>No more e-mails about notices?</p><form method=\"post\"><button>Unsubscribe</button></form></html>\n";

/// A page at each path that e-mails link to.
pub fn routes<S: Service>() -> Router<Shared<S>> {
    let router = LINKS.iter().fold(Router::new(), |router, link| {
        let page = link.page;
        router.route(link.path, get(move || async move { answer::text(StatusCode::OK, page) }))
    });
    let router = OBJECTS.iter().fold(router, |router, page| {
        let path = format!("{}/{{id}}", page.path);
        let show = get(move || async move { answer::plain(StatusCode::OK, TEXT, object_page(page)) });
        router.route(&path, show)
    });
    router.route("/unsubscribe/{token}", get(confirm_unsubscribing::<S>).post(unsubscribe::<S>))
}

/// Asks whether to end the e-mails, where the link is valid.
async fn confirm_unsubscribing<S: Service>(
    state: State<Shared<S>>,
    path: Path<String>,
    request: Request,
) -> Response {
    answer_unsubscribing(state, path, request, false).await
}

/// Ends the e-mails, by the page's button or by one click of an e-mail program (RFC 8058). Neither sends a cookie or
/// signs in.
async fn unsubscribe<S: Service>(state: State<Shared<S>>, path: Path<String>, request: Request) -> Response {
    answer_unsubscribing(state, path, request, true).await
}

async fn answer_unsubscribing<S: Service>(
    State(shared): State<Shared<S>>,
    Path(token): Path<String>,
    request: Request,
    confirmed: bool,
) -> Response {
    let remote = shared.remote(request.extensions(), request.headers());
    match shared.service.unsubscribe(&token, remote, confirmed).await {
        Ok(true) if confirmed => answer::text(StatusCode::OK, "You get no more e-mails about notices.\n"),
        Ok(true) => answer::plain(StatusCode::OK, HTML, CONFIRM),
        Ok(false) => answer::text(StatusCode::NOT_FOUND, "not found\n"),
        Err(Outcome::RateLimited { retry_after }) => answer::too_many_requests(retry_after),
        Err(_) => answer::text(StatusCode::INTERNAL_SERVER_ERROR, "internal error\n"),
    }
}
