//! Deals of which the two say different numbers of points.

use kaifong_domain::deal::{Direction, Terms};
use kaifong_domain::dispute::{CORRECTIONS_MAX, Disputes, Voice, Word, correction};
use kaifong_domain::rows::{Conditions, Confirmed, DealRow, Extension, Stage};
use kaifong_domain::{DealId, EntryHash, Instant, ListingId, MemberId, Points, Refusal};
use proptest::prelude::*;

const LI: MemberId = MemberId([1; 16]);
const CHEN: MemberId = MemberId([2; 16]);
const WU: MemberId = MemberId([3; 16]);
const HE: MemberId = MemberId([4; 16]);
const DEAL: DealId = DealId([9; 16]);

/// 李叔 helps 陈姨 for 20 points.
fn deal(stage: Stage) -> DealRow {
    let terms = Terms {
        listing: ListingId([7; 16]),
        owner: CHEN,
        direction: Direction::AnswererGives,
        points: Points(20),
        due_at: None,
        counterpart: None,
    };
    let (answered_at, changed_at) = (Instant(1), Instant(2));
    let confirmed = Confirmed::default();
    DealRow {
        id: DEAL,
        terms,
        giver: LI,
        receiver: CHEN,
        answerer: LI,
        stage,
        confirmed,
        due_at: None,
        extension: Extension::default(),
        conditions: Conditions::default(),
        entries: Vec::new(),
        answered_at,
        changed_at,
    }
}

fn word(points: u32, number: u32) -> Word {
    Word { deal: DEAL, points: Points(points), number }
}

fn says(disputes: &mut Disputes, by: MemberId, voice: Voice, points: u32) -> bool {
    let number = match voice {
        Voice::Party => disputes.next_number(&by, voice, &DEAL),
        Voice::Mediator => disputes.next_ruling(&DEAL),
    };
    let entry = EntryHash(*blake3::hash(&[&by.0[..], &[voice as u8], &number.to_le_bytes()].concat()).as_bytes());
    disputes.add(by, voice, 1, entry, &word(points, number))
}

#[test]
fn the_figure_is_what_the_two_say_alike_and_else_what_a_mediator_says() {
    use Voice::{Mediator, Party};
    // Each line: one more word, then the figure and whose word is asked for.
    let story = [
        (CHEN, Party, 5, None, Some(LI)),
        (LI, Party, 15, None, None),
        (WU, Mediator, 12, Some(12), None),
        (HE, Mediator, 10, Some(10), None),
        (CHEN, Party, 8, Some(10), Some(LI)),
        // What two agree on needs nobody else, and may be more than was agreed.
        (LI, Party, 8, Some(8), None),
        (LI, Party, 25, Some(10), Some(CHEN)),
        (CHEN, Party, 25, Some(25), None),
        (CHEN, Party, 20, Some(10), Some(LI)),
        (LI, Party, 20, Some(20), None),
    ];
    let (mut disputes, row) = (Disputes::new(), deal(Stage::Done));
    assert_eq!((disputes.of(&row).figure(), disputes.of(&row).raised), (Some(Points(20)), false));
    for (by, voice, points, figure, asked) in story {
        assert!(says(&mut disputes, by, voice, points));
        let dispute = disputes.of(&row);
        assert_eq!(dispute.figure(), figure.map(Points), "{by:?} {points}");
        assert_eq!(dispute.waits_for, asked, "{by:?} {points}");
        assert!(dispute.raised);
    }
}

#[test]
fn nobody_else_has_a_word() {
    let (mut disputes, row) = (Disputes::new(), deal(Stage::Agreed));
    says(&mut disputes, WU, Voice::Party, 1);
    assert_eq!(disputes.of(&row).figure(), Some(Points(20)), "a third person says nothing");
    says(&mut disputes, CHEN, Voice::Party, 5);
    for (by, points) in [(CHEN, 0), (LI, 20), (WU, 21)] {
        says(&mut disputes, by, Voice::Mediator, points);
        assert_eq!(
            disputes.of(&row).figure(),
            None,
            "{by:?} does not rule {points}: of the two, or above what was agreed"
        );
    }
    let out_of_form = [word(5, 0), Word { points: Points(1_000_001), ..word(0, 9) }];
    for word in out_of_form {
        assert!(!disputes.add(LI, Voice::Party, 1, EntryHash([8; 32]), &word));
    }
    assert_eq!(disputes.entries(&row).count(), 2, "the receiver's word and the one ruling by somebody else");
}

