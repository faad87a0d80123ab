//! Which hosts the product may call on somebody's behalf: never itself, its neighbours or a cloud's metadata, unless the
//! operator allows private networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Characters of a URL at most.
pub const LONGEST_URL: usize = 2_000;

/// What an address is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// The internet.
    Public,
    /// This machine, or a network behind it.
    Private,
    /// Link-local, metadata services, multicast, reserved: nobody's receiver, whatever is allowed.
    Never,
}

/// The range an address is in.
pub fn range(address: IpAddr) -> Range {
    match address {
        IpAddr::V4(v4) => range_v4(v4),
        IpAddr::V6(v6) => range_v6(v6),
    }
}

/// Addresses at which clouds serve instance metadata and credentials, outside the link-local range.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16)];
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

fn range_v4(address: Ipv4Addr) -> Range {
    let [a, b, c, _] = address.octets();
    if METADATA_V4.contains(&address) {
        return Range::Never;
    }
    match (a, b, c) {
        (10 | 127, ..) | (192, 168, _) | (172, 16..=31, _) | (100, 64..=127, _) => Range::Private,
        // This network, link-local, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved.
        (0 | 224..=255, ..)
        | (169, 254, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18 | 19, _)
        | (198, 51, 100)
        | (203, 0, 113) => Range::Never,
        _ => Range::Public,
    }
}

fn range_v6(address: Ipv6Addr) -> Range {
    if let Some(v4) = embedded(address) {
        return range_v4(v4);
    }
    let [first, second, ..] = address.segments();
    if address == METADATA_V6 {
        Range::Never
    } else if address == Ipv6Addr::LOCALHOST || first & 0xfe00 == 0xfc00 {
        Range::Private
    } else if first & 0xe000 != 0x2000 || (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x3fff
    {
        // Outside global unicast; protocol assignments with Teredo; documentation.
        Range::Never
    } else {
        Range::Public
    }
}

/// The IPv4 address that is really meant: mapped, or behind the well-known NAT64 and 6to4 prefixes.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(v4(high, low))
        }
        _ => None,
    }
}

/// Which of a host's addresses may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// The internet alone.
    Public,
    /// The internet and private networks.
    Any,
    /// Private networks alone: what is sent there is not encrypted.
    PrivateOnly,
}

impl Allowed {
    /// Whether an address may be connected to.
    pub fn admits(self, address: IpAddr) -> bool {
        match range(address) {
            Range::Public => self != Self::PrivateOnly,
            Range::Private => self != Self::Public,
            Range::Never => false,
        }
    }
}

/// What a URL must be for the product to send to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// Whether hosts in private networks may be called, there also without TLS.
    pub private: bool,
}

impl Reach {
    /// A URL that may be called, with the addresses its host may have, or what is wrong with it. A name says nothing about
    /// its addresses: these are judged when it is resolved, at each connection.
    pub fn check(self, text: &str) -> Result<(Url, Allowed), String> {
        if text.chars().count() > LONGEST_URL {
            return Err(format!("must be at most {LONGEST_URL} characters"));
        }
        let url = Url::parse(text).map_err(|error| format!("must be a URL: {error}"))?;
        let allowed = match url.scheme() {
            "https" if self.private => Allowed::Any,
            "https" => Allowed::Public,
            "http" if self.private => Allowed::PrivateOnly,
            _ => return Err("must begin with https://".to_owned()),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or a password".to_owned());
        }
        if url.fragment().is_some() {
            return Err("must not hold a fragment".to_owned());
        }
        let address = match url.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            _ => None,
        };
        if address.is_some_and(|address| !allowed.admits(address)) {
            return Err(refusal(allowed).to_owned());
        }
        Ok((url, allowed))
    }
}

/// Why an address is not connected to.
pub fn refusal(allowed: Allowed) -> &'static str {
    match allowed {
        Allowed::Public => "must not lead to a private, local or reserved address",
        Allowed::Any => "must not lead to a link-local, multicast, metadata or reserved address",
        Allowed::PrivateOnly => "must begin with https:// unless it leads to a private or local address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_internet_is_public() {
        let of = |text: &str| range(text.parse().unwrap());
        for public in
            ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1"]
        {
            assert_eq!(of(public), Range::Public, "{public}");
        }
        for private in [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert_eq!(of(private), Range::Private, "{private}");
        }
        for never in [
            "0.0.0.0",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "100.100.100.200",
            "168.63.129.16",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "::",
            "fe80::1",
            "ff02::1",
            "fec0::1",
            "fd00:ec2::254",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
        ] {
            assert_eq!(of(never), Range::Never, "{never}");
        }
    }

    #[test]
    fn a_url_is_refused_however_its_address_is_spelled() {
        let strict = Reach { private: false };
        assert!(strict.check("https://example.com/hook?x=1").is_ok());
        for bad in [
            "",
            "example.com",
            "http://example.com",
            "ftp://example.com",
            "https://127.0.0.1",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::1]/",
            "https://169.254.169.254/",
            "https://u:p@example.com/",
            "https://u@example.com/",
            "https://example.com/#x",
            "https://",
            "javascript:alert(1)",
        ] {
            assert!(strict.check(bad).is_err(), "{bad}");
        }
        assert!(strict.check(&format!("https://example.com/{}", "x".repeat(LONGEST_URL))).is_err());
        let lenient = Reach { private: true };
        for good in [
            "http://127.0.0.1:9/",
            "https://127.0.0.1/",
            "http://[::1]/",
            "http://hook.internal/",
            "https://example.com/",
        ] {
            assert!(lenient.check(good).is_ok(), "{good}");
        }
        for bad in ["http://8.8.8.8/", "http://169.254.169.254/", "https://169.254.169.254/", "https://[fe80::1]/"] {
            assert!(lenient.check(bad).is_err(), "{bad}");
        }
    }
}
