//! Journals that a desk keeps for people without a phone, and who has helped them there.

use std::collections::{BTreeMap, BTreeSet};

use crate::{EntryHash, JournalId, MemberId};

/// Who has helped with an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Help {
    /// The desk's entry that says so.
    pub word: EntryHash,
    /// The desk at which it was done.
    pub desk: MemberId,
    /// The volunteer.
    pub volunteer: MemberId,
}

/// What journals say of it: a fold over entries that count, in any order in which each comes after those that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desks {
    keepers: BTreeMap<JournalId, BTreeSet<MemberId>>,
    helped: BTreeMap<EntryHash, (JournalId, BTreeSet<Help>)>,
}

impl Desks {
    /// Takes in that a journal says that a desk keeps it.
    pub fn keep(&mut self, journal: JournalId, desk: MemberId) {
        self.keepers.entry(journal).or_default().insert(desk);
    }

    /// Takes in what a desk says of an act in a journal.
    pub fn help(&mut self, act: EntryHash, journal: JournalId, help: Help) {
        self.helped.entry(act).or_insert_with(|| (journal, BTreeSet::new())).1.insert(help);
    }

    /// Tells whether a desk keeps a journal, as the journal itself says.
    pub fn keeps(&self, desk: &MemberId, journal: &JournalId) -> bool {
        self.keepers.get(journal).is_some_and(|desks| desks.contains(desk))
    }

    /// Gives who has helped with an act: what a desk says of a journal that does not let it keep it says nothing.
    pub fn help_with(&self, act: &EntryHash) -> Option<Help> {
        let (journal, said) = self.helped.get(act)?;
        said.iter().find(|help| self.keeps(&help.desk, journal)).copied()
    }

    /// Feeds the canonical state.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&(self.keepers.len() as u64).to_le_bytes());
        for (journal, desk) in
            self.keepers.iter().flat_map(|(journal, desks)| desks.iter().map(move |desk| (journal, desk)))
        {
            hasher.update(&journal.0).update(&desk.0);
        }
        for act in self.helped.keys() {
            if let Some(help) = self.help_with(act) {
                hasher.update(&act.0).update(&help.word.0).update(&help.desk.0).update(&help.volunteer.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_desk_that_a_journal_names_says_who_has_helped() {
        let (act, journal) = (EntryHash([1; 32]), JournalId([2; 32]));
        let (desk, other, wang) = (MemberId([3; 16]), MemberId([4; 16]), MemberId([5; 16]));
        let help = |word, desk| Help { word: EntryHash([word; 32]), desk, volunteer: wang };
        let mut desks = Desks::default();
        desks.help(act, journal, help(7, other));
        assert_eq!(desks.help_with(&act), None, "of a journal that nobody keeps nothing is said");
        desks.keep(journal, desk);
        assert_eq!(desks.help_with(&act), None);
        desks.help(act, journal, help(9, desk));
        desks.help(act, journal, help(8, desk));
        assert_eq!(desks.help_with(&act), Some(help(8, desk)), "of two words the same one, whichever came first");
        assert_eq!(desks.help_with(&EntryHash([6; 32])), None);
    }
}
