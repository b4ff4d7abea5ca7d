//! The lock of the screens: a PIN that pages and the window ask for at the start, and after nobody has touched them.
//!
//! It keeps out who sits down at a device that is on. It seals nothing: the node goes on syncing behind it, and whoever
//! runs programs as the device's owner needs no screen. Why it is so: `docs/decisions/0024-screen-lock.md`.
//!
//! * [`Lock`] is all of it as a value: what time it is comes with each question. [`kept`] is what lies on the disk.
//! * A screen is a browser that was let in, or the window. Each is open by itself, and for as long as it is touched.
//! * Wrong PINs are counted for all screens together, over restarts too, and from the fifth on each makes the next wait.

pub(crate) mod kept;

use std::collections::BTreeMap;

use crate::{ApiError, Code};
use kept::{Digest, Kept};

/// How few and how many digits a PIN has.
const PIN_DIGITS_MIN: usize = 4;
const PIN_DIGITS_MAX: usize = 12;
/// How long a screen may stay untouched at most, in minutes, where it shuts by itself.
pub(crate) const IDLE_MIN_MAX: u32 = 240;
/// How many wrong PINs cost nothing: fingers slip.
const WRONG_FREE: u32 = 4;
/// How long the next try waits after the first wrong PIN that is not free, in milliseconds; twice as long after each more.
const WAIT_MS: u64 = 30_000;
/// How long it waits at most, in milliseconds: an hour.
const WAIT_MS_MAX: u64 = 60 * 60 * 1_000;
/// How many screens are open at a time; the one that was not touched for the longest closes first.
const OPEN_MAX: usize = 64;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asker {
    /// A program of the device's owner, over the socket or in this process: it needs no PIN.
    Program,
    /// A screen, by a name of its own.
    Screen([u8; 32]),
}

impl Asker {
    /// The window: it is one.
    pub const WINDOW: Asker = Asker::Screen([0; 32]);
}

/// Why a PIN opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is another one; the next try may come after so many milliseconds.
    Wrong { wait_ms: u64 },
    /// It was not looked at: so many milliseconds are not over yet.
    TooSoon { wait_ms: u64 },
    /// What lies on the disk cannot be read, so no PIN is the right one.
    Damaged,
}

/// The lock as it stands.
#[derive(Debug, Default)]
pub(crate) struct Lock {
    kept: Kept,
    /// Whether there is something on the disk, and nothing of it can be read.
    damaged: bool,
    /// When each open screen was touched last.
    open: BTreeMap<Asker, u64>,
}

impl Lock {
    /// Whether a PIN is set.
    pub(crate) fn is_set(&self) -> bool {
        self.damaged || self.kept.pin.is_some()
    }

    /// Gives how long an untouched screen stays open, in minutes.
    pub(crate) fn idle_min(&self) -> u32 {
        self.kept.idle_min
    }

    /// Gives what is to lie on the disk.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Takes what lies on the disk, if it is newer than what is known. Whether it is older: then it is to be written.
    pub(crate) fn learn(&mut self, read: Option<Kept>) -> bool {
        let Some(read) = read else { return self.kept.turn > 0 };
        if read.turn > self.kept.turn {
            self.kept = read;
            self.damaged = false;
            return false;
        }
        read.turn < self.kept.turn
    }

    /// Hears that there is something on the disk that cannot be read. Screens stay shut, unless a whole copy is known.
    pub(crate) fn learn_damage(&mut self) {
        self.damaged = self.kept.turn == 0;
    }

    /// Whether whoever asks may see what is there.
    pub(crate) fn is_open(&mut self, asker: Asker, now_ms: u64) -> bool {
        asker == Asker::Program || !self.is_set() || self.was_opened(asker, now_ms)
    }

    /// Whether a screen was opened and has not shut by itself since. A clock that was put far back shuts it, and one that
    /// was seen shut stays so, whatever the clock says then.
    fn was_opened(&mut self, asker: Asker, now_ms: u64) -> bool {
        let shuts = self.kept.idle_min > 0;
        let open = self.open.contains_key(&asker) && (!shuts || self.left_ms(asker, now_ms) > 0);
        if !open {
            self.open.remove(&asker);
        }
        open
    }

    /// Gives for how long a screen stays open if nobody touches it, in milliseconds; 0 when it is shut, and when none shuts
    /// by itself.
    pub(crate) fn left_ms(&self, asker: Asker, now_ms: u64) -> u64 {
        let untouched = self.open.get(&asker).map(|touched| touched.abs_diff(now_ms));
        untouched.map_or(0, |untouched| self.kept.idle_ms().saturating_sub(untouched))
    }

    /// Somebody has touched a screen. One that is shut stays shut.
    pub(crate) fn touch(&mut self, asker: Asker, now_ms: u64) {
        if self.was_opened(asker, now_ms) {
            self.open.insert(asker, now_ms);
        }
    }

    /// Shuts every screen.
    pub(crate) fn shut_all(&mut self) {
        self.open.clear();
    }

