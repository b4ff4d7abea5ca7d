//! Households that have a vote, as far as everybody may know them: by pseudonyms.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::MemberId;

use super::Roster;
use crate::entry::HouseholdTag;

impl Roster {
    /// Gives the households that have a vote, each with the members of whom reviewers have confirmed that they hold it: one
    /// vote for a household, however many hold it.
    pub fn households(&self) -> BTreeMap<HouseholdTag, BTreeSet<MemberId>> {
        let mut households: BTreeMap<HouseholdTag, BTreeSet<MemberId>> = BTreeMap::new();
        for (id, member) in &self.members {
            if let Some(tag) = member.household.votes_for {
                households.entry(tag).or_default().insert(*id);
            }
        }
        households
    }
}
