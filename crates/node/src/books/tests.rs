#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::record::{Kind, Side};
use kaifong_domain::slip::{Slip, SlipNumber};
use kaifong_domain::{DealId, EntryHash, Instant, MemberId, Points, ReasonId, Refusal};
use kaifong_trust::entry::{Assist, Body, Certificate, MemberKind, Role};
use kaifong_trust::invite::Ticket;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::event::{Application, Command, Draft, Way};
use crate::node::Past;
use crate::room::{DAY_MS, NOON, Room, named, refused};
use crate::slips::SlipCommand;

const PIN: &str = "2580";
const DESK: &str = "小屋台机";

/// 李叔 has founded, there is a desk, and 陈姨 volunteers there.
fn share_room() -> (Room, Ticket) {
    let (mut room, ticket) = Room::new();
    room.buys(DESK, 20);
    let application = Application {
        way: Way::Ticket(ticket.clone()),
        kind: MemberKind::Desk,
        profile: named(DESK),
        household: "共享小屋".into(),
        real_name: "小屋".into(),
        phone: String::new(),
    };
    room.does(DESK, Command::Apply(Box::new(application))).unwrap();
    room.meet(DESK, "李叔");
    let device = room.phones[DESK].node.device();
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    let chen = room.member("陈姨");
    room.does("李叔", Command::SetRole { member: chen, role: Role::Volunteer, held: true }).unwrap();
    room.meet(DESK, "何姐");
    room.meet(DESK, "陈姨");
    (room, ticket)
}

fn enrolment(name: &str) -> Enrolment {
    let (household, real_name) = ("5栋101".into(), name.into());
    Enrolment { profile: named(name), household, real_name, phone: String::new(), pin: PIN.into() }
}

fn enrols(room: &mut Room, name: &str) -> SheetSecret {
    let done = room.does(DESK, Command::Book(BookCommand::Enrol(Box::new(enrolment(name)))));
    let Done::Sheet(card) = done.unwrap() else { panic!() };
    card
}

fn visits(room: &mut Room, card: &SheetSecret, pin: &str, act: Visit) -> Result<Done, NodeError> {
    let volunteer = room.member("陈姨");
    room.does(DESK, Command::Book(BookCommand::Visit { card: card.clone(), pin: pin.into(), volunteer, act }))
}

/// 肖阿姨 has no phone: she gets a card, and 李叔 certifies her key.
fn xiao(room: &mut Room) -> (SheetSecret, MemberId) {
    let card = enrols(room, "肖阿姨");
    let device = room.phones[DESK].node.books().next().unwrap().device;
    room.does("李叔", Command::Approve { device, votes: true }).unwrap();
    let Done::Visited(member) = visits(room, &card, PIN, Visit::Look).unwrap() else { panic!() };
    (card, member)
}

fn balance(room: &Room, who: &str, member: &MemberId) -> i64 {
    assert_eq!(room.home(who).ledger().sum(), 0);
    room.home(who).ledger().balance(member)
}

fn journal(room: &Room) -> JournalId {
    room.phones[DESK].node.books().next().unwrap().journal.unwrap()
}

/// Every entry of the kept journal that moves points, with who has helped as another neighbour's device says.
fn helped(room: &Room, who: &str) -> Vec<Option<MemberId>> {
    let home = room.home(who);
    let tip = *home.journals().journal(&journal(room)).unwrap().tips().first().unwrap();
    let moves = |body: &Body| matches!(body, Body::Transfer(_) | Body::Accept { .. } | Body::Disown { .. });
    let acts = home.journals().branch(&tip).filter(|entry| moves(&entry.value().body));
    acts.map(|entry| home.help_with(&EntryHash(entry.hash())).map(|help| help.volunteer)).collect()
}

