//! The explorer: GraphiQL with a sign-in form and example queries.
//!
//! GraphiQL is four files of npm packages, from the folder `assets` where it is set, else from a CDN. Each file is pinned
//! by version and by the hash of its content, so that neither can change what runs beside a person's token.
//!
//! The hashes are those of the files in the packages: `npm pack graphiql@3.8.3`, then
//! `openssl dgst -sha384 -binary package/graphiql.min.js | base64`.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha384};

use super::{Service, Shared, answer};
use crate::config::DemoSignIns;

/// The page and the files beside it, made once.
#[derive(Debug, Clone)]
pub struct Explorer {
    page: Bytes,
    policy: HeaderValue,
    /// The files of the folder `assets`; empty: they come from the CDN.
    assets: Vec<(&'static PackageFile, Bytes)>,
}

impl Explorer {
    /// Makes the page. `assets` is the folder with the files, `demo` what the form offers to sign in as.
    ///
    /// # Errors
    /// A file of the folder is missing, or is not the pinned one.
    pub fn new(assets: Option<&Path>, demo: Option<&DemoSignIns>) -> Result<Self, String> {
        let files = [&STYLE].into_iter().chain(&SCRIPTS);
        let assets = match assets {
            Some(folder) => files
                .map(|file| file.read(folder).map(|content| (file, content)))
                .collect::<Result<Vec<_>, String>>()?,
            None => Vec::new(),
        };
        let is_local = !assets.is_empty();
        let address = |file: &PackageFile| if is_local { file.own_url() } else { file.cdn_url() };
        let scripts: Vec<String> = SCRIPTS.iter().map(address).collect();
        // Nothing from outside is allowed that the page does not name.
        let outside = if is_local { String::new() } else { format!(" {}", scripts.join(" ")) };
        let outside_style = if is_local { String::new() } else { format!(" {}", address(&STYLE)) };
        // CodeMirror sets styles as it draws.
        let policy = format!(
            "default-src 'none'; script-src 'self'{outside}; style-src 'self' 'unsafe-inline'{outside_style}; \
             font-src data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        let style = format!(
            "<link rel=\"stylesheet\" href=\"{}\" integrity=\"{}\" crossorigin=\"anonymous\">",
            address(&STYLE),
            STYLE.hash
        );
        let tags: Vec<String> = SCRIPTS
            .iter()
            .map(|file| {
                let (url, hash) = (address(file), file.hash);
                format!("<script src=\"{url}\" integrity=\"{hash}\" crossorigin=\"anonymous\"></script>")
            })
            .collect();
        let page = include_str!("explorer.html")
            .replace("{{style}}", &style)
            .replace("{{scripts}}", &tags.join("\n"))
            .replace("{{email}}", &email_field(demo))
            .replace(
                "{{password}}",
                &demo.map_or_else(String::new, |demo| format!(" value=\"{}\"", demo.password)),
            );
        let policy = HeaderValue::from_str(&policy).map_err(|error| format!("explorer: {error}"))?;
        Ok(Self { page: page.into(), policy, assets })
    }

    /// The page at `/` and `/explorer`, with its script and its style.
    pub fn pages<S: Service>(&self) -> Router<Shared<S>> {
        let explorer = self.clone();
        let page = get(move || async move { explorer.respond() });
        Router::new()
            .route("/", page.clone())
            .route("/explorer", page)
            .route("/explorer.js", get(|| async { own_file(JAVASCRIPT, include_str!("explorer.js")) }))
            .route("/explorer.css", get(|| async { own_file(CSS, include_str!("explorer.css")) }))
    }

    /// The files of the folder `assets`, by their names only.
    pub fn assets<S: Service>(&self) -> Router<Shared<S>> {
        self.assets.iter().fold(Router::new(), |router, (file, content)| {
            let (media_type, content) = (file.media_type(), content.clone());
            router.route(&file.own_path(), get(move || async move { asset(media_type, content) }))
        })
    }

    fn respond(&self) -> Response {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let mut response = answer::plain(StatusCode::OK, html, self.page.clone());
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }
}

/// A file of an npm package.
#[derive(Debug)]
struct PackageFile {
    /// Name and version.
    package: &'static str,
    folder: &'static str,
    name: &'static str,
    /// The hash of its content, as the attribute `integrity` has it.
    hash: &'static str,
}

impl PackageFile {
    fn cdn_url(&self) -> String {
        format!("https://unpkg.com/{}{}{}", self.package, self.folder, self.name)
    }

    fn own_path(&self) -> String {
        format!("/assets/{}", self.name)
    }

    /// The version makes it another URL for another content, so that browsers may keep the file.
    fn own_url(&self) -> String {
        format!("{}?{}", self.own_path(), self.package)
    }

    fn media_type(&self) -> &'static str {
        if self.name.ends_with(".css") { CSS } else { JAVASCRIPT }
    }

    /// Reads it from the folder `assets`.
    fn read(&self, folder: &Path) -> Result<Bytes, String> {
        let path = folder.join(self.name);
        let content = std::fs::read(&path).map_err(|error| format!("assets: {}: {error}", path.display()))?;
        let hash = format!("sha384-{}", STANDARD.encode(Sha384::digest(&content)));
        if hash != self.hash {
            let (path, package, folder) = (path.display(), self.package, self.folder);
            return Err(format!("assets: {path} is not the file {package}{folder}{}", self.name));
        }
        Ok(content.into())
    }
}

