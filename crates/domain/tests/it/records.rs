//! What each record is refused for, and what first.

use kaifong_domain::deal::Hold;
use kaifong_domain::record::{Edit, Invite, Kind, Listing, Mode, Profile, Review, Side};
use kaifong_domain::{DealId, Instant, InviteId, Points, Refusal};

use crate::people::*;

fn with(change: impl FnOnce(&mut Listing)) -> Result<(), Refusal> {
    let mut listing = tool_box();
    change(&mut listing);
    assert_eq!(Edit::PutListing(listing.clone()).check(), listing.check());
    listing.check()
}

#[test]
fn a_listing_is_refused_for_title_then_body_then_kind_then_mode_then_points() {
    let too_many = Points(Points::MAX.0 + 1);
    let all_wrong = |l: &mut Listing| {
        l.title = String::new();
        l.body = "x".repeat(2_001);
        l.kind = None;
        l.points = Some(too_many);
    };
    assert_eq!(with(all_wrong), Err(Refusal::TextEmpty { field: "title" }));
    let title_right = |l: &mut Listing| {
        all_wrong(l);
        l.title = "街".repeat(60);
    };
    assert_eq!(with(title_right), Err(Refusal::TextTooLong { field: "body", found: 2_001, most: 2_000 }));
    let body_right = |l: &mut Listing| {
        title_right(l);
        l.body = "坊\n".repeat(1_000);
    };
    assert_eq!(with(body_right), Err(Refusal::KindMissing));
    let kind_there = |l: &mut Listing| {
        body_right(l);
        l.kind = Some(Kind::Skill);
    };
    assert_eq!(with(kind_there), Err(Refusal::ModeMismatch));
    let mode_right = |l: &mut Listing| {
        kind_there(l);
        l.kind = Some(Kind::Item);
    };
    assert_eq!(with(mode_right), Err(Refusal::OutOfRange { field: "points", least: 0, most: 1_000_000 }));
    assert_eq!(
        with(|l| {
            mode_right(l);
            l.points = Some(Points::MAX);
        }),
        Ok(())
    );
}

#[test]
fn a_title_has_sixty_characters_on_one_line() {
    assert_eq!(with(|l| l.title = "街".repeat(61)), Err(Refusal::TextTooLong { field: "title", found: 61, most: 60 }));
    assert_eq!(with(|l| l.title = "a\nb".into()), Err(Refusal::TextUnprintable { field: "title", code: 0x0A }));
    assert_eq!(with(|l| l.body = "a\u{202E}b".into()), Err(Refusal::TextUnprintable { field: "body", code: 0x202E }));
}

#[test]
fn only_items_have_a_mode_and_an_offered_one_needs_it() {
    use Side::{Need, Offer};
    let (item, skill, share) = (Some(Kind::Item), Some(Kind::Skill), Some(Mode::Share));
    let table = [
        (Offer, item, share, Ok(())),
        (Offer, item, None, Err(Refusal::ModeMismatch)),
        (Offer, skill, None, Ok(())),
        (Offer, skill, share, Err(Refusal::ModeMismatch)),
        (Offer, None, None, Err(Refusal::KindMissing)),
        (Offer, None, share, Err(Refusal::KindMissing)),
        (Need, item, share, Ok(())),
        (Need, item, None, Ok(())),
        (Need, skill, None, Ok(())),
        (Need, skill, share, Err(Refusal::ModeMismatch)),
        (Need, None, None, Ok(())),
        (Need, None, share, Err(Refusal::ModeMismatch)),
    ];
    for (side, kind, mode, expected) in table {
        assert_eq!(listing(TAP, side, kind, mode, "t").check(), expected, "{side:?} {kind:?} {mode:?}");
    }
}

#[test]
fn a_profile_is_refused_for_name_then_block_then_about() {
    let profile = |name: &str, block: &str, about: &str| Profile {
        name: name.into(),
        block: block.into(),
        about: about.into(),
        place: None,
    };
    let long = |field, found, most| Err(Refusal::TextTooLong { field, found, most });
    let (b31, a201) = ("b".repeat(31), "a".repeat(201));
    let table = [
        (profile("", &b31, &a201), Err(Refusal::TextEmpty { field: "name" })),
        (profile(&b31, &b31, &a201), long("name", 31, 30)),
        (profile("马乐", &b31, &a201), long("block", 31, 30)),
        (profile("马乐", "3号楼", &a201), long("about", 201, 200)),
        (profile("马乐", "", ""), Ok(())),
        (profile("马乐", "3号楼\n", ""), Err(Refusal::TextUnprintable { field: "block", code: 0x0A })),
    ];
    for (profile, expected) in table {
        assert_eq!(profile.check(), expected);
        assert_eq!(Edit::SetProfile(profile).check(), expected);
    }
}

#[test]
fn a_review_is_refused_for_stars_then_text() {
    let review = |stars, chars| Review { deal: DealId([0; 16]), stars, text: "好".repeat(chars), at: Instant(0) };
    let stars = Err(Refusal::OutOfRange { field: "stars", least: 1, most: 5 });
    let long = Err(Refusal::TextTooLong { field: "text", found: 501, most: 500 });
    let table = [(0, 501, stars.clone()), (6, 0, stars), (5, 501, long), (1, 0, Ok(())), (5, 500, Ok(()))];
    for (given, chars, expected) in table {
        assert_eq!(review(given, chars).check(), expected);
        assert_eq!(Edit::PutReview(review(given, chars)).check(), expected);
    }
}

#[test]
fn an_invitation_has_nothing_to_refuse() {
    let invite =
        Invite { id: InviteId([1; 16]), key: [2; 32], expires_at: Instant(u64::MAX), withdrawn_at: Some(Instant(0)) };
    assert_eq!(invite.check(), Ok(()));
    assert_eq!(Edit::PutInvite(invite).check(), Ok(()));
}

#[test]
fn needs_and_things_serve_one_deal_at_a_time() {
    let last = Some(DealId([5; 16]));
    let open_need = listing(TAP, Side::Need, None, None, "帮忙");
    for once in [tool_box(), books(), tap(), open_need] {
        assert_eq!(once.hold(last), Hold::Once { after: last });
    }
    assert_eq!(calligraphy().hold(last), Hold::Many);
    assert!(tool_box().is_loan() && !books().is_loan() && !tap().is_loan());
}