#[test]
fn somebody_without_a_phone_is_certified_receives_pays_a_slip_and_gives_at_the_desk() {
    let (mut room, _) = share_room();
    let (card, member) = xiao(&mut room);
    let he = room.member("何姐");
    assert_eq!(room.home("何姐").board().profile(&member).unwrap().name, "肖阿姨");
    assert_eq!(room.home("何姐").roster().member(&member).unwrap().kind, MemberKind::Person, "nothing special");
    room.does("何姐", Command::Give { to: member, points: Points(20) }).unwrap();
    assert_eq!(balance(&room, "何姐", &member), 0, "it waits for her next visit");
    visits(&mut room, &card, PIN, Visit::Look).unwrap();
    assert_eq!(balance(&room, "何姐", &member), 20);
    let slip =
        Slip { number: SlipNumber::drawn(7), payer: member, payee: he, points: Points(8), day: (NOON / DAY_MS) as u32 };
    let Done::Entered(slip) = room.does("陈姨", Command::Slip(SlipCommand::Enter(slip))).unwrap() else { panic!() };
    visits(&mut room, &card, PIN, Visit::PaySlip { slip }).unwrap();
    assert_eq!(visits(&mut room, &card, PIN, Visit::PaySlip { slip }), refused(Refusal::SlipPaid));
    visits(&mut room, &card, PIN, Visit::Give { to: he, points: Points(5) }).unwrap();
    assert_eq!((balance(&room, "李叔", &member), balance(&room, "陈姨", &he)), (7, -7));
    let wang = Some(room.member("陈姨"));
    assert_eq!(helped(&room, "何姐"), [wang; 3], "each act names who has helped, on every device");
    assert_eq!(room.home("何姐").projection(), room.home(DESK).projection());
}

#[test]
fn who_is_not_certified_yet_has_no_account_and_the_wrong_card_opens_none() {
    let (mut room, _) = share_room();
    let card = enrols(&mut room, "肖阿姨");
    assert_eq!(visits(&mut room, &card, PIN, Visit::Look), refused(Refusal::NotYetMember));
    let other = SheetSecret::generate(&mut ChaCha20Rng::from_seed([9; 32]));
    assert_eq!(visits(&mut room, &other, PIN, Visit::Look), refused(Refusal::CardUnknown));
    // The request is an ordinary one.
    let requests = room.phones["李叔"].node.requests();
    assert_eq!(requests.iter().map(|waiting| waiting.request.display_name.as_str()).collect::<Vec<_>>(), ["肖阿姨"]);
    assert_eq!(requests[0].request.household, "5栋101");
}

#[test]
fn at_the_next_visit_the_desk_reads_that_xiao_yi_was_refused_and_why() {
    let (mut room, _) = share_room();
    let card = enrols(&mut room, "肖阿姨");
    let heard = |room: &Room| room.phones[DESK].node.books().next().unwrap().heard.clone();
    let device = room.phones[DESK].node.books().next().unwrap().device;
    room.does("李叔", Command::Ask { device, text: "住几号房？".into() }).unwrap();
    assert_eq!(heard(&room), Heard::default(), "nothing opens without the card and the PIN");
    assert_eq!(visits(&mut room, &card, PIN, Visit::Look), refused(Refusal::NotYetMember));
    assert_eq!(heard(&room).questions.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["住几号房？"]);
    room.does("李叔", Command::Refuse { device, reason: "不住在这里".into() }).unwrap();
    assert_eq!(visits(&mut room, &card, "1234", Visit::Look), refused(Refusal::CardPinWrong { wait_ms: 0 }));
    assert_eq!(heard(&room).refused, None);
    assert_eq!(visits(&mut room, &card, PIN, Visit::Look), refused(Refusal::NotYetMember));
    assert_eq!(heard(&room).refused.as_deref(), Some("不住在这里"));
    restart(&mut room, Past::default());
    assert_eq!(heard(&room).refused.as_deref(), Some("不住在这里"), "and it is kept");
}

#[test]
fn nobody_but_a_reviewer_is_heard_as_refusing_a_card() {
    let (mut room, _) = share_room();
    let card = enrols(&mut room, "肖阿姨");
    let device = room.phones[DESK].node.books().next().unwrap().device;
    let seal = room.phones["李叔"].node.requests()[0].request.seal;
    let letter = Letter::Refused { reason: "不行".into() };
    room.phones.get_mut("何姐").unwrap().node.send_letter(device, &seal, &letter).unwrap();
    room.tick("何姐");
    room.meet("何姐", DESK);
    assert_eq!(visits(&mut room, &card, PIN, Visit::Look), refused(Refusal::NotYetMember));
    assert_eq!(room.phones[DESK].node.books().next().unwrap().heard, Heard::default());
}

