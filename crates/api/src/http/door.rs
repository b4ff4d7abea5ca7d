//! Who may come in: one-time links, and the sessions that they open.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use blake3::Hash;
use kaifong_node::store::durable::replace_private_file;
use serde::{Deserialize, Serialize};

use super::parts::{encoded, is_own_place};
use crate::ApiError;

/// How long a link can be opened, in milliseconds.
pub const LINK_VALID_MS: u64 = 10 * 60 * 1_000;
/// How many links may wait to be opened; the oldest goes first.
const LINKS_MAX: usize = 16;
/// How many browsers stay let in; the one that has not come for the longest goes first.
const SESSIONS_MAX: usize = 16;
/// What is kept in the data folder, for its owner only.
const KEPT_NAME: &str = "web.json";

/// Tells the milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Makes one-time links and lets in who brings one.
#[derive(Clone)]
pub struct Links {
    origin: String,
    clock: Clock,
    /// The hash of each link's secret, and when it was made.
    waiting: Arc<Mutex<Vec<(Hash, u64)>>>,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Links {
    pub(super) fn new(origin: String, clock: Clock) -> Self {
        Self { origin, clock, waiting: Arc::default() }
    }

    /// Makes a link that opens once, within [`LINK_VALID_MS`]; it leads to the front page, or to a path told.
    ///
    /// # Errors
    /// `bad-arguments` for what is no path of this page.
    pub fn make(&self, to: Option<&str>) -> Result<String, ApiError> {
        if !to.is_none_or(is_own_place) {
            return Err(ApiError::bad_arguments("要一个以 / 开头的路径").hinted("比如 --to /desk"));
        }
        let secret = secret();
        let mut waiting = locked(&self.waiting);
        if waiting.len() >= LINKS_MAX {
            waiting.remove(0);
        }
        waiting.push((hash(&secret), (self.clock)()));
        let to = to.map(|to| format!("&to={}", encoded(to))).unwrap_or_default();
        Ok(format!("{}/enter?t={secret}{to}", self.origin))
    }

    /// Uses a link up; whether it was one that could still be opened.
    pub(super) fn spend(&self, secret: &str) -> bool {
        let (brought, now) = (hash(secret), (self.clock)());
        let mut waiting = locked(&self.waiting);
        // A clock that was put back makes a link old, not eternal.
        waiting.retain(|(_, made)| now.checked_sub(*made).is_some_and(|age| age < LINK_VALID_MS));
        let before = waiting.len();
        // Hashes compare in constant time.
        waiting.retain(|(link, _)| *link != brought);
        waiting.len() < before
    }
}

/// What outlives the process: who was let in, and at which port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    port: Option<u16>,
    /// BLAKE3 hashes of the cookies, in hexadecimal digits; who came last stands last.
    sessions: Vec<String>,
}

/// The browsers that were let in.
#[derive(Debug)]
pub(super) struct Sessions {
    path: PathBuf,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    kept: Kept,
    /// Whether the folder is this process's to write in.
    held: bool,
    /// Whether there is something that the file does not say.
    unwritten: bool,
}

impl Sessions {
    /// Reads what a process before this one has kept; what cannot be read lets nobody in.
    pub(super) fn open(data: &Path) -> Self {
        let path = data.join(KEPT_NAME);
        let read = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kept::default()),
            Err(error) => Err(error),
        };
        let kept = read.unwrap_or_else(|error| {
            tracing::warn!(%error, "who was let in before is not known; a new link is needed");
            Kept::default()
        });
        Self { path, book: Mutex::new(Book { kept, ..Book::default() }) }
    }

    /// Gives the port of the last time.
    pub(super) fn port(&self) -> Option<u16> {
        locked(&self.book).kept.port
    }

    /// The folder is this process's from now on: the port and who was let in are remembered for the next time.
    pub(super) fn hold(&self, port: u16) {
        let mut book = locked(&self.book);
        book.held = true;
        book.unwritten |= book.kept.port.replace(port) != Some(port);
        if book.unwritten {
            self.keep(&mut book);
        }
    }

    /// Lets a browser in; gives its cookie's value, which takes the place of those that it has brought.
    pub(super) fn begin<'a>(&self, brought: impl IntoIterator<Item = &'a str>) -> String {
        let secret = secret();
        let mut book = locked(&self.book);
        let kept = &mut book.kept;
        for brought in brought {
            let brought = hash(brought);
            kept.sessions.retain(|known| !is(known, &brought));
        }
        let surplus = (kept.sessions.len() + 1).saturating_sub(SESSIONS_MAX);
        kept.sessions.drain(..surplus);
        kept.sessions.push(hash(&secret).to_hex().to_string());
        self.keep(&mut book);
        secret
    }

    /// Gives the name as a screen of the browser with this cookie's value, if it was let in. It is the last that came from
    /// then on: a page that is open for days is not the first to go because others were let in after it.
    pub(super) fn screen(&self, secret: &str) -> Option<[u8; 32]> {
        let brought = hash(secret);
        let kept = &mut locked(&self.book).kept;
        let at = kept.sessions.iter().position(|known| is(known, &brought))?;
        // Written with the next change: who came in between is not worth a write.
        kept.sessions.get_mut(at..).unwrap_or_default().rotate_left(1);
        Some(*brought.as_bytes())
    }

    /// Writes down what has changed, now or as soon as the folder is held.
    fn keep(&self, book: &mut Book) {
        book.unwritten = true;
        if !book.held {
            return;
        }
        match self.write(&book.kept) {
            Ok(()) => book.unwritten = false,
            Err(error) => tracing::warn!(%error, "who was let in is forgotten when this process ends"),
        }
    }

    fn write(&self, kept: &Kept) -> io::Result<()> {
        replace_private_file(&self.path, &serde_json::to_vec(kept)?)
    }
}