    /// Opens a screen.
    pub(crate) fn open(&mut self, asker: Asker, now_ms: u64) {
        self.open.insert(asker, now_ms);
        while self.open.len() > OPEN_MAX {
            let Some((oldest, _)) = self.open.iter().map(|(asker, at)| (*asker, *at)).min_by_key(|(_, at)| *at) else {
                return;
            };
            self.open.remove(&oldest);
        }
    }

    /// Gives how long the next PIN waits, in milliseconds. A clock that was put back begins the wait anew.
    pub(crate) fn wait_ms(&mut self, now_ms: u64) -> u64 {
        self.kept.wrong_at_ms = self.kept.wrong_at_ms.min(now_ms);
        let beyond = self.kept.wrong.saturating_sub(WRONG_FREE);
        let doubled = 1_u64.checked_shl(beyond.saturating_sub(1)).unwrap_or(u64::MAX);
        let wait = if beyond == 0 { 0 } else { WAIT_MS.saturating_mul(doubled).min(WAIT_MS_MAX) };
        wait.saturating_sub(now_ms.saturating_sub(self.kept.wrong_at_ms))
    }

    /// Looks at a PIN. What has changed is to be written, whatever came of it.
    ///
    /// # Errors
    /// Those of [`Refused`].
    pub(crate) fn check(&mut self, pin: &str, now_ms: u64) -> Result<(), Refused> {
        let Some(digest) = &self.kept.pin else {
            return if self.damaged { Err(Refused::Damaged) } else { Ok(()) };
        };
        let right = digest.is_of(pin);
        let wait_ms = self.wait_ms(now_ms);
        if wait_ms > 0 {
            return Err(Refused::TooSoon { wait_ms });
        }
        if right {
            if self.kept.wrong > 0 {
                self.kept = Kept { turn: self.kept.turn.saturating_add(1), wrong: 0, ..self.kept.clone() };
            }
            return Ok(());
        }
        self.kept.turn = self.kept.turn.saturating_add(1);
        self.kept.wrong = self.kept.wrong.saturating_add(1);
        self.kept.wrong_at_ms = now_ms;
        Err(Refused::Wrong { wait_ms: self.wait_ms(now_ms) })
    }

    /// Sets a PIN, or none, and how long an untouched screen stays open. Every screen but the one that says so is shut.
    pub(crate) fn set(&mut self, pin: Option<Digest>, idle_min: u32, by: Asker, now_ms: u64) {
        self.kept = Kept { turn: self.kept.turn.saturating_add(1), pin, idle_min, wrong: 0, wrong_at_ms: 0 };
        self.damaged = false;
        self.open.clear();
        self.open(by, now_ms);
    }

    /// Goes back to what was there before a change that could not be written; some copy may have it all the same.
    pub(crate) fn undo(&mut self, before: Self) {
        let turn = self.kept.turn.saturating_add(1);
        *self = before;
        self.kept.turn = turn;
    }

    /// Gives a copy to go back to.
    pub(crate) fn before(&self) -> Self {
        Self { kept: self.kept.clone(), damaged: self.damaged, open: self.open.clone() }
    }
}

/// Checks that a PIN may be set.
///
/// # Errors
/// `pin-weak`: other than 4 to 12 digits, one digit over and over, or digits in a row.
pub(crate) fn check_new(pin: &str) -> Result<(), ApiError> {
    let weak =
        |why: &str| Err(ApiError::new(Code::PIN_WEAK, why).hinted("换一个只有你知道的，不要用生日和银行卡的密码"));
    let digits: Vec<i16> = pin.bytes().filter(u8::is_ascii_digit).map(i16::from).collect();
    if digits.len() != pin.len() || !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&digits.len()) {
        return weak("密码要 4 到 12 个数字");
    }
    let steps: Vec<i16> = digits.iter().zip(digits.iter().skip(1)).map(|(a, b)| b - a).collect();
    if [-1, 0, 1].iter().any(|step| steps.iter().all(|one| one == step)) {
        return weak("这个密码太好猜了");
    }
    Ok(())
}

/// Says that a screen is locked.
pub(crate) fn locked() -> ApiError {
    ApiError::new(Code::LOCKED, "锁着").hinted("输入密码就打开")
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        let (mut error, wait_ms) = match refused {
            Refused::Wrong { wait_ms } => (Self::new(Code::PIN_WRONG, "密码不对"), wait_ms),
            Refused::TooSoon { wait_ms } => (Self::new(Code::PIN_TOO_SOON, "错得太多了，要等一等再试"), wait_ms),
            Refused::Damaged => {
                let why = "锁的记录坏了，什么密码都对不上；楼里的内容都在";
                (Self::new(Code::STORE_UNUSABLE, why).hinted("用恢复纸打开，或者在这台电脑上运行 kaifong unlock"), 0)
            }
        };
        if wait_ms > 0 {
            error.details.insert("wait_ms".into(), wait_ms.into());
            error.hint = Some(format!("{} 秒以后再试；忘了就用恢复纸", wait_ms.div_ceil(1_000)));
        }
        error
    }
}

#[cfg(test)]
mod tests;
