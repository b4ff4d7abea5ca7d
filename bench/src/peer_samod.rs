//! The peer: samod over the same iroh transport, with its own file storage.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use automerge::Automerge;
use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt, stream};
use iroh::endpoint::{Connection, RecvStream, SendStream, presets};
use iroh::{Endpoint, EndpointAddr, RelayMode, TransportAddr};
use samod::storage::TokioFilesystemStorage;
use samod::{BackoffConfig, DialError, Dialer, DocHandle, DocumentId, PeerId, Repo, ShareConfig, Transport};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::device::copy;
use crate::world::World;

/// The name under which the summary shows it.
pub const NAME: &str = "samod 0.16";
/// How long a row of samod may take.
pub const PATIENCE: Duration = Duration::from_secs(300);
const ALPN: &[u8] = b"bench/samod";

/// One samod node: a repository and its endpoint.
pub struct Peer {
    /// The repository.
    pub repo: Repo,
    endpoint: Endpoint,
    /// Bytes sent and received on all of its connections, framing included.
    pub traffic: Arc<AtomicU64>,
}

impl Peer {
    /// Starts a node on a folder.
    ///
    /// # Errors
    /// When the endpoint cannot be bound.
    pub async fn start(name: &str, folder: &Path, announce: bool) -> Result<Self> {
        let endpoint = Endpoint::builder(presets::Minimal)
            .alpns(vec![ALPN.to_vec()])
            .relay_mode(RelayMode::Disabled)
            .clear_ip_transports()
            .bind_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .map_err(|error| anyhow!("{error}"))?
            .bind()
            .await
            .map_err(|error| anyhow!("{error}"))?;
        let repo = Repo::build_tokio()
            .with_peer_id(PeerId::from(name))
            .with_storage(TokioFilesystemStorage::new(folder))
            .with_share_policy(ShareConfig::read_write().with_announce(announce))
            .load()
            .await;
        Ok(Self { repo, endpoint, traffic: Arc::default() })
    }

    /// Takes every connection that comes.
    ///
    /// # Errors
    /// When the repository has stopped.
    pub fn listen(&self) -> Result<()> {
        let acceptor = self.repo.make_acceptor("iroh://here".parse()?).map_err(|_| stopped())?;
        let (endpoint, traffic) = (self.endpoint.clone(), self.traffic.clone());
        tokio::spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                let Ok(connection) = incoming.await else { continue };
                let Ok((send, receive)) = connection.accept_bi().await else { continue };
                let io = Counted { send, receive, traffic: traffic.clone(), _connection: connection };
                if acceptor.accept_tokio_io(io).is_err() {
                    return;
                }
            }
        });
        Ok(())
    }

    /// Connects to another node and waits until both have shaken hands.
    ///
    /// # Errors
    /// When that fails.
    pub async fn connect(&self, to: &Peer) -> Result<()> {
        let sockets = to.endpoint.bound_sockets().into_iter().map(TransportAddr::Ip);
        let dialer = IrohDialer {
            endpoint: self.endpoint.clone(),
            to: EndpointAddr::from_parts(to.endpoint.id(), sockets),
            traffic: self.traffic.clone(),
        };
        let handle = self.repo.dial(BackoffConfig::default(), Arc::new(dialer)).map_err(|_| stopped())?;
        handle.established().await.map_err(|error| anyhow!("{error:?}"))?;
        Ok(())
    }

    /// Gets documents, from the own storage or else from the other node.
    ///
    /// # Errors
    /// When one cannot be found.
    pub async fn find_all(&self, ids: &[DocumentId]) -> Result<Vec<DocHandle>> {
        let finds = ids.iter().map(|id| {
            let find = self.repo.find(id.clone());
            async move { find.await.map_err(|_| stopped())?.context("a document was not found") }
        });
        stream::iter(finds.collect::<Vec<_>>()).buffered(ids.len().max(1)).try_collect().await
    }

    /// Waits until everything is written, and ends.
    pub async fn stop(self) {
        self.repo.stop().await;
        self.endpoint.close().await;
    }
}

fn stopped() -> anyhow::Error {
    anyhow!("the repository has stopped")
}

/// Puts the world's documents into a samod storage, once, and copies it to `to`. Gives the ids that samod drew.
///
/// # Errors
/// When a document cannot be loaded or stored.
pub async fn storage(world: &World, to: &Path) -> Result<Vec<DocumentId>> {
    let kept = world.folder.join("samod");
    let list = world.folder.join("samod-ids");
    if !list.exists() {
        if kept.exists() {
            std::fs::remove_dir_all(&kept)?;
        }
        let storage = TokioFilesystemStorage::new(&kept);
        let repo = Repo::build_tokio().with_storage(storage).load().await;
        let mut ids = Vec::new();
        for bytes in world.documents() {
            let handle = repo.create(Automerge::load(bytes)?).await.map_err(|_| stopped())?;
            ids.push(handle.document_id().to_string());
        }
        repo.stop().await;
        std::fs::write(&list, ids.join("\n"))?;
    }
    copy(&kept, to)?;
    let ids = std::fs::read_to_string(&list)?;
    ids.lines().map(|id| DocumentId::from_str(id).map_err(|error| anyhow!("{error}"))).collect()
}

struct IrohDialer {
    endpoint: Endpoint,
    to: EndpointAddr,
    traffic: Arc<AtomicU64>,
}

impl Dialer for IrohDialer {
    type Error = io::Error;

    fn url(&self) -> samod::Url {
        // samod only logs it; a text that is none would be a bug here.
        samod::Url::parse("iroh://there").unwrap_or_else(|_| unreachable!("a fixed text"))
    }

    fn connect(&self) -> BoxFuture<'static, Result<Transport, DialError<io::Error>>> {
        let (endpoint, to, traffic) = (self.endpoint.clone(), self.to.clone(), self.traffic.clone());
        Box::pin(async move {
            let connection = endpoint.connect(to, ALPN).await.map_err(DialError::transient)?;
            let (send, receive) = connection.open_bi().await.map_err(DialError::transient)?;
            Ok(Transport::from_tokio_io(Counted { send, receive, traffic, _connection: connection }))
        })
    }
}

/// One bidirectional stream that counts what passes. The connection lives as long as it.
struct Counted {
    send: SendStream,
    receive: RecvStream,
    traffic: Arc<AtomicU64>,
    _connection: Connection,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = AsyncRead::poll_read(Pin::new(&mut self.receive), cx, buffer);
        self.traffic.fetch_add((buffer.filled().len() - before) as u64, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = AsyncWrite::poll_write(Pin::new(&mut self.send), cx, bytes);
        if let Poll::Ready(Ok(written)) = &polled {
            self.traffic.fetch_add(*written as u64, Ordering::Relaxed);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut self.send), cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_shutdown(Pin::new(&mut self.send), cx)
    }
}
