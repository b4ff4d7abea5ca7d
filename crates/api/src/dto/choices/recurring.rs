//! The choices of recurring help and of who may collect a child.

use super::NotAChoice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

choice! {
    /// Where recurring help stands.
    RecurringStage {
        Proposed = "proposed", "还在等答应"; Trial = "trial", "还没试过"; Running = "running", "进行中";
        Ending = "ending", "说好了最后一天"; Declined = "declined", "没有谈成";
    }
}
mirrors!(RecurringStage = kaifong_domain::recurring::RecurringStage { Proposed, Trial, Running, Ending, Declined });

choice! {
    /// What one does about recurring help.
    HelpStep {
        Accept = "accept", "答应"; Tried = "tried", "试过了"; Tell = "tell", "记下"; Confirm = "confirm", "确认";
        Pause = "pause", "暂停"; Resume = "resume", "不停了"; End = "end", "结束";
    }
}

choice! {
    /// How a day of recurring help stands.
    HelpDayState {
        On = "on", "有"; Paused = "paused", "暂停"; Told = "told", "记了，等确认"; Confirmed = "confirmed", "都确认了";
    }
}

choice! {
    /// What an authorisation is for.
    PassKind { Collect = "collect", "接送"; Care = "care", "托管"; }
}
mirrors!(PassKind = kaifong_domain::recurring::PassKind { Collect, Care } and back);

choice! {
    /// Whether an authorisation is good on a day.
    PassState {
        Good = "good", "可以"; Revoked = "revoked", "收回了"; ToCome = "to-come", "还没开始"; Past = "past", "过期了";
        OtherDay = "other-day", "不是这一天"; Unknown = "unknown", "没有这张";
    }
}
