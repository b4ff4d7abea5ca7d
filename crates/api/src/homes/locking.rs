//! The lock of an installation: one PIN for all its buildings, whose copies lie in the folder of each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kaifong_domain::DeviceId;
use kaifong_node::store::PrivateFile;
use serde_json::Value;

use super::{Installation, Told, rows};
use crate::dto::*;
use crate::lock::kept::{Digest, KEPT_NAME, Kept};
use crate::lock::{Asker, IDLE_MIN_MAX, Lock, check_new, locked};
use crate::table::{Answer, Event, Row, answer};
use crate::view::View;
use crate::{ApiError, Code, NodeHost};

/// The lock, and where its copies lie.
#[derive(Debug, Default)]
pub(super) struct Locking(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    lock: Lock,
    files: BTreeMap<HomeId, PrivateFile>,
}

impl Locking {
    /// A home has opened: its copy is read, and written if it is older than what is known. Blocks on the disk.
    pub(super) fn join(&self, home: HomeId, file: PrivateFile) {
        let mut book = self.book();
        let older = match Kept::read(&file) {
            Ok(read) => book.lock.learn(read),
            Err(error) => {
                tracing::warn!(%error, %home, "a copy of the screens' lock cannot be read");
                book.lock.learn_damage();
                book.lock.kept().turn > 0
            }
        };
        if older && let Err(error) = book.lock.kept().write(&file) {
            tracing::warn!(%error, %home, "a copy of the screens' lock is older than the others");
        }
        book.files.insert(home, file);
    }

    /// A home is closed: its folder is not written to any more.
    pub(super) fn part(&self, home: HomeId) {
        self.book().files.remove(&home);
    }

    /// What a thread that broke off left behind is whole: nothing is changed in two steps.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn write(&self) -> std::io::Result<()> {
        // Each is tried: one that cannot be written is older, and learns it when it is next opened.
        let written: Vec<_> = self.files.values().map(|file| self.lock.kept().write(file)).collect();
        written.into_iter().collect()
    }

    /// Looks at a PIN; that it was tried is written before anybody hears what came of it.
    fn check(&mut self, pin: &str, now_ms: u64) -> Result<(), ApiError> {
        let turn = self.lock.kept().turn;
        let checked = self.lock.check(pin, now_ms);
        // A full disk keeps nobody out of their own house: it is counted for as long as this process lives.
        if self.lock.kept().turn != turn
            && let Err(error) = self.write()
        {
            tracing::warn!(%error, "how many wrong PINs came is forgotten when this process ends");
        }
        Ok(checked?)
    }

    fn set(&mut self, pin: Option<Digest>, idle_min: u32, by: Asker, now_ms: u64) -> Result<(), ApiError> {
        let before = self.lock.before();
        self.lock.set(pin, idle_min, by, now_ms);
        let Err(error) = self.write() else { return Ok(()) };
        self.lock.undo(before);
        // As well as it goes: where it does not, nothing has changed there.
        let _ = self.write();
        let why = format!("锁没有存上：{error}");
        Err(ApiError::new(Code::NOT_SAVED, why).hinted("还是原来的样子；腾出磁盘空间再试一次"))
    }
}

