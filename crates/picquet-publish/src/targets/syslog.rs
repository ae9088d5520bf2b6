//! Syslog as RFC 5424 says, over UDP (RFC 5426), TCP (RFC 6587, octet counting) or TLS (RFC 5425).

use super::{Outcome, Refused, all};
use crate::item::{Item, SOURCE};
use crate::settings::Body;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;

/// How long connecting and sending may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest datagram: what fits into UDP over IPv4.
const DATAGRAM: usize = 65_507;

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    way: Way,
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Udp,
    Tcp,
    Tls,
}

impl Address {
    /// Reads `tcp://host:port` and its like.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no address such as tcp://host:601, tls://host:6514 or udp://host:514");
        let (way, rest) = text.split_once("://").ok_or_else(bad)?;
        let way = match way {
            "udp" => Way::Udp,
            "tcp" => Way::Tcp,
            "tls" => Way::Tls,
            _ => return Err(bad()),
        };
        let (host, port) = rest.rsplit_once(':').ok_or_else(bad)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().map_err(|_| bad())?;
        if host.is_empty() { Err(bad()) } else { Ok(Self { way, host: host.to_owned(), port }) }
    }
}

/// A syslog server.
pub struct Syslog {
    address: Address,
    format: Body,
    tls: Arc<rustls::ClientConfig>,
}

impl Syslog {
    /// A server by its address.
    ///
    /// # Errors
    /// When the address is none, or TLS cannot be set up.
    pub fn new(address: &str, format: Body) -> Result<Self, String> {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { address: Address::parse(address)?, format, tls: Arc::new(tls) })
    }

    pub(super) async fn send(&self, items: &[Item]) -> Vec<Outcome> {
        let lines: Vec<Option<String>> = items.iter().map(|item| line(item, self.format)).collect();
        match tokio::time::timeout(PATIENCE, self.write(&lines)).await {
            Ok(Ok(())) => lines
                .iter()
                .map(|line| line.as_ref().map(|_| ()).ok_or_else(|| Refused::item("it has no such form")))
                .collect(),
            Ok(Err(e)) => all(items, Refused::now(e)),
            Err(_) => all(items, Refused::now("the server does not answer")),
        }
    }

    async fn write(&self, lines: &[Option<String>]) -> std::io::Result<()> {
        let Address { way, host, port } = &self.address;
        let at = (host.as_str(), *port);
        match way {
            Way::Udp => {
                let local = if host.contains(':') { "[::]:0" } else { "0.0.0.0:0" };
                let socket = UdpSocket::bind(local).await?;
                socket.connect(at).await?;
                for line in lines.iter().flatten() {
                    let mut end = line.len().min(DATAGRAM);
                    while !line.is_char_boundary(end) {
                        end -= 1;
                    }
                    socket.send(&line.as_bytes()[..end]).await?;
                }
                Ok(())
            }
            Way::Tcp => counted(TcpStream::connect(at).await?, lines).await,
            Way::Tls => {
                let name = ServerName::try_from(host.clone()).map_err(std::io::Error::other)?;
                let stream = TcpStream::connect(at).await?;
                counted(TlsConnector::from(self.tls.clone()).connect(name, stream).await?, lines).await
            }
        }
    }
}

/// Each message behind its length.
async fn counted(mut stream: impl AsyncWrite + Unpin, lines: &[Option<String>]) -> std::io::Result<()> {
    for line in lines.iter().flatten() {
        stream.write_all(format!("{} {line}", line.len()).as_bytes()).await?;
    }
    stream.flush().await?;
    stream.shutdown().await
}

/// Facility 13, "log audit" (RFC 5424, table 1).
const FACILITY: u8 = 13;

/// A message: priority by severity, the finding's type as message id, JSON as text.
fn line(item: &Item, format: Body) -> Option<String> {
    let body = item.body(format, SOURCE)?;
    // Critical, error, warning, notice (RFC 5424, table 2).
    let level = match item.severity() {
        s if s >= 9.0 => 2,
        s if s >= 7.0 => 3,
        s if s >= 4.0 => 4,
        _ => 5,
    };
    // A message id has at most 32 visible characters.
    let id: String = item.kind().chars().filter(|c| c.is_ascii_graphic()).take(32).collect();
    let id = if id.is_empty() { "-".to_owned() } else { id };
    let time = item.updated().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    Some(format!("<{}>1 {time} - picquet {} {id} - {body}", FACILITY * 8 + level, std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::item;
    use tokio::io::AsyncReadExt;

    #[test]
    fn addresses_are_read_or_refused() {
        assert!(Address::parse("tcp://[::1]:601").is_ok_and(|a| a.host == "::1"));
        for bad in ["", "logs:514", "http://x:1", "tcp://x", "tcp://:1", "udp://x:99999"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn messages_come_over_tcp_behind_their_length() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let mut text = String::new();
            listener.accept().await.unwrap().0.read_to_string(&mut text).await.unwrap();
            text
        });
        let outcomes = Syslog::new(&address, Body::Finding).unwrap().send(&[item("a", 1), item("b", 1)]).await;
        assert!(outcomes.iter().all(Result::is_ok));
        let text = server.await.unwrap();
        let (length, rest) = text.split_once(' ').unwrap();
        let first = &rest[..length.parse::<usize>().unwrap()];
        assert!(first.starts_with("<108>1 2026-01-02T03:04:05.678Z - picquet "), "{first}");
        assert!(first.contains(" Recon:EC2/Portscan - {") && first.ends_with('}'));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_asked_again() {
        let outcomes = Syslog::new("tcp://127.0.0.1:1", Body::Event).unwrap().send(&[item("a", 1)]).await;
        assert!(outcomes[0].as_ref().is_err_and(|refused| !refused.of_itself));
    }
}
