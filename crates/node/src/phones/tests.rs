use super::*;

const DEAL: DealId = DealId([3; 16]);

fn letter(round: u64, says: PhoneSays) -> PhoneLetter {
    PhoneLetter { deal: DEAL, round, says }
}

fn number(digits: &str) -> PhoneSays {
    PhoneSays::Number(digits.into())
}

/// What 陈姨's device holds after she offered her number.
fn chen_offers() -> Talk {
    let mine = Word { round: 1, stand: Stand::Offers(Some("13500000001".into())) };
    Talk { mine, ..Talk::default() }
}

#[test]
fn a_number_is_owed_only_when_both_have_offered_and_only_once() {
    let mut talk = chen_offers();
    assert_eq!(talk.owed(), None, "she alone has offered");
    assert!(talk.hear(letter(1, PhoneSays::Offers)));
    let owed = talk.owed();
    assert_eq!(owed, Some(("13500000001".into(), (1, 1))));
    talk.sent_for = owed.map(|(_, rounds)| rounds);
    assert_eq!(talk.owed(), None, "sent");
    assert!(talk.hear(letter(2, PhoneSays::Withdraws)));
    assert_eq!(talk.owed(), None, "he has taken it back");
    assert!(talk.hear(letter(3, PhoneSays::Offers)));
    assert!(talk.owed().is_some(), "he has offered anew, and may have forgotten her number");
}

#[test]
fn what_arrives_late_or_twice_changes_nothing() {
    let words = [letter(1, PhoneSays::Offers), letter(1, number("13900000002")), letter(2, PhoneSays::Withdraws)];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut talk = chen_offers();
        for at in order {
            talk.hear(words[at].clone());
            assert!(!talk.hear(words[at].clone()), "{order:?}: heard twice");
        }
        let stand = talk.stand();
        assert_eq!((stand.offered, stand.theirs, stand.they_withdrew), (false, None, true), "{order:?}");
    }
}

#[test]
fn who_takes_the_own_offer_back_keeps_no_number() {
    let mut talk = chen_offers();
    talk.hear(letter(1, number("13900000002")));
    assert_eq!(talk.stand().theirs, Some("13900000002".into()));
    talk.withdraw(2);
    // One that was on its way is not kept either.
    talk.hear(letter(2, number("13900000003")));
    let kept = kaifong_trust::encode(&talk);
    for digits in ["13500000001", "13900000002", "13900000003"] {
        assert!(!kept.windows(digits.len()).any(|part| part == digits.as_bytes()), "{digits} is still kept");
    }
    assert!(talk.stand().withdrawn);
}

#[test]
fn another_device_of_ones_own_is_heard_in_its_order() {
    let mut tablet = Talk::default();
    assert!(tablet.hear_own(letter(1, PhoneSays::Own("13500000001".into()))));
    assert!(tablet.hear_own(letter(2, PhoneSays::Withdraws)));
    assert!(!tablet.hear_own(letter(1, PhoneSays::Own("13500000001".into()))));
    assert_eq!(tablet.stand(), PhoneStand { withdrawn: true, ..PhoneStand::default() });
    assert!(!tablet.hear_own(letter(3, PhoneSays::Offers)), "one's own device tells the number or nothing");
}
