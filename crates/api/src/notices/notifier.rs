//! The task that looks and tells. It rests until something changes or may be due.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kaifong_node::Handle;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::kept::Notebook;
use super::time::{LocalTime, Timing};
use crate::dto::{Changed, Tag};
use crate::table::Event;
use crate::view;

/// The longest rest while something waits for an hour: timers stand still while the computer sleeps, and do not hear that
/// a clock was put right.
const REST_MAX: Duration = Duration::from_secs(3_600);
/// The rows that notices come from.
const SOURCES: [Tag; 10] = [
    Tag::Building,
    Tag::Members,
    Tag::Listings,
    Tag::Deals,
    Tag::Requests,
    Tag::Application,
    Tag::Matters,
    Tag::Activities,
    Tag::Points,
    Tag::Notices,
];

/// What a look needs.
#[derive(Debug)]
pub(crate) struct Notifier {
    pub(crate) handle: Handle,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) notebook: Arc<Notebook>,
    pub(crate) timing: Timing,
}

/// The task, where one runs. It ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Telling(Mutex<Option<(watch::Sender<()>, JoinHandle<()>)>>);

impl Telling {
    /// Starts the task, unless it runs.
    pub(crate) fn begin(&self, notifier: impl FnOnce() -> Notifier) {
        let mut task = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if task.is_none() {
            let (stop, stopped) = watch::channel(());
            let notifier = notifier();
            // Before the first look, so that no change falls between the two.
            let heard = notifier.events.subscribe();
            *task = Some((stop, tokio::spawn(notifier.run(heard, stopped))));
        }
    }

    /// Ends the task once the look under way is over.
    pub(crate) async fn end(&self) {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, task)) = task {
            drop(stop);
            if let Err(error) = task.await {
                tracing::error!(%error, "the task that tells notices broke off");
            }
        }
    }
}

impl Notifier {
    async fn run(self, mut heard: broadcast::Receiver<Event>, mut stopped: watch::Receiver<()>) {
        loop {
            // What was told until here is seen by this look.
            heard = heard.resubscribe();
            let outlook = self.look().await;
            let next = async {
                self.rest(&mut heard, outlook).await;
                // One look is enough for what changes together; this is no asking again and again.
                sleep(self.timing.gather).await;
            };
            tokio::select! {
                // Nobody says anything here; it is dropped.
                _ = stopped.changed() => return,
                () = next => {}
            }
        }
    }

    /// Looks what there is, and tells what is to be told.
    async fn look(&self) -> Outlook {
        let looked = (self.timing.clock)();
        let nothing = Outlook { looked, pending: false, next_at_ms: None };
        let asked = self.notebook.page().settings;
        let with_fits = asked.fit;
        let seen = self.handle.read(move |node| view::notable(node, looked.at_ms, with_fits)).await;
        // No store, no building, or not approved yet: the change that mends it is heard.
        let Some(Ok(notable)) = seen else { return nothing };
        let notebook = Arc::clone(&self.notebook);
        let decided = tokio::task::spawn_blocking(move || notebook.tell(looked, &asked, &notable.things)).await;
        match decided {
            Ok(Some(decision)) => {
                let told = !decision.notices.is_empty();
                for notice in decision.notices {
                    // Nobody may be listening.
                    let _ = self.events.send(Event::Notice(notice));
                }
                if told {
                    let _ = self.events.send(Event::Changed(Changed { tags: vec![Tag::Notices] }));
                }
                Outlook { looked, pending: decision.pending, next_at_ms: notable.next_at_ms }
            }
            // The switches changed meanwhile, and that is heard.
            Ok(None) => nothing,
            Err(error) => {
                tracing::error!(%error, "notices could not be decided");
                nothing
            }
        }
    }

    /// Waits until another look is due, or something changed that notices come from.
    async fn rest(&self, heard: &mut broadcast::Receiver<Event>, outlook: Outlook) {
        loop {
            let left = outlook.rest_ms((self.timing.clock)()).map(Duration::from_millis);
            if left == Some(Duration::ZERO) {
                return;
            }
            let over = async {
                match left {
                    Some(left) => sleep(left.min(REST_MAX)).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                event = heard.recv() => match event {
                    Ok(Event::Changed(changed)) if changed.tags.iter().any(|tag| SOURCES.contains(tag)) => return,
                    // What was missed may have touched anything.
                    Err(RecvError::Lagged(_)) => return,
                    // The clock is looked at: neighbours come back when the computer wakes up.
                    Ok(_) => {}
                    Err(RecvError::Closed) => pending().await,
                },
                () = over => {}
            }
        }
    }
}

/// What a look has left to wait for.
#[derive(Clone, Copy, Debug)]
struct Outlook {
    looked: LocalTime,
    /// Whether something waits for another hour or another day.
    pending: bool,
    /// When there may be more to tell without any change.
    next_at_ms: Option<u64>,
}

impl Outlook {
    /// Gives how long it is until another look, in milliseconds; `None` when only a change can bring one.
    fn rest_ms(&self, now: LocalTime) -> Option<u64> {
        if now.at_ms < self.looked.at_ms {
            // The clock was put back: what was due by it is no longer known.
            return Some(0);
        }
        let waiting = self.pending.then(|| {
            let came = !now.is_quiet() && (self.looked.is_quiet() || self.looked.day() != now.day());
            if came { 0 } else { now.until_quiet_ends_ms() }
        });
        let next = self.next_at_ms.map(|at| at.saturating_sub(now.at_ms));
        waiting.into_iter().chain(next).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    fn at(hours: u64) -> LocalTime {
        LocalTime { at_ms: hours * HOUR_MS, ahead_s: 0 }
    }

    #[test]
    fn what_waits_is_looked_at_when_quiet_hours_end_and_only_then() {
        let rest = |looked: u64, pending, next: Option<u64>, now: u64| {
            let next_at_ms = next.map(|hours| hours * HOUR_MS);
            Outlook { looked: at(looked), pending, next_at_ms }.rest_ms(at(now)).map(|ms| ms / HOUR_MS)
        };
        for (looked, pending, next, now, left) in [
            // Nothing waits, and no change comes.
            (10, false, None, 10, None),
            (10, false, None, 500, None),
            // It came up at night.
            (22, true, None, 22, Some(10)),
            (22, true, None, 30, Some(2)),
            (22, true, None, 32, Some(0)),
            (22, true, None, 32 + 24 * 400, Some(0)),
            // It did not fit into the day any more.
            (10, true, None, 10, Some(22)),
            (10, true, None, 20, Some(12)),
            (10, true, None, 32, Some(0)),
            (10, true, None, 23, Some(9)),
            // A lent thing is to come back.
            (10, false, Some(15), 10, Some(5)),
            (10, true, Some(15), 12, Some(3)),
            (10, false, Some(15), 40, Some(0)),
            // The clock was put back.
            (10, false, None, 9, Some(0)),
            (10, true, Some(15), 3, Some(0)),
        ] {
            assert_eq!(rest(looked, pending, next, now), left, "{looked} {pending} {next:?} {now}");
        }
    }

    #[test]
    fn a_look_is_never_followed_at_once_by_another() {
        for hour in 0..48 {
            for pending in [false, true] {
                let outlook = Outlook { looked: at(hour), pending, next_at_ms: Some(at(hour).at_ms + 1) };
                assert!(outlook.rest_ms(at(hour)).is_some_and(|left| left > 0), "{hour}");
            }
        }
    }
}
