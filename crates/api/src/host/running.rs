//! A node's life in this process: it is opened, tells what changed, and is closed in order.

use std::net::SocketAddr;
use std::sync::Arc;

use kaifong_node::store::PrivateFile;
use kaifong_node::{Handle, OpenError, Options};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::NodeHost;
use crate::dto::{Changed, KeyKept, Status, Tag};
use crate::notices::{self, Notebook, Notifier, Tally, Timing};
use crate::table::Event;
use crate::{ApiError, view};

/// How many events may wait for a slow listener.
const EVENTS_QUEUED_MAX: usize = 256;

impl NodeHost {
    /// Opens the device and starts its loop and network.
    ///
    /// # Errors
    /// `store-unusable` or `not-reachable`; nothing runs then.
    pub async fn open(options: Options) -> Result<Self, ApiError> {
        Self::open_at(options, Timing::default()).await
    }

    /// The same where another clock goes, for what notices go by.
    ///
    /// # Errors
    /// `store-unusable` or `not-reachable`; nothing runs then.
    pub async fn open_at(options: Options, timing: Timing) -> Result<Self, ApiError> {
        Self::open_among(options, timing, Arc::default()).await
    }

    /// The same beside other buildings of one installation, with which it shares the day's notices.
    pub(crate) async fn open_among(options: Options, timing: Timing, tally: Arc<Tally>) -> Result<Self, ApiError> {
        let handle = Handle::open(options).await?;
        let (events, _) = broadcast::channel(EVENTS_QUEUED_MAX);
        let notebook = Arc::new(Notebook::open(handle.private_file(notices::KEPT_NAME), tally));
        let telling = Arc::default();
        let host = Self { handle, events, notebook, telling, timing };
        tokio::spawn(forward(host.handle.changes(), host.events.clone()));
        Ok(host)
    }

    /// Gives where this device listens.
    pub fn addresses(&self) -> Vec<String> {
        self.handle.addresses().iter().map(SocketAddr::to_string).collect()
    }

    /// Names a small sealed file of this home's folder.
    pub(crate) fn private_file(&self, name: &'static str) -> PrivateFile {
        self.handle.private_file(name)
    }

    /// Tells where this device's key is kept.
    pub fn key_kept(&self) -> KeyKept {
        self.handle.key_kept().into()
    }

    /// Gives the status without the projection, for a start that keeps nobody waiting.
    ///
    /// # Errors
    /// `not-reachable` when the node is ending.
    pub async fn standing(&self) -> Result<Status, ApiError> {
        let (key_kept, addresses) = (self.key_kept(), self.addresses());
        self.read(move |node| Ok(view::status(node, key_kept, addresses, false))).await
    }

    /// Tells notices from now on, as [`Event::Notice`], until the last clone of this host is gone; for whoever can show
    /// them. To ask for it again changes nothing.
    pub fn tell_notices(&self) {
        let Self { handle, events, notebook, timing, .. } = self;
        self.telling.begin(|| Notifier {
            handle: handle.clone(),
            events: events.clone(),
            notebook: Arc::clone(notebook),
            timing: timing.clone(),
        });
    }

    /// Waits until the node has ended, in order or not.
    pub async fn ended(&self) {
        self.handle.ended().await;
    }

    /// Closes network and store in order.
    ///
    /// # Errors
    /// `store-unusable`.
    pub async fn shutdown(self) -> Result<(), ApiError> {
        self.telling.end().await;
        self.handle.shutdown().await.map_err(|error| ApiError::from(OpenError::Store(error)))
    }
}

/// Turns the node's changes into events. Ends with the node or with the last host.
async fn forward(mut changes: broadcast::Receiver<kaifong_node::Tags>, events: broadcast::Sender<Event>) {
    loop {
        let tags: Vec<Tag> = match changes.recv().await {
            Ok(tags) => tags.into_iter().map(Tag::from).collect(),
            // What was missed may have touched anything.
            Err(RecvError::Lagged(_)) => Tag::ALL.to_vec(),
            Err(RecvError::Closed) => return,
        };
        // Nobody may be listening.
        let _ = events.send(Event::Changed(Changed { tags }));
    }
}