/// Draws 32 bytes, as hexadecimal digits.
fn secret() -> String {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

fn hash(secret: &str) -> Hash {
    blake3::hash(secret.as_bytes())
}

/// Whether what is kept is this hash; hashes compare in constant time.
fn is(kept: &str, hash: &Hash) -> bool {
    Hash::from_hex(kept).is_ok_and(|kept| kept == *hash)
}

/// What a thread that broke off left behind is whole: nothing is changed in two steps.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    impl Sessions {
        fn knows(&self, secret: &str) -> bool {
            self.screen(secret).is_some()
        }
    }

    fn secret_of(link: &str) -> &str {
        link.split_once("?t=").unwrap().1.split('&').next().unwrap()
    }

    #[test]
    fn a_link_opens_once_and_within_ten_minutes() {
        let now = Arc::new(AtomicU64::new(1_000_000));
        let clock = Arc::clone(&now);
        let links = Links::new("http://127.0.0.1:4".into(), Arc::new(move || clock.load(Ordering::Relaxed)));
        let made = |at: u64| {
            now.store(at, Ordering::Relaxed);
            links.make(None).unwrap()
        };
        let link = made(1_000_000);
        assert!(link.starts_with("http://127.0.0.1:4/enter?t=") && secret_of(&link).len() == 64, "{link}");
        assert!(!links.spend("") && !links.spend(&"0".repeat(64)));
        assert!(links.spend(secret_of(&link)) && !links.spend(secret_of(&link)), "once");
        for (age, opens) in [(0, true), (LINK_VALID_MS - 1, true), (LINK_VALID_MS, false), (u64::MAX / 2, false)] {
            let link = made(2_000_000);
            now.store(2_000_000 + age, Ordering::Relaxed);
            assert_eq!(links.spend(secret_of(&link)), opens, "{age}");
        }
        let link = made(2_000_000);
        now.store(1_999_999, Ordering::Relaxed);
        assert!(!links.spend(secret_of(&link)), "the clock was put back");
    }

    #[test]
    fn links_are_few_and_lead_to_own_places_only() {
        let links = Links::new(String::new(), Arc::new(|| 7));
        let first = links.make(Some("/desk?x=1")).unwrap();
        assert!(first.ends_with("&to=/desk%3Fx%3D1"), "{first}");
        assert_eq!(links.make(Some("//evil.example")).unwrap_err().code, crate::Code::BAD_ARGUMENTS);
        for _ in 0..LINKS_MAX {
            links.make(None).unwrap();
        }
        assert!(!links.spend(secret_of(&first)), "the oldest went first");
    }

    #[test]
    fn sessions_outlive_the_process_for_their_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(dir.path());
        assert_eq!(sessions.port(), None);
        let first = sessions.begin([]);
        assert!(!Sessions::open(dir.path()).knows(&first), "the folder may be another process's");
        sessions.hold(4_321);
        assert!(sessions.knows(&first) && !sessions.knows("") && !sessions.knows(&"0".repeat(64)));
        let file = dir.path().join(KEPT_NAME);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!std::fs::read_to_string(&file).unwrap().contains(&first), "only its hash is kept");
        let again = Sessions::open(dir.path());
        assert!(again.knows(&first) && again.port() == Some(4_321));
        again.hold(4_321);
        let rest: Vec<_> = (0..SESSIONS_MAX).map(|_| again.begin([])).collect();
        assert!(!again.knows(&first), "the oldest went first");
        assert!(rest.iter().all(|secret| Sessions::open(dir.path()).knows(secret)));
    }

    #[test]
    fn who_has_not_come_for_the_longest_goes_first_and_who_comes_again_takes_no_second_place() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(dir.path());
        sessions.hold(7);
        let (desk, gone) = (sessions.begin([]), sessions.begin([]));
        for _ in 0..SESSIONS_MAX - 1 {
            assert!(sessions.knows(&desk), "it is open all the time");
            sessions.begin([]);
        }
        assert!(sessions.knows(&desk) && !sessions.knows(&gone));
        let mut phone = sessions.begin([]);
        for _ in 0..2 * SESSIONS_MAX {
            let next = sessions.begin([phone.as_str(), "of another program"]);
            assert!(!sessions.knows(&phone), "its new cookie stands for it");
            phone = next;
        }
        assert!(sessions.knows(&phone) && Sessions::open(dir.path()).knows(&desk), "one browser, one place");
    }

    #[test]
    fn what_cannot_be_read_lets_nobody_in() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["", "null", "{}", "{\"sessions\": [\"\", \"zz\"]}", "\u{0}"] {
            std::fs::write(dir.path().join(KEPT_NAME), text).unwrap();
            let sessions = Sessions::open(dir.path());
            assert!(!sessions.knows("") && !sessions.knows("zz") && sessions.port().is_none(), "{text}");
        }
    }
}
