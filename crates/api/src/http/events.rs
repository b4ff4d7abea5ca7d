//! Telling pages what changed.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::dto::{Changed, Tag};
use crate::{Event, Told};

/// How many pings in a row a page may leave unanswered.
const SILENT_MAX: u8 = 2;
/// What is said with each ping: a page is not shown pings, and could not tell a quiet building from a dead connection.
const STILL_HERE: &str = "{}";

/// Tells every event that this page hears as JSON, and that it is still here, until the page leaves, falls silent, or the
/// server closes.
pub(super) async fn tell(
    mut socket: WebSocket,
    mut events: Receiver<Told>,
    hears: impl Fn(Told) -> Option<Told> + Send,
    mut closing: watch::Receiver<()>,
    ping: Duration,
) {
    let mut pings = interval(ping);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is at once.
    pings.tick().await;
    let mut silent = 0;
    loop {
        let message = tokio::select! {
            event = events.recv() => match event {
                Ok(told) => hears(told).and_then(|told| written(&told)),
                // What was missed may have touched anything, anywhere.
                Err(RecvError::Lagged(_)) => {
                    let event = Event::Changed(Changed { tags: Tag::ALL.to_vec() });
                    hears(Told { home: None, event }).and_then(|told| written(&told))
                }
                Err(RecvError::Closed) => return,
            },
            _ = pings.tick() => {
                if silent == SILENT_MAX {
                    return;
                }
                silent += 1;
                if !is_sent(&mut socket, Message::Ping(Default::default()), ping).await {
                    return;
                }
                Some(Message::Text(STILL_HERE.into()))
            }
            message = socket.recv() => match message {
                // Nothing is asked here: that somebody is there is all that is heard.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {
                    silent = 0;
                    None
                }
            },
            // Nobody says anything here; it is dropped.
            _ = closing.changed() => {
                let _ = is_sent(&mut socket, Message::Close(None), ping).await;
                return;
            }
        };
        let Some(message) = message else { continue };
        if !is_sent(&mut socket, message, ping).await {
            return;
        }
    }
}

/// Sends a message; whether the page took it within the patience.
async fn is_sent(socket: &mut WebSocket, message: Message, patience: Duration) -> bool {
    matches!(timeout(patience, socket.send(message)).await, Ok(Ok(())))
}

fn written(told: &Told) -> Option<Message> {
    match serde_json::to_string(told) {
        Ok(text) => Some(Message::Text(text.into())),
        Err(error) => {
            tracing::error!(%error, "an event could not be written");
            None
        }
    }
}
