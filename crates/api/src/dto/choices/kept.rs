//! Closed choices about things that several own.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NotAChoice;

choice! {
    /// What one says of owning a thing together with its keeper.
    OwningStep { Own = "own", "是我的"; Disown = "disown", "不是我的"; }
}

choice! {
    /// How somebody who is named as an owner stands to a thing.
    ShareState { Owns = "owns", "合买人"; Asked = "asked", "还没确认"; Not = "not", "不是合买人"; }
}
mirrors!(ShareState = kaifong_domain::kept::Share { Owns, Asked, Not });
