//! The lock of the screens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;

/// A PIN.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PinArgs {
    /// Its digits.
    pub pin: String,
}

/// How screens are to be locked.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLockArgs {
    /// The PIN that is set, if there is one; programs need not tell it.
    #[serde(default)]
    pub pin: Option<String>,
    /// The new one, 4 to 12 digits; without it, the PIN stays.
    #[serde(default)]
    pub new_pin: Option<String>,
    /// After how many untouched minutes a screen is locked, 1 to 240; 0: only when told to, and at each start.
    pub idle_min: u32,
}

/// Takes the PIN off.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveLockArgs {
    /// The PIN that is set; programs need not tell it.
    #[serde(default)]
    pub pin: Option<String>,
}

macro_rules! untold {
    ($($name:ident)+) => { $(
        impl std::fmt::Debug for $name {
            // A PIN stands in no log.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+ };
}
untold! { PinArgs SetLockArgs RemoveLockArgs }

rows! {
    /// How the screen that asks stands to the lock.
    LockNote {
        /// Whether a PIN is set.
        set: bool,
        /// Whether this screen is locked.
        locked: bool,
        /// After how many untouched minutes a screen is locked; 0: only when told to, and at each start.
        idle_min: u32,
        /// For how long this screen stays open if nobody touches it, in milliseconds; 0 when it is locked, when none is set,
        /// and when none is locked by itself.
        left_ms: u64,
        /// How long the next PIN has to wait, in milliseconds.
        wait_ms: u64,
        /// Whether there is a recovery sheet that opens it.
        sheet: bool,
    }

    /// A screen was touched.
    Touched {
        /// For how long it stays open if nobody touches it again, in milliseconds; 0 as in [`LockNote`].
        left_ms: u64,
    }
}
