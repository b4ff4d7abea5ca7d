//! One connection that stands: frames out, frames in, and its end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use iroh::endpoint::{Connection, ConnectionError, ReadError, RecvStream, SendStream, VarInt, WriteError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use crate::frame::{FrameError, put_frame, put_header, read_frame};
use crate::{CloseReason, ConnectionId, FRAME_BYTES_MAX, IDLE_TIMEOUT_MS, NetEvent, QUEUED_BYTES_MAX};

/// How long a connection that is being closed may take to send what was queued before, in milliseconds.
const CLOSE_DRAIN_MS: u64 = 1_000;

/// What is read ahead of the layer above on one connection, in bytes. QUIC could hold it back as well, but its
/// reassembly counts packets, not bytes, and breaks the connection when some 2,000 small ones wait unread
/// (quinn-rs/quinn#2809).
const READ_AHEAD_BYTES: u32 = 2 * 1024 * 1024;

/// What a frame costs beside its bytes while it waits.
const FRAME_COST_BYTES: usize = 64;

/// Small frames are written together up to this many bytes: one wake-up and full packets instead of many.
const WRITE_TOGETHER_BYTES: usize = 64 * 1024;

/// The most of a closing text that is sent or reported, in bytes.
const REASON_BYTES_MAX: usize = 200;

/// The half of a connection that the handle keeps: enough to send and to close.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) connection: Connection,
    queue: mpsc::UnboundedSender<Vec<u8>>,
    closing: Arc<Closing>,
}

/// The half that the connection's own task keeps.
#[derive(Debug)]
pub(crate) struct LinkEnd {
    queue: mpsc::UnboundedReceiver<Vec<u8>>,
    closing: Arc<Closing>,
}

#[derive(Debug, Default)]
struct Closing {
    queued_bytes: AtomicUsize,
    reason: OnceLock<CloseReason>,
    asked: Notify,
}

impl Link {
    /// Makes the two halves of a link.
    pub(crate) fn new(connection: Connection) -> (Link, LinkEnd) {
        let (queue, queued) = mpsc::unbounded_channel();
        let closing = Arc::new(Closing::default());
        let end = LinkEnd { queue: queued, closing: closing.clone() };
        (Link { connection, queue, closing }, end)
    }

    /// Queues a frame; closes the connection instead if the frame is too long or too much waits already.
    pub(crate) fn send(&self, frame: Vec<u8>) {
        if self.closing.reason.get().is_some() {
            return;
        }
        if frame.len() > FRAME_BYTES_MAX {
            let text = format!("a frame of {} bytes was to be sent, {FRAME_BYTES_MAX} are allowed", frame.len());
            self.close(CloseReason::new(CloseReason::FRAME_TOO_LONG, text));
            return;
        }
        let size = frame.len() + 4;
        let queued = self.closing.queued_bytes.fetch_add(size, Ordering::AcqRel) + size;
        if queued > QUEUED_BYTES_MAX {
            let text = format!("more than {QUEUED_BYTES_MAX} bytes wait to be sent");
            self.abort(CloseReason::new(CloseReason::QUEUE_FULL, text));
            return;
        }
        // Fails only when the connection has ended; `Disconnected` tells.
        let _ = self.queue.send(frame);
    }

    /// Closes after what is queued has been sent, or after [`CLOSE_DRAIN_MS`]. Only the first reason counts.
    pub(crate) fn close(&self, reason: CloseReason) {
        if self.closing.reason.set(reason).is_ok() {
            self.closing.asked.notify_one();
        }
    }

    /// Closes at once; what is queued is lost. Only the first reason counts.
    pub(crate) fn abort(&self, reason: CloseReason) {
        let reason = self.closing.reason.get_or_init(|| reason);
        close_connection(&self.connection, reason);
    }
}

/// Closes a connection with a reason that the other end can show.
pub(crate) fn close_connection(connection: &Connection, reason: &CloseReason) {
    let mut end = reason.text.len().min(REASON_BYTES_MAX);
    while !reason.text.is_char_boundary(end) {
        end -= 1;
    }
    connection.close(VarInt::from_u32(reason.code), reason.text.as_bytes().get(..end).unwrap_or_default());
}

