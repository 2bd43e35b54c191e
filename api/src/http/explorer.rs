//! GraphiQL from a CDN. Each file is pinned by version and by the hash of its content, so that the CDN cannot
//! change what runs beside a person's token.
//!
//! The hashes are those of the files in the npm packages: `npm pack graphiql@3.8.3`, then
//! `openssl dgst -sha384 -binary package/graphiql.min.js | base64`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::answer;

/// The page, made once.
#[derive(Clone)]
pub struct Explorer {
    html: String,
    policy: HeaderValue,
}

impl Explorer {
    /// The page and its Content-Security-Policy.
    pub fn new() -> Self {
        let script_hash = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
        let scripts: Vec<&str> = SCRIPTS.iter().map(|(url, _)| *url).collect();
        // CodeMirror sets styles as it draws; scripts are these three files and the one below alone.
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{script_hash}' {}; style-src 'unsafe-inline' {STYLE_URL}; \
             font-src data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
            scripts.join(" ")
        );
        let tags: String = SCRIPTS
            .iter()
            .map(|(url, hash)| {
                format!("<script src=\"{url}\" integrity=\"{hash}\" crossorigin=\"anonymous\"></script>\n")
            })
            .collect();
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Concord</title>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <style>body{{margin:0}}#explorer{{height:100dvh}}</style>\n\
             <link rel=\"stylesheet\" href=\"{STYLE_URL}\" integrity=\"{STYLE_HASH}\" crossorigin=\"anonymous\">\n\
             </head>\n<body>\n<div id=\"explorer\"></div>\n{tags}<script>{SCRIPT}</script>\n</body>\n</html>\n"
        );
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { html, policy }
    }

    /// The page as a response.
    pub fn respond(&self) -> Response {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let mut response = answer::plain(StatusCode::OK, html, self.html.clone());
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }
}

const SCRIPTS: [(&str, &str); 3] = [
    (
        "https://unpkg.com/react@18.3.1/umd/react.production.min.js",
        "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    ),
    (
        "https://unpkg.com/react-dom@18.3.1/umd/react-dom.production.min.js",
        "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    ),
    (
        "https://unpkg.com/graphiql@3.8.3/graphiql.min.js",
        "sha384-HbRVEFG0JGJZeAHCJ9Xm2+tpknBQ7QZmNlO/DgZtkZ0aJSypT96YYGRNod99l9Ie",
    ),
];
const STYLE_URL: &str = "https://unpkg.com/graphiql@3.8.3/graphiql.min.css";
const STYLE_HASH: &str = "sha384-Mq3vbRBY71jfjQAt/DcjxUIYY33ksal4cgdRt9U/hNPvHBCaT2JfJ/PTRiPKf0aM";
/// Headers are not kept: a token in the browser's storage outlives the session.
const SCRIPT: &str = "ReactDOM.createRoot(document.getElementById('explorer')).render(\
React.createElement(GraphiQL,{fetcher:GraphiQL.createFetcher({url:'/graphql'}),\
shouldPersistHeaders:false,defaultEditorToolsVisibility:'headers'}));";
