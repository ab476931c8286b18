//! What an address is for (IANA special-purpose address registries, RFC 6890 and its updates).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a connection may go there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anywhere in the world.
    Public,
    /// This host.
    Loopback,
    /// A network of somebody's own: only where the configuration names it.
    Private,
    /// Never: metadata services of clouds are link-local, groups and documentation are nobody.
    Never,
}

impl Kind {
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        [127, ..] => Kind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Kind::Private,
        // "This network", link-local, protocol assignments, documentation, 6to4 relays, benchmarks, groups, reserved.
        [0 | 224..=255, ..] | [169, 254, ..] | [192, 0, 0 | 2, _] | [192, 88, 99, _] => Kind::Never,
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Never,
        _ => Kind::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Kind {
    if address.is_loopback() {
        return Kind::Loopback;
    }
    if let Some(mapped) = address.to_ipv4_mapped() {
        return of_v4(mapped);
    }
    match address.segments() {
        [0xfc00..=0xfdff, ..] => Kind::Private,
        // Protocol assignments (with Teredo), documentation, and 6to4: the latter and Teredo have an IPv4 address within.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Never,
        // The rest of global unicast.
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Never,
    }
}

/// A network, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    first: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads one; none where it is no network, or not within one of those that are somebody's own.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (first, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
        // The shortest prefix of the blocks that an address can be in: with it the network lies within.
        let shortest = match first {
            IpAddr::V4(address) => match address.octets() {
                [10, ..] => 8,
                [172, ..] => 12,
                [192, ..] => 16,
                _ => 10,
            },
            IpAddr::V6(_) => 7,
        };
        let longest = if first.is_ipv4() { 32 } else { 128 };
        let is_own =
            Kind::of(first) == Kind::Private && !matches!(first, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
        (is_own && (shortest..=longest).contains(&bits)).then_some(Self { first, bits })
    }

    pub(super) fn holds(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(other)) => {
                let shift = 32_u32.saturating_sub(self.bits.into());
                first.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(first), IpAddr::V6(other)) => {
                let shift = 128_u32.saturating_sub(self.bits.into());
                first.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_the_registries_say() {
        for (text, kind) in [
            ("8.8.8.8", Kind::Public),
            ("172.15.255.255", Kind::Public),
            ("172.32.0.0", Kind::Public),
            ("100.128.0.0", Kind::Public),
            ("198.20.0.0", Kind::Public),
            ("2a01:5b40::1", Kind::Public),
            ("2001:700::1", Kind::Public),
            ("127.0.0.1", Kind::Loopback),
            ("127.255.255.254", Kind::Loopback),
            ("::1", Kind::Loopback),
            ("::ffff:127.0.0.1", Kind::Loopback),
            ("10.0.0.1", Kind::Private),
            ("172.16.0.1", Kind::Private),
            ("172.31.255.255", Kind::Private),
            ("192.168.0.1", Kind::Private),
            ("100.64.0.1", Kind::Private),
            ("::ffff:10.0.0.1", Kind::Private),
            ("fd12::1", Kind::Private),
            ("0.0.0.0", Kind::Never),
            ("169.254.169.254", Kind::Never),
            ("::ffff:169.254.169.254", Kind::Never),
            ("192.0.0.8", Kind::Never),
            ("192.0.2.1", Kind::Never),
            ("198.18.0.1", Kind::Never),
            ("198.51.100.1", Kind::Never),
            ("203.0.113.1", Kind::Never),
            ("224.0.0.1", Kind::Never),
            ("255.255.255.255", Kind::Never),
            ("::", Kind::Never),
            // IPv4-compatible (deprecated), NAT64, Teredo, 6to4, documentation, link-local, site-local, groups.
            ("::127.0.0.1", Kind::Never),
            ("64:ff9b::7f00:1", Kind::Never),
            ("2001::1", Kind::Never),
            ("2002:7f00:1::", Kind::Never),
            ("2001:db8::1", Kind::Never),
            ("3fff::1", Kind::Never),
            ("fe80::1", Kind::Never),
            ("fec0::1", Kind::Never),
            ("ff02::1", Kind::Never),
        ] {
            assert_eq!(Kind::of(text.parse().unwrap()), kind, "{text}");
        }
    }

    #[test]
    fn a_network_is_one_of_somebodys_own() {
        for text in ["10.0.0.0/8", "10.1.2.0/24", "172.16.0.0/12", "192.168.1.1/32", "100.64.0.0/10", "fd00::/8"] {
            assert!(Network::parse(text).is_some(), "{text}");
        }
        for text in [
            "10.0.0.0/7",
            "0.0.0.0/0",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "8.8.8.0/24",
            "10.0.0.0/33",
            "10.0.0.0",
            "::ffff:10.0.0.0/104",
            "fd00::/6",
            "::/0",
            "x/8",
            "",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
        let network = Network::parse("10.1.0.0/16").unwrap();
        for (text, is_in) in [("10.1.255.1", true), ("::ffff:10.1.0.1", true), ("10.2.0.1", false), ("fd00::1", false)]
        {
            assert_eq!(network.holds(text.parse().unwrap()), is_in, "{text}");
        }
        assert!(Network::parse("fd00::/8").unwrap().holds("fdff::1".parse().unwrap()));
    }
}
