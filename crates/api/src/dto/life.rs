//! Moving out, being away, family, erasure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{Deal, Hindrance, MarkState, Person, Role};
use crate::Hex;
use kaifong_domain::MemberId;

/// When one leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveArgs {
    /// From when on one is a neighbour no longer, in milliseconds since 1970: now, when it has passed; without it, what was
    /// said before is taken back.
    #[serde(default)]
    pub ends_at: Option<u64>,
}

/// What a reviewer says of a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkArgs {
    /// The member.
    pub member: Hex<MemberId>,
    /// What is said of them.
    pub state: MarkState,
    /// Until when they are away, in milliseconds since 1970, if that is known.
    #[serde(default)]
    pub until: Option<u64>,
}

/// Who is family.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NameKinArgs {
    /// The neighbour; without one, nobody.
    #[serde(default)]
    pub member: Option<Hex<MemberId>>,
}

rows! {
    /// How it stands with one's own leaving: what is still open, what goes and what remains.
    Leaving {
        /// From when on one is a neighbour no longer, as one has said.
        ends_at: Option<u64>,
        /// Whether that day has come.
        left: bool,
        /// Whether one has erased what one has said.
        erased: bool,
        /// What has to be handed over first.
        hindrance: Option<Hindrance>,
        /// The roles one holds; they are taken with the next epoch.
        roles: Vec<Role>,
        /// Deals that are agreed and things on loan, both ways: to be ended first.
        to_end: Vec<Deal>,
        /// Deals that are only answered: they are called off by themselves.
        answered: u64,
        /// Listings that are not closed: they are closed by themselves.
        listings: u64,
        /// One's balance; it stays as it is.
        balance: i64,
        /// How many points one can give away now.
        can_give: u32,
        /// Whom one has named as family.
        kin: Option<Person>,
        /// Who has named oneself as family.
        kin_of: Vec<Person>,
        /// What two reviewers have marked oneself as.
        marked: Option<MarkNote>,
        /// For reviewers: of whom another one has said something that waits for a second word.
        to_confirm: Vec<Person>,
        /// What erasing takes away.
        goes: Words,
        /// What stays when one erases.
        remains: Deeds,
    }

    /// What one has said, in one's document.
    Words {
        /// Whether there is a name, a block or a sentence about oneself.
        profile: bool,
        /// Offers and needs, closed ones included.
        listings: u64,
        /// What one has said of others.
        reviews: u64,
        /// What one has answered.
        replies: u64,
        /// What one has put to the hall and said there.
        matters: u64,
        /// What one has invited neighbours to.
        #[serde(default)]
        activities: u64,
        /// Invitations.
        invites: u64,
    }

    /// What one has done, in one's journals.
    Deeds {
        /// Signed entries.
        entries: u64,
        /// Deals with others.
        deals: u64,
        /// What others have said of one.
        reviews: u64,
    }

    /// What reviewers say of where a member is.
    MarkNote {
        /// What they say.
        state: MarkState,
        /// Until when, if that is known.
        until: Option<u64>,
        /// Who has signed it.
        by: Vec<Person>,
        /// Whether one has signed it oneself.
        mine: bool,
    }

    /// Where a member is, and what of theirs is out.
    MemberLife {
        /// From when on they are a neighbour no longer, by their own word.
        ends_at: Option<u64>,
        /// What two reviewers have signed.
        marked: Option<MarkNote>,
        /// What waits for a second reviewer.
        asked: Vec<MarkNote>,
        /// What is agreed and on loan between them and others, as far as it is one's business: as the other party, or as
        /// family while they cannot see to it.
        open: Vec<Deal>,
        /// Whether they have named oneself as family.
        kin: bool,
        /// Whom to turn to while they cannot see to it themselves.
        turn_to: Vec<Person>,
        /// Whether one can mark them: one reviews, and it is not oneself.
        can_mark: bool,
    }
}