/// In the order in which they run.
static SCRIPTS: [PackageFile; 3] = [
    PackageFile {
        package: "react@18.3.1",
        folder: "/umd/",
        name: "react.production.min.js",
        hash: "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    },
    PackageFile {
        package: "react-dom@18.3.1",
        folder: "/umd/",
        name: "react-dom.production.min.js",
        hash: "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    },
    PackageFile {
        package: "graphiql@3.8.3",
        folder: "/",
        name: "graphiql.min.js",
        hash: "sha384-HbRVEFG0JGJZeAHCJ9Xm2+tpknBQ7QZmNlO/DgZtkZ0aJSypT96YYGRNod99l9Ie",
    },
];
static STYLE: PackageFile = PackageFile {
    package: "graphiql@3.8.3",
    folder: "/",
    name: "graphiql.min.css",
    hash: "sha384-Mq3vbRBY71jfjQAt/DcjxUIYY33ksal4cgdRt9U/hNPvHBCaT2JfJ/PTRiPKf0aM",
};
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// The form's field for the address: a choice among the demo's sign-ins, which are constants without markup.
fn email_field(demo: Option<&DemoSignIns>) -> String {
    let Some(demo) = demo else {
        return "<input name=\"email\" type=\"email\" autocomplete=\"username\" required>".to_owned();
    };
    let option =
        |(email, role): &(&str, &str)| format!("<option value=\"{email}\">{email}: {role}</option>\n");
    format!("<select name=\"email\">\n{}</select>", demo.people.iter().map(option).collect::<String>())
}

fn own_file(media_type: &'static str, content: &'static str) -> Response {
    answer::plain(StatusCode::OK, HeaderValue::from_static(media_type), content)
}

fn asset(media_type: &'static str, content: Bytes) -> Response {
    let mut response = answer::plain(StatusCode::OK, HeaderValue::from_static(media_type), content);
    let a_year = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, a_year);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(explorer: &Explorer) -> &str {
        std::str::from_utf8(&explorer.page).unwrap()
    }

    #[test]
    fn files_of_the_cdn_are_pinned_by_version_and_hash() {
        let explorer = Explorer::new(None, None).unwrap();
        let (page, policy) = (page(&explorer), explorer.policy.to_str().unwrap());
        assert_eq!(page.matches("https://").count(), 4);
        assert_eq!(page.matches("integrity=\"sha384-").count(), 4);
        assert!(!page.contains("{{"), "{page}");
        for file in SCRIPTS.iter().chain([&STYLE]) {
            assert!(page.contains(&file.cdn_url()) && policy.contains(&file.cdn_url()), "{}", file.name);
        }
        let scripts = policy.split("; ").find(|part| part.starts_with("script-src ")).unwrap();
        assert!(!scripts.contains("unsafe") && !scripts.contains('*'), "{scripts}");
    }

    #[test]
    fn scripts_are_files() {
        let html = include_str!("explorer.html");
        assert!(html.matches("<script").count() == 1 && html.contains("src=\"/explorer.js\"></script>"));
        assert!(!html.contains(" on") && !html.contains("javascript:"), "no handler in an attribute");
    }

    #[test]
    fn the_form_offers_sign_ins_on_the_demo_only() {
        let people = &[("admin@demo.example", "admin"), ("owner@demo.example", "franchise owner")];
        let demo = DemoSignIns { password: "demo password", people };
        let explorer = Explorer::new(None, Some(&demo)).unwrap();
        assert!(
            page(&explorer).contains(
                "<option value=\"owner@demo.example\">owner@demo.example: franchise owner</option>"
            )
        );
        assert!(page(&explorer).contains(" required value=\"demo password\">"));
        let explorer = Explorer::new(None, None).unwrap();
        assert!(!page(&explorer).contains("<option") && page(&explorer).contains("type=\"email\""));
    }

    #[test]
    fn a_file_that_is_missing_or_another_is_named() {
        let folder = std::env::temp_dir().join(format!("concord-assets-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let missing = Explorer::new(Some(&folder), None).unwrap_err();
        assert!(missing.starts_with("assets: ") && missing.contains("graphiql.min.css: "), "{missing}");
        std::fs::write(folder.join("graphiql.min.css"), "body {}").unwrap();
        let wrong = Explorer::new(Some(&folder), None).unwrap_err();
        assert!(
            wrong.ends_with("graphiql.min.css is not the file graphiql@3.8.3/graphiql.min.css"),
            "{wrong}"
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_image_and_the_manual_have_the_same_versions() {
        let image = include_str!("../../../deploy/Dockerfile");
        let manual = include_str!("../../../deploy/README.md");
        for PackageFile { package, folder, name, .. } in SCRIPTS.iter().chain([&STYLE]) {
            assert!(image.contains(&format!(" {package} ")), "{package}");
            assert!(image.contains(&format!("package{folder}{name}")), "{name}");
            assert!(manual.contains(&format!("| `{name}` | `{package}` | `{folder}` |")), "{name}");
        }
    }
}
