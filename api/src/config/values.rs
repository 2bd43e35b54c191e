//! Values of settings that are more than texts and numbers.

use std::net::IpAddr;

use serde::Deserialize;

/// A network: `10.0.0.0/8`, `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
}

impl Cidr {
    /// Whether the address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differ = match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(u32::from(a) ^ u32::from(b)) << 96,
            (IpAddr::V6(a), IpAddr::V6(b)) => u128::from(a) ^ u128::from(b),
            _ => return false,
        };
        differ.leading_zeros() >= u32::from(self.bits)
    }
}

impl TryFrom<String> for Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network such as 10.0.0.0/8 or ::1");
        let (address, bits) = text.split_once('/').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| wrong()))?;
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

/// A database's URL with a password in it; none where it names no user or has a password already.
pub fn with_password(url: &str, password: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (user, host) = rest[..end].rsplit_once('@')?;
    if user.is_empty() || user.contains(':') {
        return None;
    }
    let mut whole = format!("{scheme}://{user}:");
    for byte in password.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                whole.push(char::from(byte))
            }
            other => whole.push_str(&format!("%{other:02X}")),
        }
    }
    Some(format!("{whole}@{host}{}", &rest[end..]))
}

/// An origin of pages, as browsers send it: `https://app.example.com`; or `*` for all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(String);

impl Origin {
    /// The origin itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self(text));
        }
        let wrong = |why: &str| Err(format!("`{text}` is no origin such as https://app.example.com: {why}"));
        if text.contains(['[', '"', '\'', ' ']) && !text.contains("://[") {
            return wrong(
                "write the origins one after the other, with commas between them and no brackets or quotes",
            );
        }
        let Some((scheme, host)) = text.split_once("://") else {
            return wrong("it begins with https:// or another scheme");
        };
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
        if !scheme.starts_with(|first: char| first.is_ascii_lowercase()) || !scheme.bytes().all(letter) {
            return wrong("its scheme has small letters alone");
        }
        if host.contains(['/', '?', '#', '@']) {
            return wrong("it ends with the host or the port, without a slash or a path");
        }
        if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return wrong("browsers send the host in small letters");
        }
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
            _ => (host, None),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
        if name.is_empty() || !name.bytes().all(plain) {
            return wrong("its host is a name in ASCII, an address, or a name in punycode");
        }
        match (scheme, port) {
            ("http", Some("80")) | ("https", Some("443")) => wrong("browsers leave out the usual port"),
            (_, Some(port)) if port.parse::<u16>().is_err() => wrong("its port is a number"),
            _ => Ok(Self(text)),
        }
    }
}

/// The name of a request's header, in any case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Header(String);

impl Header {
    /// The name in small letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Header {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        match !text.is_empty() && text.bytes().all(plain) && text != "*" {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err(format!("`{text}` is no name of a header such as x-client-version")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_addresses() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("::/0", "10.0.0.1", false),
        ] {
            let cidr = Cidr::try_from(network.to_owned()).unwrap();
            assert_eq!(cidr.contains(address.parse().unwrap()), inside, "{address} in {network}");
        }
    }

    #[test]
    fn origins_are_as_browsers_send_them() {
        for right in [
            "*",
            "https://app.example.com",
            "http://localhost:3000",
            "https://app.example.com:8443",
            "http://[::1]:3000",
            "http://[::1]",
            "capacitor://localhost",
            "chrome-extension://abcdefghijklmnop",
            "https://xn--bcher-kva.example",
        ] {
            assert!(Origin::try_from(right.to_owned()).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "nonsense",
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "[\"https://app.example.com\"",
            "\"https://app.example.com\"",
            "https://App.example.com",
            "HTTPS://app.example.com",
            "https://",
            "://app.example.com",
            "https://app.example.com:443",
            "http://app.example.com:80",
            "https://app.example.com:port",
            "https://me@app.example.com",
            "https://*.example.com",
            "https://bücher.example",
        ] {
            assert!(Origin::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_goes_into_its_url() {
        for (url, wanted) in [
            ("postgres://app@db:5432/concord", Some("postgres://app:a%2Fb%40c@db:5432/concord")),
            (
                "postgres://app@db/concord?sslmode=require",
                Some("postgres://app:a%2Fb%40c@db/concord?sslmode=require"),
            ),
            ("postgres://app:x@db/concord", None),
            ("postgres://db/concord", None),
            ("postgres://@db/concord", None),
        ] {
            assert_eq!(with_password(url, "a/b@c").as_deref(), wanted, "{url}");
        }
    }

    #[test]
    fn headers_have_names() {
        for (text, wanted) in
            [("X-Client-Version", Some("x-client-version")), ("", None), ("a b", None), ("*", None)]
        {
            let read = Header::try_from(text.to_owned()).ok();
            assert_eq!(read.as_ref().map(Header::as_str), wanted, "{text}");
        }
    }
}