/// Moves frames until the connection ends. Gives the reason, for logs.
pub(crate) async fn run_link(
    id: ConnectionId,
    link: &Link,
    end: LinkEnd,
    mut streams: (SendStream, RecvStream),
    events: &mpsc::Sender<NetEvent>,
) -> String {
    let LinkEnd { queue, closing } = end;
    let deadline = async {
        closing.asked.notified().await;
        // Passes the news on to the writer, which finishes what is queued.
        closing.asked.notify_one();
        tokio::time::sleep(Duration::from_millis(CLOSE_DRAIN_MS)).await;
    };
    let write = write_frames(&link.connection, &mut streams.0, queue, &closing);
    tokio::pin!(write, deadline);
    let read_error = tokio::select! {
        error = read_frames(id, &mut streams.1, events) => Some(error),
        () = &mut write => None,
        () = &mut deadline => None,
    };
    match &read_error {
        // The other end is done and is about to say why; it is not owed more than a moment.
        Some(FrameError::End) => {
            let wait = Duration::from_millis(CLOSE_DRAIN_MS);
            tokio::select! {
                _ = link.connection.closed() => {}
                () = &mut write => {}
                () = &mut deadline => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        Some(error @ FrameError::TooLong(_)) => {
            link.abort(CloseReason::new(CloseReason::FRAME_TOO_LONG, error.to_string()));
        }
        Some(error @ FrameError::Truncated) => {
            link.abort(CloseReason::new(CloseReason::PROTOCOL, error.to_string()));
        }
        Some(FrameError::Read(_)) | None => {}
    }
    let told = link.connection.close_reason();
    let ours = closing.reason.get();
    match (told, ours) {
        (Some(error), _) if !matches!(error, ConnectionError::LocallyClosed) => describe(&error),
        (_, Some(reason)) => {
            close_connection(&link.connection, reason);
            format!("closed here: {}", reason.text)
        }
        (_, None) => {
            close_connection(&link.connection, &CloseReason::new(CloseReason::DONE, ""));
            read_error.map_or_else(|| "closed".to_owned(), |error| error.to_string())
        }
    }
}

/// Hands frames up until the stream ends, reading some of them ahead.
async fn read_frames(id: ConnectionId, stream: &mut RecvStream, events: &mpsc::Sender<NetEvent>) -> FrameError {
    let (ahead, mut waiting) = mpsc::unbounded_channel();
    let read = read_ahead(stream, ahead);
    let hand_up = async {
        while let Some((bytes, place)) = waiting.recv().await {
            if events.send(NetEvent::Frame { connection: id, bytes }).await.is_err() {
                return;
            }
            drop(place);
        }
    };
    // Both run to their ends: what was read before the stream ended is still handed up.
    let (error, ()) = tokio::join!(read, hand_up);
    error
}

/// Reads as long as there is room. No room stops the reading, and QUIC's flow control then stops the sender.
async fn read_ahead(
    stream: &mut RecvStream,
    ahead: mpsc::UnboundedSender<(Vec<u8>, OwnedSemaphorePermit)>,
) -> FrameError {
    let room = Arc::new(Semaphore::new(READ_AHEAD_BYTES as usize));
    loop {
        let bytes = match read_frame(stream).await {
            Ok(bytes) => bytes,
            Err(error) => return error,
        };
        // A frame that is larger than the room takes all of it.
        let cost = u32::try_from(bytes.len() + FRAME_COST_BYTES).unwrap_or(u32::MAX).min(READ_AHEAD_BYTES);
        let Ok(place) = room.clone().acquire_many_owned(cost).await else { return FrameError::End };
        if ahead.send((bytes, place)).is_err() {
            return FrameError::End;
        }
    }
}

/// Returns when a close was asked for and everything queued has arrived at the other end.
async fn write_frames(
    connection: &Connection,
    stream: &mut SendStream,
    mut queue: mpsc::UnboundedReceiver<Vec<u8>>,
    closing: &Closing,
) {
    let error = loop {
        let frame = match queue.try_recv() {
            Ok(frame) => frame,
            Err(_) if closing.reason.get().is_some() => {
                if stream.finish().is_ok() {
                    let _ = stream.stopped().await;
                }
                return;
            }
            Err(_) => tokio::select! {
                frame = queue.recv() => match frame {
                    Some(frame) => frame,
                    None => std::future::pending().await,
                },
                () = closing.asked.notified() => continue,
            },
        };
        if let Err(error) = write_some(stream, frame, &mut queue, closing).await {
            break error;
        }
    };
    if let WriteError::Stopped(_) | WriteError::ClosedStream = error {
        close_connection(connection, &CloseReason::new(CloseReason::PROTOCOL, "the stream was stopped"));
    }
    // The reader may still have frames to deliver; it sees the end of the connection after them.
    std::future::pending::<()>().await;
}

/// Writes a frame, and with it the small ones that are queued behind it.
async fn write_some(
    stream: &mut SendStream,
    first: Vec<u8>,
    queue: &mut mpsc::UnboundedReceiver<Vec<u8>>,
    closing: &Closing,
) -> Result<(), WriteError> {
    let mut buffer = Vec::with_capacity(first.len().min(WRITE_TOGETHER_BYTES) + 4);
    let mut written_bytes = 0;
    let mut next = Some(first);
    while let Some(frame) = next.take() {
        written_bytes += frame.len() + 4;
        if frame.len() < WRITE_TOGETHER_BYTES {
            put_frame(&mut buffer, &frame);
            if buffer.len() < WRITE_TOGETHER_BYTES {
                next = queue.try_recv().ok();
            }
        } else {
            put_header(&mut buffer, frame.len());
            stream.write_all(&buffer).await?;
            buffer.clear();
            stream.write_all(&frame).await?;
        }
    }
    stream.write_all(&buffer).await?;
    closing.queued_bytes.fetch_sub(written_bytes, Ordering::AcqRel);
    Ok(())
}

impl From<ReadError> for Ended {
    fn from(error: ReadError) -> Self {
        Ended(match error {
            ReadError::ConnectionLost(error) => describe(&error),
            other => other.to_string(),
        })
    }
}

/// Why a connection ended before it stood, for logs.
#[derive(Debug)]
pub(crate) struct Ended(pub(crate) String);

/// Says in words why a connection ended.
pub(crate) fn describe(error: &ConnectionError) -> String {
    match error {
        ConnectionError::TimedOut => format!("nothing was heard for {} s", IDLE_TIMEOUT_MS / 1_000),
        ConnectionError::ApplicationClosed(close) => {
            let bytes = close.reason.get(..close.reason.len().min(REASON_BYTES_MAX)).unwrap_or_default();
            // Foreign text goes to logs: without control characters it cannot forge lines there.
            let text: String = String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).collect();
            format!("closed by the other end ({}): {text}", close.error_code)
        }
        ConnectionError::Reset => "the other end restarted".to_owned(),
        ConnectionError::LocallyClosed => "closed here".to_owned(),
        other => other.to_string(),
    }
}