#[test]
fn a_wrong_pin_counts_over_restarts_and_from_the_fifth_on_each_makes_the_next_wait() {
    let (mut room, _) = share_room();
    let (card, _) = xiao(&mut room);
    for _ in 0..4 {
        assert_eq!(visits(&mut room, &card, "1234", Visit::Look), refused(Refusal::CardPinWrong { wait_ms: 0 }));
    }
    assert_eq!(visits(&mut room, &card, "1234", Visit::Look), refused(Refusal::CardPinWrong { wait_ms: 30_000 }));
    restart(&mut room, Past::default());
    assert_eq!(visits(&mut room, &card, PIN, Visit::Look), refused(Refusal::CardPinTooSoon { wait_ms: 30_000 }));
    room.now += 30_000;
    assert_eq!(visits(&mut room, &card, "0000", Visit::Look), refused(Refusal::CardPinWrong { wait_ms: 60_000 }));
    // A clock that was put back shortens nothing.
    room.now -= DAY_MS;
    assert_eq!(visits(&mut room, &card, PIN, Visit::Look), refused(Refusal::CardPinTooSoon { wait_ms: 60_000 }));
    room.now += DAY_MS + 60_000;
    assert!(visits(&mut room, &card, PIN, Visit::Look).is_ok());
    assert_eq!(
        visits(&mut room, &card, "1234", Visit::Look),
        refused(Refusal::CardPinWrong { wait_ms: 0 }),
        "counted anew"
    );
}

#[test]
fn what_lies_at_the_desk_is_no_key_without_the_card_and_the_pin() {
    let (mut room, _) = share_room();
    let (card, _) = xiao(&mut room);
    let book = room.phones[DESK].node.books().next().unwrap().clone();
    let key = book.key(&card, PIN).unwrap();
    let other = SheetSecret::generate(&mut ChaCha20Rng::from_seed([9; 32]));
    assert!(book.key(&card, "2581").is_none());
    assert!(book.key(&other, PIN).is_none());
    let kept = room.phones[DESK].store.get(Space::Private, &place(&book.device)).unwrap().unwrap();
    for secret in [key.seed(), card.card_cover(&book.drawn, PIN)] {
        assert!(!kept.windows(32).any(|part| part == secret));
    }
}

#[test]
fn who_may_do_what_at_a_desk_is_told_in_an_order() {
    let (mut room, _) = share_room();
    let he = room.member("何姐");
    let elsewhere = Command::Book(BookCommand::Enrol(Box::new(enrolment("肖阿姨"))));
    assert_eq!(room.does("何姐", elsewhere), refused(Refusal::NotTheDesk));
    for pin in ["", "123", "123456789", "12a4", "１２３４"] {
        let weak = Enrolment { pin: pin.into(), ..enrolment("肖阿姨") };
        let told = room.does(DESK, Command::Book(BookCommand::Enrol(Box::new(weak))));
        assert_eq!(told, refused(Refusal::OutOfRange { field: "pin", least: 4, most: 8 }), "{pin}");
    }
    let unnamed = Enrolment { real_name: String::new(), ..enrolment("肖阿姨") };
    let told = room.does(DESK, Command::Book(BookCommand::Enrol(Box::new(unnamed))));
    assert_eq!(told, refused(Refusal::TextEmpty { field: "real name" }));
    let (card, member) = xiao(&mut room);
    let by = |volunteer, act| Command::Book(BookCommand::Visit { card: card.clone(), pin: PIN.into(), volunteer, act });
    let nobody = MemberId([9; 16]);
    for volunteer in [he, nobody] {
        let told = room.does(DESK, by(volunteer, Visit::Look));
        assert_eq!(told, refused(Refusal::RoleMissing { role: "volunteer" }));
    }
    let give = |to, points| Visit::Give { to, points: Points(points) };
    let table = [
        (give(nobody, 5), Refusal::MemberUnknown),
        (give(member, 5), Refusal::TransferMalformed),
        (give(he, 0), Refusal::TransferMalformed),
        (give(he, 101), Refusal::BeyondRights { rights: 100, needed: Points(101) }),
        (Visit::PaySlip { slip: EntryHash([7; 32]) }, Refusal::SlipUnknown),
        (Visit::DisownSlip { slip: EntryHash([7; 32]) }, Refusal::SlipUnknown),
    ];
    for (act, why) in table {
        assert_eq!(visits(&mut room, &card, PIN, act), refused(why), "{act:?}");
    }
}

