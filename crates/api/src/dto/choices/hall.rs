//! The choices of the hall.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NotAChoice;

choice! {
    /// What kind of thing is put to the hall.
    MatterKind { Question = "question", "提问"; Complaint = "complaint", "投诉"; Help = "help", "求助"; Suggestion = "suggestion", "建议"; }
}
mirrors!(MatterKind = kaifong_domain::hall::MatterKind { Question, Complaint, Help, Suggestion } and back);

choice! {
    /// Whom a matter is put to.
    Addressee {
        Officials = "officials", "网格员和居委会"; PropertyFirm = "property-firm", "物业公司";
        CommitteeOffice = "committee-office", "居委会或业委会"; Answerers = "answerers", "答疑人"; Member = "member", "一位街坊";
    }
}

choice! {
    /// Where a matter stands.
    MatterStage {
        Waiting = "waiting", "等受理"; Heard = "heard", "已受理"; Answered = "answered", "已答复"; Solved = "solved", "已解决";
        Withdrawn = "withdrawn", "收回了";
    }
}
mirrors!(MatterStage = kaifong_domain::hall::MatterStage { Waiting, Heard, Answered, Solved, Withdrawn });

choice! {
    /// Which matters to show.
    MatterShow {
        All = "all", "全部"; Mine = "mine", "我提的"; ToMe = "to-me", "等我答复的"; Waiting = "waiting", "还没答复的";
        Solved = "solved", "已解决的";
    }
}

// What makes choices derives no default.
#[allow(clippy::derivable_impls)]
impl Default for MatterShow {
    fn default() -> Self {
        Self::All
    }
}

choice! {
    /// What was said of a matter.
    MatterSaid {
        TakeUp = "take-up", "受理了"; Answer = "answer", "答复"; Reply = "reply", "回应"; Solved = "solved", "解决了";
        NotYet = "not-yet", "还没有";
    }
}

choice! {
    /// As what somebody speaks in the hall.
    Voice {
        Official = "official", "网格员或居委会"; Answerer = "answerer", "答疑人"; PropertyFirm = "property-firm", "物业公司";
        CommitteeOffice = "committee-office", "居委会或业委会"; Addressed = "addressed", "被问到的街坊";
    }
}
mirrors!(Voice = kaifong_node::Voice { Official, Answerer, PropertyFirm, CommitteeOffice, Addressed });
