//! The tree against one that walks: jump pointers are an index, and answer what walking answers.

use kaifong_domain::EntryHash;
use proptest::prelude::*;

use crate::tree::{At, Fact, JournalAt, Movement, Rest, Tree};

fn hash(nth: usize) -> EntryHash {
    let mut hash = EntryHash([1; 32]);
    hash.0[..8].copy_from_slice(&nth.to_le_bytes());
    hash
}

proptest! {
    #[test]
    fn jumping_answers_what_walking_answers(
        // Where each entry goes, counted back from the newest (mostly right after it), and what it moves.
        // Now and then it rests anew, on an entry of its branch counted back from the one before it.
        steps in prop::collection::vec(
            (prop_oneof![6 => Just(0usize), 1 => 0..40usize], -50..50i64, prop::option::weighted(0.1, 0..9usize)),
            1..300,
        ),
        asked in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 50),
    ) {
        let mut tree = Tree::default();
        let mut parents = vec![None];
        let mut nets = vec![0i64];
        let mut rests = vec![0];
        let mut places = vec![tree.plant(hash(0), JournalAt(0), 7, true).unwrap()];
        let rest_at = |at: At| Rest { from: at, rights: 100, witnessed: true, honest: true };
        for (nth, (back, moved, anew)) in steps.iter().enumerate() {
            let parent = nth.saturating_sub(*back);
            let moved = Movement { net: *moved, out: (-moved).max(0) };
            let mut branch = std::iter::successors(Some(parent), |at| parents[*at]);
            let anew = anew.map(|back| branch.nth(back).unwrap_or(0));
            let rest = anew.map(|from| rest_at(places[from]));
            let (at, _) = tree.push(hash(nth + 1), places[parent], moved, Fact::Aside, rest).unwrap();
            parents.push(Some(parent));
            nets.push(nets[parent] + moved.net);
            rests.push(anew.unwrap_or(rests[parent]));
            places.push(at);
        }
        let walk = |from: usize| std::iter::successors(Some(from), |at| parents[*at]).collect::<Vec<_>>();
        for (tip, other) in asked {
            let (tip, other) = (tip.index(places.len()), other.index(places.len()));
            let branch = walk(tip);
            prop_assert_eq!(tree.runs_through(places[tip], places[other]), branch.contains(&other));
            let seq = walk(other).len() as u32 - 1;
            let expected: Option<At> = branch.iter().rev().nth(seq as usize).map(|at| places[*at]);
            prop_assert_eq!(tree.ancestor(places[tip], seq), expected);
            // Rest somewhere on the branch.
            let from = branch[other % branch.len()];
            let least = branch.iter().take_while(|at| **at != from).map(|at| nets[*at]).min();
            let figures = tree.figures_from(places[tip], rest_at(places[from]));
            let rights_at = |net: i64| 100 + net - nets[from];
            prop_assert_eq!(figures.rights, rights_at(nets[tip]));
            prop_assert_eq!(figures.lowest, least.map_or(100, |net| rights_at(net).min(100)));
            // What is carried along is what walking from the branch's own rest finds.
            let rest = tree.rest(places[tip]);
            prop_assert_eq!(rest.from, places[rests[tip]]);
            prop_assert_eq!(tree.figures(places[tip]), tree.figures_from(places[tip], rest));
        }
    }
}

#[test]
fn a_journal_of_a_hundred_thousand_entries_is_judged_in_a_few_steps() {
    let mut tree = Tree::default();
    let root = tree.plant(hash(0), JournalAt(0), 0, true).unwrap();
    let mut tip = root;
    for nth in 1..100_000 {
        tip = tree.push(hash(nth), tip, Movement { net: 1, out: 0 }, Fact::Aside, None).unwrap().0;
    }
    // Walking would take five thousand million steps.
    for seq in 0..100_000 {
        assert!(tree.ancestor(tip, seq).is_some_and(|at| tree.runs_through(tip, at)));
    }
    assert_eq!(tree.figures(tip).lowest, 0);
}
