//! What outlives the process: the switches, and what was told. Hashes and counts, no names and no words.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kaifong_node::store::PrivateFile;
use serde::{Deserialize, Serialize};

use super::decide::{DAYS_MAX, Decision, GONE_MAX, Key, Memory, THINGS_MAX, Thing, decide};
use super::time::LocalTime;
use crate::dto::{NoticeKind, NoticeSettings};

/// What is kept in the data folder, sealed.
pub(crate) const KEPT_NAME: &str = "notices.json";
/// How much of what was told is read.
const TOLD_MAX: usize = GONE_MAX + NoticeKind::ALL.len() * THINGS_MAX;

/// What is known at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) settings: NoticeSettings,
    pub(crate) memory: Memory,
}

/// The file. Kinds that are not known are passed over.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// The kinds that are switched off.
    off: Vec<String>,
    heard: Vec<String>,
    days: Vec<(i64, u8)>,
    told: Vec<String>,
}

impl Default for Kept {
    fn default() -> Self {
        Self::from(&Page::default())
    }
}

impl From<&Page> for Kept {
    fn from(Page { settings, memory }: &Page) -> Self {
        let off = NoticeKind::ALL.iter().filter(|kind| !settings.has(**kind));
        Self {
            off: off.map(|kind| kind.name().to_owned()).collect(),
            heard: memory.heard.iter().map(|kind| kind.name().to_owned()).collect(),
            days: memory.days.clone(),
            told: memory.told.iter().map(|key| key.as_str().to_owned()).collect(),
        }
    }
}

impl From<Kept> for Page {
    fn from(kept: Kept) -> Self {
        let is_on = |kind: NoticeKind| !kept.off.iter().any(|off| off == kind.name());
        let settings = NoticeSettings {
            turn: is_on(NoticeKind::Turn),
            request: is_on(NoticeKind::Request),
            fit: is_on(NoticeKind::Fit),
            activity: is_on(NoticeKind::Activity),
        };
        let heard = NoticeKind::ALL.iter().copied().filter(|kind| kept.heard.iter().any(|name| name == kind.name()));
        let heard = heard.collect();
        let days = kept.days.get(kept.days.len().saturating_sub(DAYS_MAX)..).unwrap_or_default().to_vec();
        let told = kept.told.get(kept.told.len().saturating_sub(TOLD_MAX)..).unwrap_or_default();
        let told = told.iter().filter_map(|text| Key::read(text)).collect();
        Self { settings, memory: Memory { heard, days, told } }
    }
}

/// How many notices the buildings of one installation have told, by day: a person hears all of them.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<PathBuf, Vec<(i64, u8)>>>);