#[test]
fn what_may_be_said_is_told_before_it_is_signed() {
    let mut disputes = Disputes::new();
    let row = deal(Stage::Done);
    let wrong = |stage: Stage| Err(Refusal::WrongStage { stage: stage.name() });
    assert_eq!(disputes.check_word(&LI, &row, Points(3)), Ok(()));
    assert_eq!(disputes.check_word(&WU, &row, Points(3)), Err(Refusal::NotAParty));
    let most = Refusal::OutOfRange { field: "points", least: 0, most: 1_000_000 };
    assert_eq!(disputes.check_word(&LI, &row, Points(1_000_001)), Err(most));
    for stage in [Stage::Answered, Stage::CalledOff, Stage::Lost] {
        assert_eq!(disputes.check_word(&LI, &deal(stage), Points(3)), wrong(stage));
        assert_eq!(disputes.check_ruling(&WU, &deal(stage), Points(3)), wrong(stage));
    }
    assert_eq!(disputes.check_ruling(&WU, &row, Points(3)), Err(Refusal::NotInDispute));
    says(&mut disputes, LI, Voice::Party, 15);
    assert_eq!(disputes.check_ruling(&WU, &row, Points(20)), Ok(()));
    assert_eq!(disputes.check_ruling(&CHEN, &row, Points(3)), Err(Refusal::OwnDeal));
    let most = Refusal::OutOfRange { field: "points", least: 0, most: 20 };
    assert_eq!(disputes.check_ruling(&WU, &row, Points(21)), Err(most));
}

#[test]
fn a_mediator_who_was_dismissed_is_overruled_whatever_number_they_have_used() {
    let (mut disputes, row) = (Disputes::new(), deal(Stage::Done));
    says(&mut disputes, CHEN, Voice::Party, 5);
    disputes.add(WU, Voice::Mediator, 1, EntryHash([0xFF; 32]), &word(20, u32::MAX));
    assert_eq!(disputes.of(&row).figure(), Some(Points(20)));
    disputes.add(HE, Voice::Mediator, 2, EntryHash([1; 32]), &word(9, 1));
    assert_eq!(disputes.of(&row).figure(), Some(Points(9)), "the newer epoch counts before the greater number");
}

#[test]
fn corrections_of_a_deal_have_reasons_of_their_own() {
    let mut disputes = Disputes::new();
    assert_eq!(disputes.corrects(&correction(&DEAL, 0)), None, "of a deal that nobody has spoken about there is none");
    says(&mut disputes, LI, Voice::Party, 15);
    let all: std::collections::BTreeSet<_> = (0..CORRECTIONS_MAX).map(|nth| correction(&DEAL, nth)).collect();
    assert_eq!(all.len(), usize::from(CORRECTIONS_MAX));
    assert!(all.iter().all(|reason| disputes.corrects(reason) == Some(DEAL) && *reason != DEAL.into()));
    assert_eq!(disputes.corrects(&correction(&DEAL, CORRECTIONS_MAX)), None);
}

proptest! {
    #[test]
    fn the_order_of_arrival_changes_nothing(
        said in prop::collection::vec((1u8..5, any::<bool>(), 0u32..30, 1u32..4, 1u32..3), 0..24),
        seed in any::<u64>(),
    ) {
        let words: Vec<_> = said.iter().map(|(by, rules, points, number, epoch)| {
            let voice = if *rules { Voice::Mediator } else { Voice::Party };
            // One entry says one thing.
            let entry = blake3::hash(&[*by, u8::from(*rules), *points as u8, *number as u8, *epoch as u8]);
            (MemberId([*by; 16]), voice, *epoch, EntryHash(*entry.as_bytes()), word(*points, *number))
        }).collect();
        let mut shuffled = words.clone();
        shuffled.sort_by_key(|(.., entry, _)| *blake3::hash(&[&entry.0[..], &seed.to_le_bytes()].concat()).as_bytes());
        let all = |words: &[(MemberId, Voice, u32, EntryHash, Word)]| {
            let mut disputes = Disputes::new();
            for (by, voice, epoch, entry, word) in words.iter().chain(words) {
                disputes.add(*by, *voice, *epoch, *entry, word);
            }
            let mut hasher = blake3::Hasher::new();
            disputes.digest(&mut hasher);
            (disputes.of(&deal(Stage::Done)), hasher.finalize())
        };
        prop_assert_eq!(all(&words), all(&shuffled));
    }
}
