//! A PostgreSQL URL, as both drivers take it: sqlx for writes, tokio-postgres for reads. Both connect to the same server
//! with the same TLS, and both keep the URL's own `options`.
//!
//! | `sslmode` | connection |
//! |---|---|
//! | `disable` | never encrypted |
//! | `prefer` (default) | encrypted if the server offers it; the certificate is not checked |
//! | `require` | encrypted; the certificate is not checked unless `sslrootcert` is set |
//! | `verify-ca` | encrypted; the certificate is signed by a trusted authority |
//! | `verify-full` | the same, and the certificate names the host |
//!
//! Trusted are the well-known public authorities and those in the file `sslrootcert`.

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::{str::FromStr, sync::Arc};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

/// How to connect to a server.
pub struct Address {
    pub writes: PgConnectOptions,
    pub reads: tokio_postgres::Config,
    pub tls: MakeRustlsConnect,
}

/// What a URL says about TLS.
#[derive(Debug)]
struct Tls {
    mode: Mode,
    root: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Address {
    /// Reads a URL. The message of a failure holds neither user, password nor host.
    pub fn parse(text: &str) -> Result<Address, String> {
        let url = Url::parse(text).map_err(|_| format!("this is not a URL: expected {EXPECTED}"))?;
        if !["postgres", "postgresql"].contains(&url.scheme()) {
            return Err(format!("`{}:` is not PostgreSQL's scheme: expected {EXPECTED}", url.scheme()));
        }
        let mut tls = Tls { mode: Mode::Prefer, root: None, certificate: None, key: None };
        let (mut options, mut rest) = (vec![], vec![]);
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" | "ssl-mode" => tls.mode = Mode::parse(&value)?,
                "sslrootcert" | "ssl-root-cert" | "ssl-ca" => tls.root = Some(value.into_owned()),
                "sslcert" | "ssl-cert" => tls.certificate = Some(value.into_owned()),
                "sslkey" | "ssl-key" => tls.key = Some(value.into_owned()),
                "options" => options.push(value.into_owned()),
                // how many statements are kept is decided here and not by the URL
                "statement-cache-capacity" => {}
                name => match name.strip_prefix("options[").and_then(|name| name.strip_suffix(']')) {
                    Some(name) => options.push(format!("-c {name}={value}")),
                    None => rest.push((name.to_owned(), value.into_owned())),
                },
            }
        }
        if tls.mode == Mode::Require && tls.root.is_some() {
            tls.mode = Mode::VerifyCa;
        }
        let mut plain = url.clone();
        plain.set_query(None);
        if !rest.is_empty() {
            plain.query_pairs_mut().extend_pairs(rest);
        }
        let wrong = |error: &dyn std::fmt::Display| format!("{error}: expected {EXPECTED}");
        let mut reads = tokio_postgres::Config::from_str(plain.as_str()).map_err(|error| wrong(&error))?;
        if !options.is_empty() {
            let options = options.join(" ");
            plain.query_pairs_mut().append_pair("options", &options);
            reads.options(options);
        }
        let writes = PgConnectOptions::from_str(plain.as_str()).map_err(|error| wrong(&error))?;
        let writes = tls.for_writes(writes);
        reads.ssl_mode(match tls.mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        Ok(Address { writes, reads, tls: MakeRustlsConnect::new(tls.for_reads()?) })
    }
}

const EXPECTED: &str = "postgres://USER:PASSWORD@HOST:5432/DATABASE";

impl Mode {
    fn parse(text: &str) -> Result<Mode, String> {
        Ok(match text {
            "disable" => Mode::Disable,
            "prefer" => Mode::Prefer,
            "require" => Mode::Require,
            "verify-ca" => Mode::VerifyCa,
            "verify-full" => Mode::VerifyFull,
            _ => {
                return Err(format!(
                    "sslmode: `{text}` is none of disable, prefer, require, verify-ca, verify-full"
                ));
            }
        })
    }
}

impl Tls {
    fn for_writes(&self, mut options: PgConnectOptions) -> PgConnectOptions {
        options = options.ssl_mode(match self.mode {
            Mode::Disable => PgSslMode::Disable,
            Mode::Prefer => PgSslMode::Prefer,
            Mode::Require => PgSslMode::Require,
            Mode::VerifyCa => PgSslMode::VerifyCa,
            Mode::VerifyFull => PgSslMode::VerifyFull,
        });
        if let Some(path) = &self.root {
            options = options.ssl_root_cert(path);
        }
        if let Some(path) = &self.certificate {
            options = options.ssl_client_cert(path);
        }
        if let Some(path) = &self.key {
            options = options.ssl_client_key(path);
        }
        options
    }

