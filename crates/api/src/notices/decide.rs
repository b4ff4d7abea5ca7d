//! Which notices to tell. Pure: the time, what was told, and what there is come in; notices come out.

use std::collections::{BTreeMap, BTreeSet};

use super::time::LocalTime;
use crate::dto::{Notice, NoticeKind, NoticeSettings};

/// How many notices are told in a day of the place.
pub(crate) const PER_DAY_MAX: u8 = 3;
/// How many things of one kind are looked at; those that come first in what is there.
pub(super) const THINGS_MAX: usize = 1_000;
/// How many things that have gone are remembered; those that went first are forgotten, and told anew if they come back.
pub(super) const GONE_MAX: usize = 512;
/// How many days are remembered. A clock that jumps among so many days finds the notices of each counted; one that jumps
/// further starts a day with none, and is never silenced.
pub(super) const DAYS_MAX: usize = 16;

/// What one thing is known by: a hash, which tells nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(String);

impl Key {
    /// Makes the key of a thing from its ids, each as long as all others in its place.
    pub(crate) fn of(kind: NoticeKind, ids: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 notice");
        hasher.update(kind.name().as_bytes());
        ids.iter().for_each(|id| {
            hasher.update(id);
        });
        Self(hasher.finalize().to_hex().chars().take(32).collect())
    }

    /// Takes 32 hexadecimal digits.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that is to be told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    pub(crate) kind: NoticeKind,
    pub(crate) key: Key,
    /// The page that shows it.
    pub(crate) place: String,
}

/// What earlier looks have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The kinds that are listened to: those that were on at the last look and were not switched off since.
    pub(crate) heard: BTreeSet<NoticeKind>,
    /// How many notices were told on which day; the last told at the end.
    pub(crate) days: Vec<(i64, u8)>,
    /// What counts as told: first what has gone, the longest gone first, then what is there.
    pub(crate) told: Vec<Key>,
}

impl Default for Memory {
    /// What there is before the first look: what fits is taken as known then, and the rest is not.
    fn default() -> Self {
        Self { heard: [NoticeKind::Turn, NoticeKind::Request].into(), days: Vec::new(), told: Vec::new() }
    }
}

impl Memory {
    /// Gives how many notices were told on a day.
    pub(crate) fn told_on(&self, day: i64) -> u8 {
        self.days.iter().find(|(told, _)| *told == day).map_or(0, |(_, count)| *count)
    }

    /// Listens no longer to what is switched off.
    pub(crate) fn without(mut self, settings: &NoticeSettings) -> Self {
        self.heard.retain(|kind| settings.has(*kind));
        self
    }

    fn count(&mut self, day: i64) {
        let count = self.told_on(day).saturating_add(1);
        self.days.retain(|(told, _)| *told != day);
        self.days.push((day, count));
        let surplus = self.days.len().saturating_sub(DAYS_MAX);
        self.days.drain(..surplus);
    }
}

/// What a look has led to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) notices: Vec<Notice>,
    /// What the next look starts from.
    pub(crate) memory: Memory,
    /// Whether something waits for another hour or another day.
    pub(crate) pending: bool,
}

/// Decides which notices are told now; `elsewhere` is how many this installation's other buildings have told today.
pub(crate) fn decide(
    now: LocalTime,
    settings: &NoticeSettings,
    before: &Memory,
    things: &[Thing],
    elsewhere: u8,
) -> Decision {
    let known: BTreeSet<&Key> = before.told.iter().collect();
    let of_kind = |kind: NoticeKind| things.iter().filter(move |thing| thing.kind == kind).take(THINGS_MAX);
    let there: BTreeSet<&Key> =
        NoticeKind::ALL.iter().flat_map(|kind| of_kind(*kind)).map(|thing| &thing.key).collect();
    let (mut told, gone): (Vec<Key>, Vec<Key>) = before.told.iter().cloned().partition(|key| there.contains(key));
    let mut memory = before.clone();
    let mut notices = Vec::new();
    let mut pending = false;
    for kind in NoticeKind::ALL {
        let fresh: BTreeMap<&Key, &str> = of_kind(*kind)
            .filter(|thing| !known.contains(&thing.key))
            .map(|thing| (&thing.key, thing.place.as_str()))
            .collect();
        if fresh.is_empty() {
            continue;
        }
        if settings.has(*kind) && before.heard.contains(kind) {
            // What merely fits or goes on leaves one of the day's notices for what waits for this person.
            let most =
                if matches!(kind, NoticeKind::Fit | NoticeKind::Activity) { PER_DAY_MAX - 1 } else { PER_DAY_MAX };
            if now.is_quiet() || memory.told_on(now.day()).saturating_add(elsewhere) >= most {
                pending = true;
                continue;
            }
            memory.count(now.day());
            let count = fresh.len() as u64;
            notices.push(Notice { kind: *kind, count, place: place(fresh.values().copied()), building: None });
        }
        told.extend(fresh.into_keys().cloned());
    }
    let forgotten = gone.len().saturating_sub(GONE_MAX);
    memory.told = gone.into_iter().skip(forgotten).chain(told).collect();
    memory.heard = NoticeKind::ALL.iter().copied().filter(|kind| settings.has(*kind)).collect();
    Decision { notices, memory, pending }
}

/// Leads to the one page that shows them all, or else home.
fn place<'a>(mut places: impl Iterator<Item = &'a str>) -> String {
    let first = places.next().unwrap_or("/");
    if places.all(|place| place == first) { first.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests;
