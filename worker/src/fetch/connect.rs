//! A connection to an IMAP server, encrypted as the mailbox says, every step bounded in time and in bytes.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use async_imap::{Client, Session};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use shared::domain::mailbox::{ImapSource, Tls};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::within;

/// How long a server may take for one step.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes a server may say in a step that is not about a mail's content.
pub(super) const TALK: u64 = 16 << 20;
/// Largest password file, in bytes.
const SECRET: u64 = 4 << 10;

/// What the prefix of a password's variable must be, so that no other secret of the process can be sent away.
const PREFIX: &str = "WORKFLOW_MAILBOX_";

enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// The bytes to and from a server.
pub(super) struct Wire {
    inner: Inner,
    /// Bytes that the server may still say.
    allowance: Arc<AtomicU64>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let left = self.allowance.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Err(io::Error::other("the server says more than it was asked for")));
        }
        let before = buf.filled().len();
        let read = match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Inner::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        let said = (buf.filled().len() - before) as u64;
        self.allowance.store(left.saturating_sub(said), Ordering::Relaxed);
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Inner::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Inner::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Inner::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// A session that is logged in.
pub(super) struct Connection {
    pub session: Session<Wire>,
    allowance: Arc<AtomicU64>,
}

impl Connection {
    /// Lets the server say so many bytes in the next step.
    pub fn allow(&self, bytes: u64) {
        self.allowance.store(bytes, Ordering::Relaxed);
    }
}

/// One step of the dialogue; the text is what went wrong.
pub(super) async fn step<T, E: fmt::Display>(
    what: &str,
    doing: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, doing).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(clean(&format!("{what}: {error}"))),
        Err(_) => Err(format!("{what}: no answer within {} s", PATIENCE.as_secs())),
    }
}

/// What a server says, on one line and not too long.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

/// Connects, encrypts and logs in.
pub(super) async fn connect(source: &ImapSource, root: Option<&Path>) -> Result<Connection, String> {
    let password = password(source, root)?;
    let allowance = Arc::new(AtomicU64::new(TALK));
    let tcp = step("connecting", TcpStream::connect((source.host.as_str(), source.port))).await?;
    let client = match source.tls {
        Tls::Implicit => greeted(wire(encrypt(source, root, tcp).await?, &allowance)).await?,
        Tls::Upgrade => {
            let mut client = greeted(wire(Inner::Plain(tcp), &allowance)).await?;
            step("STARTTLS", client.run_command_and_check_ok("STARTTLS", None)).await?;
            let Inner::Plain(tcp) = client.into_inner().inner else {
                return Err("STARTTLS: encrypted twice".to_owned());
            };
            Client::new(wire(encrypt(source, root, tcp).await?, &allowance))
        }
        Tls::None => {
            // Whatever its name says: a password goes nowhere else in the clear.
            if !tcp.peer_addr().is_ok_and(|address| address.ip().is_loopback()) {
                return Err("without TLS only this machine is talked to".to_owned());
            }
            greeted(wire(Inner::Plain(tcp), &allowance)).await?
        }
    };
    let login = client.login(&source.user, &password);
    let session = step("logging in", async { login.await.map_err(|(error, _)| error) }).await?;
    Ok(Connection { session, allowance })
}

fn wire(inner: Inner, allowance: &Arc<AtomicU64>) -> Wire {
    Wire { inner, allowance: Arc::clone(allowance) }
}

async fn greeted(wire: Wire) -> Result<Client<Wire>, String> {
    let mut client = Client::new(wire);
    let greeting = step("waiting for the greeting", client.read_response()).await?;
    if greeting.is_none() { Err("the server closes the connection at once".to_owned()) } else { Ok(client) }
}

async fn encrypt(source: &ImapSource, root: Option<&Path>, tcp: TcpStream) -> Result<Inner, String> {
    let ca_file = source.ca_file.clone();
    let root = root.map(Path::to_owned);
    let roots = tokio::task::spawn_blocking(move || roots(ca_file.as_deref(), root.as_deref()));
    let roots = roots.await.map_err(|error| error.to_string())??;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(source.host.clone()).map_err(|_| "host is not a name of a server".to_owned())?;
    let stream = step("TLS", TlsConnector::from(Arc::new(config)).connect(name, tcp)).await?;
    Ok(Inner::Tls(Box::new(stream)))
}

/// The certificates that are trusted: the system's and those of a file.
fn roots(ca_file: Option<&str>, root: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // One that cannot be read is one that is not trusted.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(name) = ca_file {
        let path = within(root, name).map_err(|error| format!("ca_file: {error}"))?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
        let certificates = certificates.map_err(|error| format!("ca_file: {error}"))?;
        if certificates.is_empty() {
            return Err("ca_file: there is no certificate in it".to_owned());
        }
        for certificate in certificates {
            roots.add(certificate).map_err(|error| format!("ca_file: {error}"))?;
        }
    }
    Ok(roots)
}

/// The password, from where the mailbox says.
fn password(source: &ImapSource, root: Option<&Path>) -> Result<String, String> {
    if let Some(name) = &source.password_env {
        if !name.starts_with(PREFIX) {
            return Err(format!("password_env must start with {PREFIX}"));
        }
        return std::env::var(name).map_err(|_| format!("password_env: the worker has no variable {name}"));
    }
    let name = source.password_file.as_deref().ok_or("there is neither password_env nor password_file")?;
    let path = within(root, name).map_err(|error| format!("password_file: {error}"))?;
    if path.metadata().map_or(true, |meta| !meta.is_file() || meta.len() > SECRET) {
        return Err("password_file: must be a file of at most 4 KiB".to_owned());
    }
    // Its content is in no message, whatever it is.
    let text = std::fs::read_to_string(path).map_err(|error| format!("password_file: {}", error.kind()))?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.contains(['\r', '\n']) {
        return Err("password_file: must have one line".to_owned());
    }
    Ok(line.to_owned())
}