    /// The same configuration as sqlx makes of the same settings.
    fn for_reads(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS: {error}"))?;
        let trusted = match self.mode {
            Mode::VerifyCa | Mode::VerifyFull => Some(self.authorities(provider.clone())?),
            Mode::Disable | Mode::Prefer | Mode::Require => None,
        };
        let verifier = Arc::new(Verifier { trusted, names_host: self.mode == Mode::VerifyFull, provider });
        let config = config.dangerous().with_custom_certificate_verifier(verifier);
        match (&self.certificate, &self.key) {
            (None, None) => Ok(config.with_no_client_auth()),
            (Some(certificate), Some(key)) => {
                let chain = certificates("sslcert", certificate)?;
                let key = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("sslkey: {error}"))?;
                config.with_client_auth_cert(chain, key).map_err(|error| format!("sslcert: {error}"))
            }
            _ => Err("sslcert and sslkey must be given together".into()),
        }
    }

    fn authorities(&self, provider: Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, String> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(path) = &self.root {
            for certificate in certificates("sslrootcert", path)? {
                roots.add(certificate).map_err(|error| format!("sslrootcert: {error}"))?;
            }
        }
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| format!("TLS: {error}"))
    }
}

fn certificates(setting: &str, path: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |error| format!("{setting}: {path}: {error}");
    let found = CertificateDer::pem_file_iter(path).map_err(wrong)?.collect::<Result<Vec<_>, _>>();
    match found.map_err(wrong)? {
        found if found.is_empty() => Err(format!("{setting}: {path} holds no certificate")),
        found => Ok(found),
    }
}

/// Checks as much of the server's certificate as the mode asks for, and always that the server holds its key.
#[derive(Debug)]
struct Verifier {
    trusted: Option<Arc<WebPkiServerVerifier>>,
    names_host: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use rustls::{CertificateError::*, Error::InvalidCertificate};
        let Some(trusted) = &self.trusted else { return Ok(ServerCertVerified::assertion()) };
        match trusted.verify_server_cert(certificate, between, host, ocsp, now) {
            Err(InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) if !self.names_host => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        Address::parse(url).err().expect("a refusal")
    }

    #[test]
    fn other_urls_are_refused_by_name_and_without_their_secrets() {
        for (url, named) in [
            ("mysql://app:hunter2@db/concord", "`mysql:`"),
            ("sqlite://concord.db", "`sqlite:`"),
            ("http://app:hunter2@db/", "`http:`"),
            ("concord", "not a URL"),
            ("postgres://app:hunter2@db/concord?sslmode=allow", "`allow`"),
            (
                "postgres://app:hunter2@db/concord?sslmode=verify-full&sslrootcert=/nowhere.pem",
                "sslrootcert: /nowhere.pem",
            ),
            ("postgres://app:hunter2@db/concord?sslcert=/nowhere.pem", "sslcert and sslkey"),
        ] {
            let message = refused(url);
            assert!(message.contains(named), "{url}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn a_urls_own_options_reach_both_drivers() {
        let options = |url: &str| {
            let address = Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            let writes = address.writes.get_options().unwrap_or_default().to_owned();
            (writes, address.reads.get_options().unwrap_or_default().to_owned())
        };
        for (url, expected) in [
            ("postgres://app@db/concord", ""),
            ("postgres://app@db/concord?options=-c%20search_path%3Dapp", "-c search_path=app"),
            (
                "postgresql://app@db/concord?options=-c%20a%3Db&options[work_mem]=8MB",
                "-c a=b -c work_mem=8MB",
            ),
        ] {
            assert_eq!(options(url), (expected.to_owned(), expected.to_owned()), "{url}");
        }
    }

    #[test]
    fn sslmode_means_the_same_to_both_drivers() {
        for (query, writes, reads) in [
            ("", "Prefer", SslMode::Prefer),
            ("?sslmode=disable", "Disable", SslMode::Disable),
            ("?sslmode=prefer", "Prefer", SslMode::Prefer),
            ("?sslmode=require", "Require", SslMode::Require),
            ("?sslmode=verify-ca", "VerifyCa", SslMode::Require),
            ("?sslmode=verify-full", "VerifyFull", SslMode::Require),
        ] {
            let address = Address::parse(&format!("postgres://app@db/concord{query}")).expect(query);
            assert_eq!(format!("{:?}", address.writes.get_ssl_mode()), writes, "{query}");
            assert_eq!(address.reads.get_ssl_mode(), reads, "{query}");
        }
    }
}
