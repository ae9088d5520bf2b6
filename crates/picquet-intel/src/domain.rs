//! Names: normal form, public suffixes, registrable domains.
//!
//! A name in a log is untrusted: any case, a trailing dot or none, and octets that are not printing as `\ooo`,
//! which are kept as they are since no listed name has one.

/// The longest name in text form (RFC 1035: 255 octets on the wire, which is 253 characters and no final dot).
pub const MAX_NAME: usize = 253;

/// The longest label (RFC 1035).
pub const MAX_LABEL: usize = 63;

/// The name in lower case without its trailing dot. Borrows where nothing changes.
pub fn normalise(name: &str) -> std::borrow::Cow<'_, str> {
    let bare = name.strip_suffix('.').unwrap_or(name);
    if bare.bytes().any(|byte| byte.is_ascii_uppercase()) { bare.to_ascii_lowercase().into() } else { bare.into() }
}

/// The public suffix plus one label of a *normalised* name, by the Public Suffix List with its private section:
/// `a.b.example.co.uk` gives `example.co.uk`, `x.user.github.io` gives `user.github.io`. `None` for a name that is
/// itself a public suffix, and for one that is empty or malformed.
pub fn registrable_domain(name: &str) -> Option<&str> {
    psl::domain_str(name)
}

/// The same, of names below a suffix that is on the list: `None` for `printer.lan` and `ip-10-0-0-7.ec2.internal`.
pub fn known_registrable_domain(name: &str) -> Option<&str> {
    let domain = psl::domain(name.as_bytes()).filter(|d| d.suffix().is_known())?;
    name.get(name.len().checked_sub(domain.as_bytes().len())?..)
}

/// Whether a *normalised* name is a public suffix, the private section included (`com`, `co.uk`, `github.io`).
pub fn is_public_suffix(name: &str) -> bool {
    psl::suffix_str(name) == Some(name)
}

/// Whether the text is a host name that can be listed: two labels or more of letters, digits, `-` and `_`, none
/// empty or too long, and a last label that is not a number. Internationalised names are listed in their `xn--` form.
pub fn is_listable(name: &str) -> bool {
    if name.is_empty() || name.len() > MAX_NAME {
        return false;
    }
    // The bytes of the label so far, whether all of them are digits, and how many labels are behind it.
    let (mut length, mut digits, mut dots) = (0, true, 0);
    let mut before = b'-';
    for byte in name.bytes() {
        match byte {
            b'.' if length == 0 || before == b'-' => return false,
            b'.' => (length, digits, dots) = (0, true, dots + 1),
            // A label neither begins nor ends with a dash.
            b'-' if length == 0 => return false,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
                length += 1;
                digits &= byte.is_ascii_digit();
                if length > MAX_LABEL {
                    return false;
                }
            }
            _ => return false,
        }
        before = byte;
    }
    dots > 0 && length > 0 && before != b'-' && !digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_their_normal_form() {
        assert_eq!(normalise("Example.COM."), "example.com");
        assert_eq!(normalise(r"a\000b.example.com"), r"a\000b.example.com");
        assert_eq!(normalise("."), "");
        assert!(matches!(normalise("example.com."), std::borrow::Cow::Borrowed("example.com")));
    }

    #[test]
    fn registrable_domains_follow_the_public_suffix_list() {
        assert_eq!(registrable_domain("a.b.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registrable_domain("x.user.github.io"), Some("user.github.io"));
        assert_eq!(registrable_domain("github.io"), None);
        assert_eq!(registrable_domain(""), None);
        assert_eq!(known_registrable_domain("a.b.example.co.uk"), Some("example.co.uk"));
        assert_eq!(known_registrable_domain("ip-10-0-0-7.ec2.internal"), None);
        assert!(is_public_suffix("github.io") && is_public_suffix("com"));
        assert!(!is_public_suffix("example.com") && !is_public_suffix(""));
    }

    #[test]
    fn only_host_names_can_be_listed() {
        for good in ["example.com", "_dmarc.example.com", "xn--bcher-kva.example", "1.2.3.4.sslip.io"] {
            assert!(is_listable(good), "{good}");
        }
        let long = format!("{}.com", "a".repeat(64));
        for bad in [
            "",
            "com",
            ".com",
            "a..com",
            "a b.com",
            "-a.com",
            "a-.com",
            "a.com-",
            "a.com.",
            "a.-b",
            "1.2.3.4",
            "http://a.com",
            long.as_str(),
        ] {
            assert!(!is_listable(bad), "{bad}");
        }
    }
}