impl Tally {
    /// Nobody else counts while this is held. What a thread that broke off left behind is whole.
    fn locked(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Vec<(i64, u8)>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives how many the others have told on a day.
fn told_elsewhere(tally: &BTreeMap<PathBuf, Vec<(i64, u8)>>, own: &Path, day: i64) -> u8 {
    let others = tally.iter().filter(|(path, _)| path.as_path() != own).flat_map(|(_, days)| days);
    others.filter(|(told, _)| *told == day).fold(0, |sum, (_, count)| sum.saturating_add(*count))
}

/// Remembers the switches and what was told.
#[derive(Debug)]
pub(crate) struct Notebook {
    file: PrivateFile,
    tally: Arc<Tally>,
    page: Mutex<Page>,
}

impl Notebook {
    /// Reads what a process before this one has kept. Without it, or if it cannot be read, everything is on and nothing
    /// was told.
    pub(crate) fn open(file: PrivateFile, tally: Arc<Tally>) -> Self {
        let read = match file.read() {
            Ok(Some(text)) => serde_json::from_slice(&text).map_err(io::Error::from),
            Ok(None) => Ok(Kept::default()),
            Err(error) => Err(error),
        };
        let kept = read.unwrap_or_else(|error| {
            tracing::warn!(%error, "which notices were told is not known; all kinds are on again");
            Kept::default()
        });
        let page = Page::from(kept);
        tally.locked().insert(file.path().to_owned(), page.memory.days.clone());
        let notebook = Self { file, tally, page: Mutex::new(page) };
        notebook.seal();
        notebook
    }

    /// Gives how many notices were told on a day, here and in the installation's other buildings.
    pub(crate) fn told_on(&self, day: i64) -> u8 {
        let elsewhere = told_elsewhere(&self.tally.locked(), self.file.path(), day);
        self.locked().memory.told_on(day).saturating_add(elsewhere)
    }

    /// Gives what is known now.
    pub(crate) fn page(&self) -> Page {
        self.locked().clone()
    }

    /// Sets the switches; returns when that is durable. Blocks on the disk.
    ///
    /// # Errors
    /// Those of the operating system; nothing was set then.
    pub(crate) fn set(&self, settings: NoticeSettings) -> io::Result<()> {
        let mut page = self.locked();
        let memory = page.memory.clone().without(&settings);
        let next = Page { settings, memory };
        self.write(&next)?;
        *page = next;
        Ok(())
    }

    /// Decides what is told now, and remembers it. `None` if the switches are no longer as they were `asked` when it was
    /// looked what there is. Blocks on the disk.
    pub(crate) fn tell(&self, now: LocalTime, asked: &NoticeSettings, things: &[Thing]) -> Option<Decision> {
        // Two buildings never decide at the same time: each would think that the day's last notice is its own.
        let mut tally = self.tally.locked();
        let elsewhere = told_elsewhere(&tally, self.file.path(), now.day());
        let mut page = self.locked();
        if page.settings != *asked {
            return None;
        }
        let decision = decide(now, asked, &page.memory, things, elsewhere);
        if decision.memory != page.memory {
            page.memory = decision.memory.clone();
            tally.insert(self.file.path().to_owned(), page.memory.days.clone());
            // It is told all the same: twice is better than never.
            if let Err(error) = self.write(&page) {
                tracing::warn!(%error, "which notices were told is forgotten when this process ends");
            }
        }
        Some(decision)
    }

    /// Seals what an earlier version has left open.
    fn seal(&self) {
        if self.file.lies_open()
            && let Err(error) = self.write(&self.locked())
        {
            tracing::warn!(%error, "which notices were told is not sealed yet");
        }
    }

    fn write(&self, page: &Page) -> io::Result<()> {
        self.file.replace(&serde_json::to_vec(&Kept::from(page))?)
    }

    /// What a thread that broke off left behind is whole: nothing is changed in two steps.
    fn locked(&self) -> MutexGuard<'_, Page> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kaifong_node::store::StoreKey;

    use super::*;

    const NOON: LocalTime = LocalTime { at_ms: 12 * 3_600_000, ahead_s: 0 };

    fn among(folder: &Path, tally: Arc<Tally>) -> Notebook {
        Notebook::open(PrivateFile::at(folder, KEPT_NAME, &StoreKey::of_secret(&[7; 32])), tally)
    }

    fn open(folder: &Path) -> Notebook {
        among(folder, Arc::default())
    }

    fn thing(kind: NoticeKind, number: u8) -> Thing {
        Thing { kind, key: Key::of(kind, &[&[number]]), place: format!("/{number}") }
    }

    #[test]
    fn switches_and_what_was_told_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let all = NoticeSettings::default();
        let notebook = open(dir.path());
        assert_eq!(notebook.page(), Page::default());
        let things = [thing(NoticeKind::Turn, 1), thing(NoticeKind::Fit, 2)];
        assert_eq!(notebook.tell(NOON, &all, &things).unwrap().notices.len(), 1);
        let less = NoticeSettings { request: false, ..all };
        notebook.set(less.clone()).unwrap();
        assert!(!notebook.page().memory.heard.contains(&NoticeKind::Request), "at once, and not at the next look");
        assert_eq!(notebook.tell(NOON, &all, &things), None, "the switches were others");
        let again = open(dir.path());
        assert_eq!(again.page(), notebook.page());
        assert_eq!((again.page().settings, again.page().memory.told_on(0)), (less.clone(), 1));
        assert_eq!(again.tell(NOON, &less, &things).unwrap().notices, []);
        let raw = std::fs::read(dir.path().join(KEPT_NAME)).unwrap();
        assert!(!raw.windows(4).any(|bytes| bytes == b"told" || bytes == b"requ"), "{raw:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(dir.path().join(KEPT_NAME)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn what_cannot_be_read_is_as_if_it_were_not_there() {
        let dir = tempfile::tempdir().unwrap();
        for text in
            ["", "null", "[]", "{}", "{\"off\": 7}", "{\"days\": [[1, 256]]}", "\u{0}", "{\"told\": [\"\", \"zz\"]}"]
        {
            std::fs::write(dir.path().join(KEPT_NAME), text).unwrap();
            assert_eq!(open(dir.path()).page(), Page::default(), "{text}");
        }
    }

    #[test]
    fn a_kind_of_a_later_version_is_passed_over_and_too_much_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let told: Vec<_> = (0..TOLD_MAX + 5).map(|number| format!("{number:032x}")).collect();
        let days: Vec<_> = (0..100).map(|day| (day, 3)).collect();
        let kept = serde_json::json!({"off": ["storm", "fit"], "heard": ["storm", "turn"], "days": days, "told": told});
        std::fs::write(dir.path().join(KEPT_NAME), kept.to_string()).unwrap();
        let Page { settings, memory } = open(dir.path()).page();
        assert_eq!(settings, NoticeSettings { fit: false, ..NoticeSettings::default() });
        assert_eq!((memory.heard, memory.told.len()), ([NoticeKind::Turn].into(), TOLD_MAX));
        assert_eq!((memory.days.len(), memory.days.last()), (DAYS_MAX, Some(&(99, 3))));
    }

    #[test]
    fn what_an_earlier_version_left_open_is_taken_over_and_sealed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(KEPT_NAME), "{\"off\": [\"fit\"]}").unwrap();
        for _ in 0..2 {
            assert!(!open(dir.path()).page().settings.fit);
            assert!(!std::fs::read(dir.path().join(KEPT_NAME)).unwrap().starts_with(b"{"));
        }
    }

    #[test]
    fn what_is_not_durable_was_not_set() {
        let dir = tempfile::tempdir().unwrap();
        let notebook = open(&dir.path().join("no such folder"));
        let before = notebook.page();
        assert!(notebook.set(NoticeSettings { turn: false, ..NoticeSettings::default() }).is_err());
        assert_eq!(notebook.page(), before);
    }

    #[test]
    fn the_days_notices_are_counted_in_all_buildings_together() {
        let dir = tempfile::tempdir().unwrap();
        let (home, parents) = (dir.path().join("home"), dir.path().join("parents"));
        for folder in [&home, &parents] {
            std::fs::create_dir(folder).unwrap();
        }
        let all = NoticeSettings::default();
        let turn = |number| [thing(NoticeKind::Turn, number)];
        let told = |book: &Notebook, things: &[Thing]| book.tell(NOON, &all, things).unwrap().notices.len();
        let tally = Arc::<Tally>::default();
        let (here, there) = (among(&home, Arc::clone(&tally)), among(&parents, tally));
        assert_eq!((told(&here, &turn(1)), told(&there, &turn(1)), told(&here, &turn(2))), (1, 1, 1));
        assert_eq!((here.told_on(0), there.told_on(0)), (3, 3));
        let late = there.tell(NOON, &all, &turn(2)).unwrap();
        assert_eq!((late.notices.len(), late.pending), (0, true), "it is told on the next day");
        // Another process counts on.
        let tally = Arc::<Tally>::default();
        let (_here, there) = (among(&home, Arc::clone(&tally)), among(&parents, tally));
        assert_eq!((there.told_on(0), told(&there, &turn(3))), (3, 0));
        let tomorrow = LocalTime { at_ms: NOON.at_ms + 24 * 3_600_000, ..NOON };
        assert_eq!(there.tell(tomorrow, &all, &turn(3)).unwrap().notices.len(), 1);
    }
}
