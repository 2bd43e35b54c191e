//! Media types: of answers that a client accepts, and of bodies that the server accepts.

use axum::http::{HeaderMap, HeaderValue, header};

/// The two forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells request errors.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request.
    Json,
}

impl Media {
    /// The header `Content-Type`.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// The media type that the client prefers, or `None` if it accepts neither. Among equals, the first one wins. A
/// wildcard means `application/json`, as older clients expect.
pub fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut ranges = Vec::new();
    for value in headers.get_all(header::ACCEPT) {
        ranges.extend(value.to_str().ok()?.split(',').filter_map(Range::parse));
    }
    if ranges.is_empty() {
        return Some(Media::Json);
    }
    let graphql = weight(&ranges, "graphql-response+json");
    let json = weight(&ranges, "json");
    match (graphql.filter(|g| g.quality > 0), json.filter(|j| j.quality > 0)) {
        (Some(g), Some(j)) => {
            let better = (g.quality, g.exact, std::cmp::Reverse(g.place))
                > (j.quality, j.exact, std::cmp::Reverse(j.place));
            Some(if better { Media::GraphqlResponse } else { Media::Json })
        }
        (Some(_), None) => Some(Media::GraphqlResponse),
        (None, Some(_)) => Some(Media::Json),
        (None, None) => None,
    }
}

/// Whether the body is JSON in UTF-8, sent as it is. Nothing else: a form or plain text would let any web page
/// send requests without asking (CSRF).
pub fn is_json_body(headers: &HeaderMap) -> bool {
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else { return false };
    let Ok(value) = value.to_str() else { return false };
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    plain && is_json && parts.all(|parameter| !is_foreign_charset(parameter))
}

struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// Thousandths, as far as the header goes.
    quality: u16,
}

#[derive(Clone, Copy)]
struct Weight {
    quality: u16,
    exact: bool,
    place: usize,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let mut quality = 1_000;
        for parameter in parts {
            if is_foreign_charset(parameter) {
                return None;
            }
            if let Some(q) = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")) {
                quality = (q.trim().parse::<f32>().ok()?.clamp(0.0, 1.0) * 1_000.0) as u16;
            }
        }
        Some(Self { kind, subtype, quality })
    }

    /// How exactly it names `application/<subtype>`: 2 in full, 1 by its kind, 0 by `*/*`.
    fn exactness(&self, subtype: &str) -> Option<u8> {
        let application = self.kind.eq_ignore_ascii_case("application");
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (_, "*") if application => Some(1),
            (_, named) if application && named.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// The most exact range decides, as RFC 9110 has it.
fn weight(ranges: &[Range<'_>], subtype: &str) -> Option<Weight> {
    let fitting = ranges
        .iter()
        .enumerate()
        .filter_map(|(place, range)| Some((range.exactness(subtype)?, place, range)));
    let (exactness, place, range) =
        fitting.max_by_key(|(exactness, place, _)| (*exactness, std::cmp::Reverse(*place)))?;
    Some(Weight {
        quality: range.quality,
        exact: exactness == 2,
        place: if exactness == 2 { place } else { usize::MAX },
    })
}

fn is_foreign_charset(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let utf8 = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("charset")
        && !utf8.eq_ignore_ascii_case("utf-8")
        && !utf8.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_header_is_weighed() {
        const GRAPHQL: Option<Media> = Some(Media::GraphqlResponse);
        const JSON: Option<Media> = Some(Media::Json);
        for (accept, wanted) in [
            ("", JSON),
            ("*/*", JSON),
            ("application/*", JSON),
            ("application/json", JSON),
            ("Application/JSON; charset=UTF-8", JSON),
            ("application/graphql-response+json", GRAPHQL),
            ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", GRAPHQL),
            ("application/json, application/graphql-response+json", JSON),
            ("application/json;q=0.9, application/graphql-response+json", GRAPHQL),
            ("application/graphql-response+json;q=0.1, */*", JSON),
            ("application/graphql-response+json, */*", GRAPHQL),
            ("application/graphql-response+json, */*;q=0.5", GRAPHQL),
            ("application/graphql-response+json;q=0, */*", JSON),
            ("application/json;q=0, */*", GRAPHQL),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json; charset=iso-8859-1, text/plain", None),
            ("*/*;q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            if !accept.is_empty() {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(accepted(&headers), wanted, "{accept}");
        }
    }

    #[test]
    fn only_plain_json_is_a_body() {
        for (content_type, wanted) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("APPLICATION/JSON;charset=\"UTF-8\"", true),
            ("application/json; charset=latin1", false),
            ("application/graphql", false),
            ("text/plain", false),
            ("text/plain;application/json", false),
            ("application/jsonx", false),
            ("multipart/form-data; boundary=x", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(is_json_body(&headers), wanted, "{content_type}");
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            assert!(!is_json_body(&headers));
        }
        assert!(!is_json_body(&HeaderMap::new()));
    }
}
