//! E-mail addresses: one spelling for each, and none that can never be delivered.
//!
//! The domain is kept as punycode and everything in small letters, so that a person has one address however it is
//! written. Whatever takes an address, or looks one up, goes through [`canonical`].

/// Longest address that mail servers pass on, in bytes (RFC 5321).
const LONGEST: usize = 254;
/// Names of the top level that lead nowhere (RFC 2606, RFC 6761).
const NOWHERE: [&str; 2] = ["invalid", "localhost"];

/// An address in its one spelling.
///
/// # Errors
/// Says what is wrong, in words for whoever typed it.
pub fn canonical(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let (local, domain) =
        text.rsplit_once('@').ok_or("Enter an e-mail address, such as name@example.com.")?;
    if local.starts_with('"') {
        return Err("An address in quotation marks is not supported. Use one without.");
    }
    if !local.is_ascii() {
        return Err(
            "Before the @, an address may contain only unaccented Latin letters, digits and punctuation. \
             Use another address.",
        );
    }
    if domain.starts_with('[') || domain.parse::<std::net::IpAddr>().is_ok() {
        return Err("After the @, use a domain such as example.com instead of a network address.");
    }
    let domain =
        idna::domain_to_ascii_strict(domain).map_err(|_| "After the @, use a domain such as example.com.")?;
    let Some((_, top)) = domain.rsplit_once('.') else {
        return Err("After the @, use a complete domain such as example.com.");
    };
    if NOWHERE.contains(&top) || top.len() < 2 || top.bytes().all(|letter| letter.is_ascii_digit()) {
        return Err("No e-mail can be delivered to this domain. Use another address.");
    }
    let address = format!("{}@{domain}", local.to_lowercase());
    if address.len() > LONGEST || address.parse::<lettre::Address>().is_err() {
        return Err("Enter an e-mail address, such as name@example.com.");
    }
    Ok(address)
}

/// The address to look up for a text that may be none: such a text finds nobody.
pub fn looked_up(text: &str) -> String {
    canonical(text).unwrap_or_else(|_| text.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (text, spelling) in [
            ("Anna@Example.COM", "anna@example.com"),
            ("  anna@example.com ", "anna@example.com"),
            ("anna@bücher.example", "anna@xn--bcher-kva.example"),
            ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
            ("anna@bu\u{308}cher.example", "anna@xn--bcher-kva.example"),
            ("anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"),
            ("anna@例え。テスト", "anna@xn--r8jz45g.xn--zckzah"),
            ("anna+hr@sub.example.co.uk", "anna+hr@sub.example.co.uk"),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(spelling), "{text}");
        }
    }

    #[test]
    fn what_can_never_be_delivered_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("a@{}.example", vec!["b".repeat(60); 5].join("."));
        for text in [
            "",
            "anna",
            "@example.com",
            "anna@",
            "a@b",
            "a@localhost",
            "a@mail.localhost",
            "a@erased.invalid",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@[IPv6:::1]",
            "a@10.0.0.300",
            "\"anna b\"@example.com",
            "\"anna\"@example.com",
            "josé@example.com",
            "anna@exa mple.com",
            "anna b@example.com",
            "anna@-example.com",
            "anna@exam_ple.com",
            "anna@example..com",
            "anna@example.c",
            "anna..b@example.com",
            "anna@@example.com",
            &long,
            &longer,
        ] {
            assert!(canonical(text).is_err(), "{text}");
        }
    }
}