#[test]
fn a_word_on_who_has_helped_says_nothing_unless_the_journal_lets_that_desk_keep_it() {
    let (mut room, _) = share_room();
    let (card, member) = xiao(&mut room);
    let (he, chen) = (room.member("何姐"), room.member("陈姨"));
    visits(&mut room, &card, PIN, Visit::Give { to: he, points: Points(5) }).unwrap();
    room.does("何姐", Command::Give { to: member, points: Points(1) }).unwrap();
    let tip = |room: &Room, who: &str| room.phones[who].node.tip().unwrap();
    let says = |room: &mut Room, who: &'static str, entry, volunteer| {
        room.phones.get_mut(who).unwrap().node.write(Body::Assist(Assist { entry, volunteer })).unwrap();
        room.tick(who);
    };
    // Of a neighbour's own payment, by the desk; of the kept journal, by somebody who is no desk; and of nobody's help.
    let of_he = tip(&room, "何姐");
    says(&mut room, DESK, of_he, chen);
    let kept = room.phones[DESK].node.tip_of_book(&room.phones[DESK].node.books().next().unwrap().device).unwrap();
    says(&mut room, "何姐", kept, he);
    says(&mut room, DESK, kept, he);
    for who in ["李叔", "何姐"] {
        assert_eq!(room.home(who).help_with(&of_he), None, "{who}");
        assert_eq!(room.home(who).help_with(&kept).map(|help| help.volunteer), Some(chen), "{who}");
    }
}

#[test]
fn a_desk_whose_store_is_in_doubt_opens_another_journal_and_forks_none() {
    let (mut room, _) = share_room();
    let (card, member) = xiao(&mut room);
    let before = journal(&room);
    room.goes_off(DESK);
    restart(&mut room, Past { doubt: true, ..Past::default() });
    for other in ["李叔", "何姐", "陈姨"] {
        room.meet(DESK, other);
    }
    visits(&mut room, &card, PIN, Visit::Look).unwrap();
    assert_ne!(journal(&room), before);
    let home = room.home("李叔");
    assert!(home.journals().journals().all(|journal| journal.forked_at().is_none()));
    assert_eq!(home.roster().owner_of_journal(&journal(&room)), Some(member));
}

#[test]
fn a_desk_that_was_restored_hears_of_it_from_a_neighbour_before_it_signs_anything() {
    let (mut room, _) = share_room();
    let (card, _) = xiao(&mut room);
    let he = room.member("何姐");
    let early: Vec<_> = kaifong_store::Space::ALL
        .into_iter()
        .map(|space| (space, room.phones[DESK].store.scan(space, &[]).unwrap()))
        .collect();
    visits(&mut room, &card, PIN, Visit::Give { to: he, points: Points(5) }).unwrap();
    room.goes_off(DESK);
    let store = std::sync::Arc::new(kaifong_store::MemoryStore::new());
    let mut batch = Batch::new();
    early.into_iter().for_each(|(space, all)| all.into_iter().for_each(|(key, value)| batch.put(space, key, value)));
    kaifong_store::Store::commit(&*store, batch).unwrap();
    room.phones.get_mut(DESK).unwrap().store = store;
    restart(&mut room, Past::default());
    let before = journal(&room);
    room.meet(DESK, "何姐");
    visits(&mut room, &card, PIN, Visit::Give { to: he, points: Points(0) }).unwrap_err();
    assert_ne!(journal(&room), before);
    room.meet(DESK, "李叔");
    assert!(room.home("李叔").journals().journals().all(|journal| journal.forked_at().is_none()));
}