impl Installation {
    /// Asks one row, as a program or a screen. A screen that is locked hears of nothing but the lock.
    ///
    /// # Errors
    /// `locked`, and those of [`Installation::ask`].
    pub fn ask_as<'a>(&'a self, asker: Asker, home: Option<&'a str>, name: &'a str, args: Value) -> Answer<'a> {
        let args = match self.ask_about_lock(asker, name, args) {
            Ok(answer) => return answer,
            Err(args) => args,
        };
        if !self.0.locking.book().lock.is_open(asker, self.lock_ms()) {
            return Box::pin(std::future::ready(Err(locked())));
        }
        self.ask_openly(home, name, args)
    }

    /// Gives what a screen hears of what happened: a locked one hears of the lock, and that something is worth a look, but
    /// neither what nor where.
    pub fn heard_as(&self, asker: Asker, told: Told) -> Option<Told> {
        if self.0.locking.book().lock.is_open(asker, self.lock_ms()) {
            return Some(told);
        }
        let event = match told.event {
            Event::Changed(Changed { tags }) if tags.contains(&Tag::Lock) => {
                Event::Changed(Changed { tags: vec![Tag::Lock] })
            }
            Event::Changed(_) => return None,
            Event::Notice(_) | Event::Hidden(_) => Event::Hidden(NoArgs {}),
        };
        Some(Told { home: None, event })
    }

    fn ask_about_lock<'a>(&'a self, asker: Asker, name: &str, args: Value) -> Result<Answer<'a>, Value> {
        Ok(if name == rows::lock::NAME {
            answer(args, move |NoArgs {}| self.lock_note(asker))
        } else if name == rows::touch::NAME {
            answer(args, move |NoArgs {}| self.touch(asker))
        } else if name == rows::lock_now::NAME {
            answer(args, move |NoArgs {}| self.lock_now(asker))
        } else if name == rows::unlock::NAME {
            answer(args, move |args| self.unlock(asker, args))
        } else if name == rows::unlock_by_sheet::NAME {
            answer(args, move |args| self.unlock_by_sheet(asker, args))
        } else if name == rows::set_lock::NAME {
            answer(args, move |args| self.set_lock(asker, args))
        } else if name == rows::remove_lock::NAME {
            answer(args, move |args| self.remove_lock(asker, args))
        } else {
            return Err(args);
        })
    }

    async fn lock_note(&self, asker: Asker) -> Result<LockNote, ApiError> {
        let sheet = !self.sheet_keys().await.is_empty();
        let now_ms = self.lock_ms();
        let lock = &mut self.0.locking.book().lock;
        let (set, locked) = (lock.is_set(), !lock.is_open(asker, now_ms));
        let (left_ms, wait_ms) = (lock.left_ms(asker, now_ms), lock.wait_ms(now_ms));
        Ok(LockNote { set, locked, idle_min: lock.idle_min(), left_ms, wait_ms, sheet })
    }

    async fn touch(&self, asker: Asker) -> Result<Touched, ApiError> {
        let now_ms = self.lock_ms();
        let lock = &mut self.0.locking.book().lock;
        lock.touch(asker, now_ms);
        Ok(Touched { left_ms: lock.left_ms(asker, now_ms) })
    }

    async fn lock_now(&self, asker: Asker) -> Result<Saved, ApiError> {
        self.require_open(asker)?;
        self.0.locking.book().lock.shut_all();
        self.tell_lock();
        Ok(Saved { saved: true })
    }

    async fn unlock(&self, asker: Asker, args: PinArgs) -> Result<Saved, ApiError> {
        self.at_lock(move |book, now_ms| {
            book.check(&args.pin, now_ms)?;
            book.lock.open(asker, now_ms);
            Ok(Saved { saved: true })
        })
        .await
    }

    async fn unlock_by_sheet(&self, asker: Asker, args: SheetArgs) -> Result<Saved, ApiError> {
        let key = crate::host::sheet(&args.digits)?.key().id();
        if !self.sheet_keys().await.contains(&key) {
            return Err(kaifong_domain::Refusal::SheetUnknown.into());
        }
        self.at_lock(move |book, now_ms| {
            let idle_min = book.lock.idle_min();
            book.set(None, idle_min, asker, now_ms)?;
            Ok(Saved { saved: true })
        })
        .await
    }

    async fn set_lock(&self, asker: Asker, args: SetLockArgs) -> Result<Saved, ApiError> {
        self.require_open(asker)?;
        let SetLockArgs { pin, new_pin, idle_min } = args;
        if idle_min > IDLE_MIN_MAX {
            return Err(ApiError::bad_arguments(format_args!("1 到 {IDLE_MIN_MAX} 分钟，0 是不自己锁")));
        }
        if let Some(new) = &new_pin {
            check_new(new)?;
        }
        if self.sheet_keys().await.is_empty() {
            let why = "先写好一张恢复纸：忘了密码，只有它能打开";
            return Err(ApiError::new(Code::LOCK_NEEDS_SHEET, why).hinted("在「我的设备」里写"));
        }
        self.at_lock(move |book, now_ms| {
            book.check_by(asker, pin.as_deref(), now_ms)?;
            let digest = match new_pin {
                Some(new) => Some(Digest::of(&new)),
                None => Some(book.lock.kept().pin.clone().ok_or_else(|| ApiError::bad_arguments("要一个新密码"))?),
            };
            book.set(digest, idle_min, asker, now_ms)?;
            Ok(Saved { saved: true })
        })
        .await
    }

    async fn remove_lock(&self, asker: Asker, args: RemoveLockArgs) -> Result<Saved, ApiError> {
        self.require_open(asker)?;
        self.at_lock(move |book, now_ms| {
            book.check_by(asker, args.pin.as_deref(), now_ms)?;
            let idle_min = book.lock.idle_min();
            book.set(None, idle_min, asker, now_ms)?;
            Ok(Saved { saved: true })
        })
        .await
    }

    /// A home has opened: its copy of the lock is read before anything is asked of it.
    pub(super) async fn join_lock(&self, home: HomeId, host: &NodeHost) -> Result<(), ApiError> {
        let (inner, file) = (Arc::clone(&self.0), host.private_file(KEPT_NAME));
        tokio::task::spawn_blocking(move || inner.locking.join(home, file)).await.map_err(ApiError::not_reachable)
    }

    fn require_open(&self, asker: Asker) -> Result<(), ApiError> {
        if self.0.locking.book().lock.is_open(asker, self.lock_ms()) { Ok(()) } else { Err(locked()) }
    }

    /// Changes the lock where waiting for the disk holds nothing up.
    async fn at_lock<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Book, u64) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (inner, now_ms) = (Arc::clone(&self.0), self.lock_ms());
        let changed = tokio::task::spawn_blocking(move || change(&mut inner.locking.book(), now_ms));
        let changed = changed.await.map_err(ApiError::not_reachable)?;
        // A wrong PIN has changed how long the next one waits.
        self.tell_lock();
        changed
    }

    /// Says to all screens that they may be locked or open now; each asks how it stands.
    fn tell_lock(&self) {
        // Nobody may be listening.
        let _ = self.0.events.send(Told { home: None, event: Event::Changed(Changed { tags: vec![Tag::Lock] }) });
    }

    /// Gives the recovery sheets that are valid now, of whoever one is in each building.
    async fn sheet_keys(&self) -> Vec<DeviceId> {
        let mut keys = Vec::new();
        for (_, host) in self.open_homes() {
            let key = host.read(|node| {
                let view = View::of(node)?;
                let me = view.require_me()?;
                Ok(view.home.roster().sheet_of(&me).map(|(_, sheet)| sheet.key))
            });
            // Who is no neighbour there has no sheet there.
            keys.extend(key.await.ok().flatten());
        }
        keys
    }

    /// Tells the time that screens go by: it goes on while a computer sleeps.
    fn lock_ms(&self) -> u64 {
        (self.0.timing.clock)().at_ms
    }
}

impl Book {
    /// The PIN that is set has to be told by a screen, and not by a program: it could put the file away just as well.
    fn check_by(&mut self, asker: Asker, pin: Option<&str>, now_ms: u64) -> Result<(), ApiError> {
        if asker == Asker::Program || !self.lock.is_set() {
            return Ok(());
        }
        self.check(pin.unwrap_or_default(), now_ms)
    }
}
