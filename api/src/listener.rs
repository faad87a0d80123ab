//! Takes connections.

use std::io;
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::{TcpListener, TcpStream};

/// How long nobody is taken after somebody could not be, for want of open files: the server asks again at once.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes connections whose writes are sent at once: an event must not wait until the one before it is acknowledged.
pub(crate) struct Direct {
    listener: TcpListener,
    address: LocalAddr,
}

impl Direct {
    pub(crate) fn new(listener: TcpListener) -> io::Result<Self> {
        let address = LocalAddr(listener.local_addr()?.into());
        Ok(Self { listener, address })
    }
}

impl Acceptor for Direct {
    type Io = TcpStream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        vec![self.address.clone()]
    }

    async fn accept(&mut self) -> io::Result<(TcpStream, LocalAddr, RemoteAddr, Scheme)> {
        let accepted = self.listener.accept().await;
        if let Err(error) = &accepted {
            tracing::warn!(%error, "a connection could not be taken");
            tokio::time::sleep(PAUSE).await;
        }
        let (stream, peer) = accepted?;
        stream.set_nodelay(true)?;
        Ok((stream, self.address.clone(), RemoteAddr(peer.into()), Scheme::HTTP))
    }
}
