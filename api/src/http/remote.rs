//! The address of a caller behind proxies.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;

use axum::http::{Extensions, HeaderMap};

use super::{Peer, Service, Shared};
use crate::config::Cidr;

const UNKNOWN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
const FORWARDED_FOR: &str = "x-forwarded-for";

impl<S: Service> Shared<S> {
    /// The address of a request's client. The first time that a proxy which is not trusted seems to stand between, the log
    /// says so: everybody behind it would share one limit.
    pub fn remote(&self, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
        let peer = extensions.get::<Peer>().map_or(UNKNOWN, |peer| peer.0);
        let trusted = &self.service.settings().trusted_proxies;
        if headers.contains_key(FORWARDED_FOR)
            && is_private(peer)
            && !trusted.iter().any(|network| network.contains(peer))
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                %peer,
                "a request with X-Forwarded-For came from a private address that is not in trusted_proxies; \
                 if that is your proxy, add it there: until then all people behind it share one limit"
            );
        }
        client_address(peer, headers, trusted)
    }
}

/// Whether an address is private: that of a proxy, and not of a caller on the internet.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The client's address: the peer, or, when the peer is a trusted proxy, the last address in X-Forwarded-For
/// that is none. What stands before that address the client may have written itself.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let values: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or("")).collect();
    let mut client = peer;
    for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        // Unreadable: the nearest address we can vouch for.
        let Some(address) = parse(hop.trim()) else { return client };
        client = address;
        if !is_trusted(address) {
            return address;
        }
    }
    client
}

/// Parses an address. Some proxies add the port.
fn parse(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip()).ok();
    hop.parse::<IpAddr>().ok().or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = [Cidr::try_from("10.0.0.0/8".to_owned()).unwrap()];
        for (peer, forwarded, wanted) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, garbage, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("10.0.0.1", "[2001:db8::1]:80", "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            let client = client_address(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(client.to_string(), wanted, "{peer} {forwarded}");
        }
    }
}
