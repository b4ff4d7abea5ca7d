//! I8: private stays private. What people write into envelopes carries a mark, and the mark is looked for wherever it must
//! not be: in frames on their way, in rows that everybody sees, and on the disks of devices to which it was not addressed.

use std::collections::BTreeSet;

use kaifong_domain::DealId;
use kaifong_domain::care::Thread;
use kaifong_node::{CareCommand, Command, Node, RecurringCommand};
use kaifong_store::{Space, Store};

use crate::world::World;

/// Who may know something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Audience {
    /// Whoever wrote it, and reviewers.
    Reviewers,
    /// Whoever wrote it, and those with whom they have something to do.
    Parties,
    /// Whoever wrote it, and those with whom they have arranged recurring help.
    Helpers,
}

/// Two digits follow each mark: the place of the device, or the owner, that it is of.
const MARKS: [(&str, Audience); 4] = [
    ("密封", Audience::Reviewers),
    ("2468013579", Audience::Reviewers),
    ("7531908642", Audience::Parties),
    ("接娃", Audience::Helpers),
];
const DIGITS: usize = 2;

/// Gives words for reviewers' eyes about the newcomer with this device.
pub(crate) fn for_reviewers(device: usize) -> String {
    format!("密封{device:02}")
}

/// Gives the number that the newcomer with this device tells reviewers.
pub(crate) fn number_for_reviewers(device: usize) -> String {
    format!("2468013579{device:02}")
}

/// Gives the number that a person exchanges in a deal.
pub(crate) fn number_for_parties(owner: usize) -> String {
    format!("7531908642{owner:02}")
}

/// Gives what a person proposes to help with, or to be helped with.
pub(crate) fn for_the_two(owner: usize) -> String {
    format!("接娃{owner:02}")
}

/// Finds what carries a mark: for whose eyes it is, and of whom.
fn marked(bytes: &[u8]) -> Vec<(Audience, usize)> {
    let mut found = Vec::new();
    for (mark, audience) in MARKS {
        let length = mark.len() + DIGITS;
        for part in bytes.windows(length).filter(|part| part.starts_with(mark.as_bytes())) {
            let digits = part.get(mark.len()..).and_then(|digits| std::str::from_utf8(digits).ok());
            found.extend(digits.and_then(|digits| digits.parse().ok()).map(|of| (audience, of)));
        }
    }
    found
}

impl World {
    /// Checks a frame that somebody sends: nothing private is ever in the open in one.
    pub(crate) fn check_frame(&mut self, by: usize, frame: &[u8]) {
        if let Some((_, of)) = marked(frame).first().copied() {
            let name = self.name(by).to_owned();
            self.fail("I8", || format!("{name} sends what is private to {of} in the open"));
        }
    }

    /// Checks a device's disk and its rows: it holds what is addressed to it, and no other words for few eyes.
    pub(crate) fn check_private(&mut self, device: usize) {
        let [.., i8, _] = &mut self.counts.checks;
        *i8 += 1;
        self.remember_member(device);
        let Some(at) = self.devices.get(device) else { return };
        let mut held: BTreeSet<(Audience, usize)> = BTreeSet::new();
        for space in Space::ALL {
            let read = at.store.visit(space, &[], &mut |_, value| held.extend(marked(value)));
            if read.is_err() {
                return;
            }
        }
        let seen = at.node.as_ref().map(shown).unwrap_or_default();
        let foreign = held.into_iter().find(|(audience, of)| !self.may_know(device, *audience, *of));
        let name = at.name.clone();
        if let Some((audience, of)) = foreign {
            self.fail("I8", || format!("{name} holds words for {audience:?} of {of} that were not addressed to it"));
        } else if let Some((_, of)) = marked(seen.as_bytes()).first().copied() {
            self.fail("I8", || format!("{name} shows everybody what is private to {of}"));
        }
    }

    fn may_know(&self, device: usize, audience: Audience, of: usize) -> bool {
        let Some(owner) = self.devices.get(device).map(|at| at.owner) else { return false };
        match audience {
            Audience::Reviewers => {
                let reviews = owner == 0 || self.plan.people.get(owner).is_some_and(|person| person.reviewer);
                reviews || self.devices.get(of).is_some_and(|at| at.owner == owner)
            }
            Audience::Parties | Audience::Helpers => owner == of || self.has_written(of, owner),
        }
    }

    /// Remembers to whom a person writes what is for the two of them alone. That outlives what it is about: a letter may
    /// come before its entry, and the device that sent it may be lost, or go back to an image in which it had not.
    pub(crate) fn remember_letter(&mut self, device: usize, command: &Command) {
        let Some(at) = self.devices.get(device) else { return };
        let Some(home) = at.node.as_ref().and_then(Node::home) else { return };
        let parties = |deal: &DealId| home.board().deal(deal).map(|row| [row.giver, row.receiver]);
        let to = match command {
            Command::Recurring(RecurringCommand::Propose { with, .. }) => Some([*with; 2]),
            Command::Recurring(RecurringCommand::Renew { arrangement, .. }) => {
                home.arrangements().get(arrangement).map(|row| [row.giver, row.receiver])
            }
            Command::OfferPhone { deal, .. } | Command::Care(CareCommand::Say { thread: Thread::Deal(deal), .. }) => {
                parties(deal)
            }
            _ => None,
        };
        let owner = at.owner;
        self.letters.extend(to.into_iter().flatten().map(|member| (owner, member)));
    }

    /// Remembers for which member a person's device writes now.
    pub(crate) fn remember_member(&mut self, device: usize) {
        let Some(at) = self.devices.get(device) else { return };
        self.members.extend(at.me().map(|me| (at.owner, me)));
    }

    fn has_written(&self, from: usize, to: usize) -> bool {
        let mut members = self.members.iter().filter(|(owner, _)| *owner == to);
        members.any(|(_, member)| self.letters.contains(&(from, *member)))
    }
}

/// All texts that neighbours see.
fn shown(node: &Node) -> String {
    let Some(home) = node.home() else { return String::new() };
    let board = home.board();
    let profiles = home.roster().members().filter_map(|(member, _)| board.profile(member));
    let profiles = profiles.map(|profile| format!("{profile:?}"));
    let listings = board.listings().map(|row| format!("{:?}", row.listing));
    let reviews = board.reviews().map(|row| format!("{:?}", row.review));
    let members = home.roster().members().flat_map(|(member, _)| home.arrangements().with(member));
    let arrangements = members.map(|row| format!("{row:?}"));
    profiles.chain(listings).chain(reviews).chain(arrangements).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_wherever_it_stands_and_says_of_whom_it_is() {
        let frame = format!("\0\u{7}{}的家 {}", for_reviewers(7), number_for_parties(11));
        assert_eq!(marked(frame.as_bytes()), [(Audience::Reviewers, 7), (Audience::Parties, 11)]);
        assert_eq!(marked(number_for_reviewers(3).as_bytes()), [(Audience::Reviewers, 3)]);
        for nothing in ["", "密封", "密封信", "13800000000"] {
            assert_eq!(marked(nothing.as_bytes()), []);
        }
    }
}
