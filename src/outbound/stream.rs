//! Connections that are no HTTP, behind the same policy: an address that is allowed, of a name that is looked up anew.

use std::net::IpAddr;

use reqwest::Url;
use tokio::net::TcpStream;

use super::SendError;
use super::policy::{Policy, Refusal};
use super::resolver::{Lookup, SystemLookup};

/// Scheme of HL7 v2 over TLS.
pub const TLS: &str = "mllps";

/// The host of a URL, without the brackets of an address.
pub fn host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host))
}

/// Connects to the host and port of a URL.
///
/// # Errors
/// `Refused` where the policy does not allow the origin or any of its addresses; `Connect`.
pub async fn connect(policy: &Policy, url: &Url) -> Result<TcpStream, SendError> {
    policy.check(url)?;
    let (Some(name), Some(port)) = (host(url), url.port()) else { return Err(SendError::Connect) };
    let found: Vec<IpAddr> = match name.parse() {
        Ok(address) => vec![address],
        Err(_) => SystemLookup.lookup(name).await.map_err(|_| SendError::Connect)?,
    };
    let of_url = url.host_str().unwrap_or_default();
    let allowed: Vec<IpAddr> = found.iter().copied().filter(|address| policy.admits(of_url, *address)).collect();
    if allowed.is_empty() && !found.is_empty() {
        return Err(SendError::Refused(Refusal::Address));
    }
    for address in allowed {
        if let Ok(stream) = TcpStream::connect((address, port)).await {
            return Ok(stream);
        }
    }
    Err(SendError::Connect)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn connected(allowed: &[&str], url: &str) -> Result<(), SendError> {
        let mut policy = Policy::default();
        for url in allowed {
            policy.allow(&Url::parse(url).unwrap()).unwrap();
        }
        connect(&policy, &Url::parse(url).unwrap()).await.map(|_| ())
    }

    #[tokio::test]
    async fn only_what_the_configuration_names_is_connected_to() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("mllp://{}", listener.local_addr().unwrap());
        assert_eq!(connected(&[&own], &own).await, Ok(()));
        assert_eq!(connected(&[], &own).await, Err(SendError::Refused(Refusal::Origin)));
        // TLS is another origin than plain text.
        let other = own.replace("mllp:", "mllps:");
        assert_eq!(connected(&[&own], &other).await, Err(SendError::Refused(Refusal::Origin)));
        // A name that leads to this host and is not its own.
        let name = "mllps://127.1:2575";
        assert_eq!(connected(&[name], name).await, Err(SendError::Refused(Refusal::Address)));
    }

    #[test]
    fn beyond_this_host_only_with_tls() {
        let allow = |url: &str| Policy::default().allow(&Url::parse(url).unwrap());
        assert_eq!(allow("mllps://ehr.example:2575"), Ok(()));
        assert_eq!(allow("mllp://127.0.0.1:2575"), Ok(()));
        assert_eq!(allow("mllp://ehr.example:2575"), Err(Refusal::Plain));
        assert_eq!(allow("mllps://ehr.example"), Err(Refusal::Plain));
        assert_eq!(allow("mllps://user@ehr.example:2575"), Err(Refusal::UserInfo));
    }
}
