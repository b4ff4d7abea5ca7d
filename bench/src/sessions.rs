//! What each reconcile cost, as the node itself logs it.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// The cost of one session as one side saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The device at the other end, short.
    pub with: String,
    /// Round trips of the reconcile; the fetch adds one.
    pub rounds: u64,
    /// Bytes of all messages, both ways.
    pub bytes: u64,
    /// Items that differed.
    pub items: u64,
}

static HEARD: Mutex<Vec<Cost>> = Mutex::new(Vec::new());

/// Takes all sessions that ended since the last call.
pub fn take() -> Vec<Cost> {
    std::mem::take(&mut *HEARD.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Listens to the node's log for sessions that ended.
pub struct Listener;

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().starts_with("kaifong_node") {
            return;
        }
        let mut seen = Seen::default();
        event.record(&mut seen);
        if seen.message == "reconciled" {
            let cost = Cost {
                with: seen.device,
                rounds: number(&seen.stats, "rounds: "),
                bytes: number(&seen.stats, "bytes_sent: ") + number(&seen.stats, "bytes_received: "),
                items: number(&seen.stats, "items_differing: "),
            };
            HEARD.lock().unwrap_or_else(PoisonError::into_inner).push(cost);
        }
    }
}

#[derive(Default)]
struct Seen {
    message: String,
    device: String,
    stats: String,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let into = match field.name() {
            "message" => &mut self.message,
            "device" => &mut self.device,
            "stats" => &mut self.stats,
            _ => return,
        };
        *into = format!("{value:?}").trim_matches('"').to_owned();
    }
}

fn number(text: &str, after: &str) -> u64 {
    let digits = text.split(after).nth(1).unwrap_or_default();
    digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}
