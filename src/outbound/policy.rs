//! Where requests may go: origins, compared after they were parsed (never as texts), and addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use reqwest::Url;

use super::address::{Kind, Network};

/// Why a request is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Names a user, which hides the host from a reader.
    #[error("the URL names a user")]
    UserInfo,
    /// Neither HTTPS nor this host.
    #[error("the URL is neither https nor on this host")]
    Plain,
    /// Not in the configuration.
    #[error("the origin is not allowed")]
    Origin,
    /// The host is at an address that is not allowed.
    #[error("the address of the host is not allowed")]
    Address,
}

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    fn of(url: &Url) -> Result<Self, Refusal> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        let host = url.host_str().ok_or(Refusal::Plain)?;
        match url.scheme() {
            "https" | "mllps" => {}
            "http" | "mllp" if is_local(host) => {}
            _ => return Err(Refusal::Plain),
        }
        let port = url.port_or_known_default().ok_or(Refusal::Plain)?;
        Ok(Self { scheme: url.scheme().to_owned(), host: host.to_owned(), port })
    }
}

/// Where requests may go.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    origins: BTreeSet<Origin>,
    private: Vec<Network>,
    /// Shows that the tests of the checks find their absence.
    #[cfg(test)]
    pub(super) is_off: bool,
}

impl Policy {
    /// Allows addresses of a network of somebody's own, such as `10.0.0.0/8`.
    ///
    /// Errors: a text where it is none.
    pub fn allow_private(&mut self, network: &str) -> Result<(), &'static str> {
        let text = "no network of RFC 1918, RFC 6598 or RFC 4193, such as 10.0.0.0/8";
        self.private.push(Network::parse(network).ok_or(text)?);
        Ok(())
    }

    /// Allows the origin of a URL.
    ///
    /// # Errors
    /// What would be refused of it for other reasons than that it is not configured.
    pub fn allow(&mut self, url: &Url) -> Result<(), Refusal> {
        self.origins.insert(Origin::of(url)?);
        self.check(url)
    }

    /// Whether a request may go to a URL. Of a host with a name the addresses are looked at when it is connected to.
    ///
    /// # Errors
    /// As [`Refusal`] says.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if self.is_off() {
            return Ok(());
        }
        let origin = Origin::of(url)?;
        if !self.origins.contains(&origin) {
            return Err(Refusal::Origin);
        }
        match literal(&origin.host) {
            Some(address) if !self.admits(&origin.host, address) => Err(Refusal::Address),
            _ => Ok(()),
        }
    }

    /// Whether a connection for `host` may go to an address.
    pub(super) fn admits(&self, host: &str, address: IpAddr) -> bool {
        if self.is_off() {
            return true;
        }
        if !self.origins.iter().any(|origin| origin.host == host) {
            return false;
        }
        match Kind::of(address) {
            Kind::Loopback => is_local(host),
            // The name of this host leads nowhere else (RFC 6761, section 6.3): to it plain HTTP is allowed.
            _ if is_local(host) => false,
            Kind::Public => true,
            Kind::Private => self.private.iter().any(|network| network.holds(address)),
            Kind::Never => false,
        }
    }

    #[cfg(not(test))]
    fn is_off(&self) -> bool {
        false
    }

    #[cfg(test)]
    fn is_off(&self) -> bool {
        self.is_off
    }
}

/// Whether a host is this one, by its name or address: what the configuration says so of, it means.
fn is_local(host: &str) -> bool {
    host == "localhost" || literal(host).is_some_and(|address| Kind::of(address) == Kind::Loopback)
}

/// The address that a host is, where it has no name.
fn literal(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.parse().ok()
}