#[test]
fn what_a_desk_has_entered_stands_or_falls_with_its_certificate_in_whichever_order_that_came() {
    let (mut room, ticket) = share_room();
    let (card, member) = xiao(&mut room);
    let he = room.member("何姐");
    let slip =
        Slip { number: SlipNumber::drawn(7), payer: he, payee: member, points: Points(8), day: (NOON / DAY_MS) as u32 };
    room.does(DESK, Command::Slip(SlipCommand::Enter(slip))).unwrap();
    visits(&mut room, &card, PIN, Visit::Give { to: he, points: Points(5) }).unwrap();
    let desk = room.member(DESK);
    let known = |room: &Room, who: &str| {
        let home = room.home(who);
        (home.roster().member(&desk).unwrap().kind, home.slips().all().count())
    };
    assert_eq!(known(&room, "何姐"), (MemberKind::Desk, 1));
    // Another word on the same device, until the one that stands says that it is no desk.
    let (device, seal) = (room.phones[DESK].node.device(), room.phones[DESK].node.seal_key());
    for salt in 0..64 {
        let (kind, commitment, household) = (MemberKind::Person, [salt; 32], Default::default());
        let word = Certificate { member: desk, device, seal, kind, commitment, household };
        room.phones.get_mut("李叔").unwrap().node.write(Body::Certify(word)).unwrap();
        room.tick("李叔");
        if known(&room, "李叔").0 == MemberKind::Person {
            break;
        }
    }
    for who in ["李叔", "何姐", "陈姨"] {
        assert_eq!(known(&room, who), (MemberKind::Person, 0), "{who}");
    }
    // Who hears all of it at once comes to the same.
    room.buys("马乐", 31);
    room.joins("马乐", &ticket);
    for who in ["何姐", "马乐", DESK] {
        assert_eq!(room.home(who).projection(), room.home("李叔").projection(), "{who}");
    }
}

#[test]
fn a_lost_card_is_replaced_as_a_lost_phone_is_by_two_reviewers() {
    let (mut room, _) = share_room();
    let (old, member) = xiao(&mut room);
    let he = room.member("何姐");
    room.does("李叔", Command::SetRole { member: he, role: Role::Reviewer, held: true }).unwrap();
    let before = room.phones[DESK].node.books().next().unwrap().device;
    let new = enrols(&mut room, "肖阿姨");
    let device = room.phones[DESK].node.books().map(|book| book.device).find(|device| *device != before).unwrap();
    for reviewer in ["李叔", "何姐"] {
        room.does(reviewer, Command::Reapprove { member, device: Some(device) }).unwrap();
    }
    assert_eq!(visits(&mut room, &new, PIN, Visit::Look), Ok(Done::Visited(member)));
    assert_eq!(visits(&mut room, &old, PIN, Visit::Look), refused(Refusal::NotYetMember));
    room.does(DESK, Command::Book(BookCommand::Forget { device: before })).unwrap();
    assert_eq!(visits(&mut room, &old, PIN, Visit::Look), refused(Refusal::CardUnknown));
    let told = room.does(DESK, Command::Book(BookCommand::Forget { device: before }));
    assert_eq!(told, refused(Refusal::CardUnknown));
}

/// 李叔 and 何姐 hand over what a member's closed journals hold.
fn hand_over(room: &mut Room, member: MemberId) {
    for reviewer in ["李叔", "何姐"] {
        room.does(reviewer, Command::HandPointsOver { member }).unwrap();
    }
}

fn he_reviews(room: &mut Room) {
    let member = room.member("何姐");
    room.does("李叔", Command::SetRole { member, role: Role::Reviewer, held: true }).unwrap();
}

/// What a kept journal can spend.
fn kept_rights(room: &Room, device: &DeviceId) -> i64 {
    let tip = room.phones[DESK].node.tip_of_book(device).unwrap();
    room.home(DESK).ledger().standing(&tip).unwrap().rights
}

#[test]
fn what_a_kept_journal_held_before_the_desks_store_was_in_doubt_goes_on_at_the_next_visit() {
    let (mut room, _) = share_room();
    let (card, member) = xiao(&mut room);
    he_reviews(&mut room);
    let device = room.phones[DESK].node.books().next().unwrap().device;
    room.goes_off(DESK);
    restart(&mut room, Past { doubt: true, ..Past::default() });
    room.now += 1000;
    for other in ["李叔", "何姐", "陈姨"] {
        room.meet(DESK, other);
    }
    visits(&mut room, &card, PIN, Visit::Look).unwrap();
    assert_eq!(kept_rights(&room, &device), 0, "the new journal holds nothing");
    hand_over(&mut room, member);
    visits(&mut room, &card, PIN, Visit::Look).unwrap();
    assert_eq!(kept_rights(&room, &device), 100);
    let he = room.member("何姐");
    visits(&mut room, &card, PIN, Visit::Give { to: he, points: Points(60) }).unwrap();
    assert_eq!((balance(&room, "李叔", &member), balance(&room, "李叔", &he)), (-60, 60));
}

#[test]
fn what_the_journal_of_a_lost_card_held_goes_on_at_a_visit_with_the_new_one() {
    let (mut room, _) = share_room();
    let (_, member) = xiao(&mut room);
    he_reviews(&mut room);
    let before = room.phones[DESK].node.books().next().unwrap().device;
    let new = enrols(&mut room, "肖阿姨");
    let device = room.phones[DESK].node.books().map(|book| book.device).find(|device| *device != before).unwrap();
    for reviewer in ["李叔", "何姐"] {
        room.does(reviewer, Command::Reapprove { member, device: Some(device) }).unwrap();
    }
    visits(&mut room, &new, PIN, Visit::Look).unwrap();
    hand_over(&mut room, member);
    visits(&mut room, &new, PIN, Visit::Look).unwrap();
    assert_eq!(kept_rights(&room, &device), 100);
}

/// 何姐 pays 6 points for what somebody did for her, into any journal.
fn pays_into(room: &mut Room, to: JournalId, deal: DealId) {
    let node = &mut room.phones.get_mut("何姐").unwrap().node;
    node.transfer(to, Points(6), Some(ReasonId(deal.0))).unwrap();
    room.tick("何姐");
}

/// Somebody helps 何姐 for 6 points and says that it is done; she has not said so yet.
fn helps_he(room: &mut Room, who: &'static str) -> DealId {
    let need = Draft { kind: Some(Kind::Skill), points: Some(Points(6)), ..Draft::of(Side::Need, "水龙头滴水") };
    let Done::Posted(listing) = room.does("何姐", Command::Post(need)).unwrap() else { panic!() };
    let owner = room.member("何姐");
    let answer = Command::Answer { owner, listing, points: None, due_at: None, counterpart: None };
    let Done::Answered(deal) = room.does(who, answer).unwrap() else { panic!() };
    room.does("何姐", Command::Agree { deal }).unwrap();
    room.does(who, Command::Done { deal }).unwrap();
    deal
}

#[test]
fn what_is_owed_to_the_desk_itself_is_not_taken_for_somebody_whose_journal_it_keeps() {
    let (mut room, _) = share_room();
    let (card, member) = xiao(&mut room);
    let deal = helps_he(&mut room, DESK);
    let kept = journal(&room);
    pays_into(&mut room, kept, deal);
    room.does("何姐", Command::Done { deal }).unwrap();
    visits(&mut room, &card, PIN, Visit::Look).unwrap();
    assert_eq!(balance(&room, "何姐", &member), 0, "it comes back to 何姐");
}

#[test]
fn what_was_owed_to_somebody_before_they_had_a_card_is_taken_at_the_desk() {
    let (mut room, ticket) = share_room();
    he_reviews(&mut room);
    room.buys("王伯", 41);
    room.joins("王伯", &ticket);
    room.meet("王伯", "何姐");
    let (member, he) = (room.member("王伯"), room.member("何姐"));
    let deal = helps_he(&mut room, "王伯");
    room.goes_off("王伯");
    let card = enrols(&mut room, "王伯");
    let device = room.phones[DESK].node.books().next().unwrap().device;
    for reviewer in ["李叔", "何姐"] {
        room.does(reviewer, Command::Reapprove { member, device: Some(device) }).unwrap();
    }
    visits(&mut room, &card, PIN, Visit::Look).unwrap();
    room.does("何姐", Command::Done { deal }).unwrap();
    assert_eq!(balance(&room, "何姐", &member), 0, "it waits for his next visit");
    visits(&mut room, &card, PIN, Visit::Look).unwrap();
    assert_eq!((balance(&room, "何姐", &member), balance(&room, "何姐", &he)), (6, -6));
}

/// The desk's device is started again on its store.
fn restart(room: &mut Room, past: Past) {
    let now = Instant(room.now);
    let phone = room.phones.get_mut(DESK).unwrap();
    let (rng, key) = (ChaCha20Rng::from_seed([77; 32]), DeviceKey::from_seed([20; 32]));
    phone.node = Node::open(phone.store.clone(), key, rng, now, past).unwrap();
    let step = phone.node.take();
    kaifong_store::Store::commit(&*phone.store, step.batch).unwrap();
    phone.node.committed();
}
