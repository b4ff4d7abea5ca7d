//! The community fund as the journals admit it: who opens its journals, and that budgets only grow.

use kaifong_domain::charter::Charter;
use kaifong_domain::fund::{Act, Fund, Purpose};
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{EntryHash, JournalId, MemberId, Points};
use kaifong_trust::entry::{
    Basis, Body, Epoch, FUND_NONCE, GrantList, LIST_MAX, MemberKind, NO_ENTRY, Role, Seat, Terms,
};
use kaifong_trust::journals::Offered;
use kaifong_trust::{Distrust, Pen, Verified, decode_exact, encode};
use serde::Serialize;

use super::street::{Street, epoch};

const TREASURER: &str = "a fund journal is opened by a treasurer";
const REDUCED: &str = "an epoch reduces no budget of the one before";
const LIST: &str = "a list has from 1 to 200 grants, of each member and occasion one";

fn fund(budgets: &[(JournalId, u64)]) -> Fund {
    let mut budgets = budgets.to_vec();
    budgets.sort_unstable();
    let rates = vec![(Act::Shift, Points(10))];
    Fund { starter: Points(20), alone: Points(50), quota: Points(100), rates, budgets }
}

fn funded(number: u32, prev: EntryHash, roles: &[(MemberId, Role)], fund: Fund) -> Body {
    let Body::Epoch(epoch) = epoch(number, prev, roles) else { unreachable!() };
    Body::Epoch(Epoch { fund, ..epoch })
}

/// 李叔 has founded; 陈姨 is certified, and her journal is open.
fn street() -> (Street, Pen, Pen, EntryHash) {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let certificate = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let chen = street.open("陈姨", "陈姨", 0, Basis::Certificate(certificate), NO_ENTRY);
    (street, li, chen, certificate)
}

fn offer(street: &Street, entry: Verified<kaifong_trust::entry::Entry>) -> Result<Offered, Distrust> {
    let mut journals = street.replica();
    journals.offer(entry)
}

fn rule(offered: Result<Offered, Distrust>) -> Option<&'static str> {
    match offered {
        Err(Distrust::Rule { rule }) => Some(rule),
        Err(_) => Some("another distrust"),
        Ok(_) => None,
    }
}

#[test]
fn an_epoch_that_was_signed_before_there_were_funds_reads_as_it_did_and_is_written_alike() {
    #[derive(Serialize)]
    struct Before {
        number: u32,
        prev: EntryHash,
        roles: Vec<(MemberId, Role)>,
        witnesses: Vec<kaifong_domain::DeviceId>,
        charter: Charter,
        seats: Vec<Seat>,
        #[serde(skip_serializing_if = "kaifong_trust::tail::is_silent", with = "kaifong_trust::tail")]
        places: PlaceMap,
    }
    let zone = kaifong_domain::place::Zone {
        id: kaifong_domain::place::PlaceId(1),
        name: "南块".into(),
        blocks: vec![kaifong_domain::place::Block {
            id: kaifong_domain::place::PlaceId(2),
            name: "3 栋".into(),
            kind: kaifong_domain::place::BlockKind::Tower,
        }],
    };
    for places in [PlaceMap::default(), PlaceMap { zones: vec![zone] }] {
        let Body::Epoch(now) = epoch(1, NO_ENTRY, &[(MemberId([7; 16]), Role::Treasurer)]) else { unreachable!() };
        let now = Epoch { places: places.clone(), ..now };
        let (roles, charter) = (now.roles.clone(), Charter::default());
        let before =
            Before { number: 1, prev: NO_ENTRY, roles, witnesses: Vec::new(), charter, seats: Vec::new(), places };
        assert_eq!(encode(&now), encode(&before));
        assert_eq!(decode_exact::<Epoch>(&encode(&before), "epoch").unwrap(), now);
        let with = Epoch { fund: fund(&[(JournalId([3; 32]), 500)]), ..now };
        assert_eq!(decode_exact::<Epoch>(&encode(&with), "epoch").unwrap(), with);
    }
}

#[test]
fn a_fund_journal_is_opened_by_who_is_a_treasurer_in_the_epoch_that_it_names() {
    let (mut street, mut li, _, certificate) = street();
    let chen = street.member("陈姨");
    let named = street.write(&mut li, NO_ENTRY, epoch(1, NO_ENTRY, &[(chen, Role::Treasurer)]));
    let dismissed = street.write(&mut li, named, epoch(2, named, &[]));
    let opened = |street: &Street, who: &str, nonce, basis, epoch| {
        let mut signed = Street::founded_by("李叔");
        signed.open(who, who, nonce, basis, epoch);
        rule(offer(street, signed.entries[0].clone()))
    };
    let hers = Basis::Certificate(certificate);
    assert_eq!(opened(&street, "陈姨", FUND_NONCE, hers, named), None);
    assert_eq!(opened(&street, "陈姨", 4_000, hers, named), None, "another one, after a doubt");
    assert_eq!(opened(&street, "陈姨", FUND_NONCE, hers, NO_ENTRY), Some(TREASURER), "she was none yet");
    assert_eq!(opened(&street, "陈姨", FUND_NONCE, hers, dismissed), Some(TREASURER), "nor any longer");
    assert_eq!(opened(&street, "陈姨", 3, hers, dismissed), None, "an odd nonce opens a journal of her own");
    assert_eq!(opened(&street, "李叔", FUND_NONCE, Basis::Genesis, NO_ENTRY), None, "founding, the founder is trusted");
}

#[test]
fn who_may_open_a_fund_journal_is_judged_alike_when_its_epoch_comes_later() {
    let (mut street, mut li, _, certificate) = street();
    let named = street.write(&mut li, NO_ENTRY, epoch(1, NO_ENTRY, &[]));
    let mut signed = Street::founded_by("李叔");
    signed.open("陈姨", "陈姨", FUND_NONCE, Basis::Certificate(certificate), named);
    let mut journals = street.empty();
    let epoch = street.entries.pop().unwrap();
    for entry in street.entries.iter().cloned() {
        journals.offer(entry).unwrap();
    }
    assert!(matches!(journals.offer(signed.entries[0].clone()), Ok(Offered::Waiting { .. })));
    assert!(matches!(journals.offer(epoch), Ok(Offered::Admitted(admitted)) if admitted.len() == 1), "it is dropped");
    assert_eq!(rule(journals.offer(signed.entries[0].clone())), Some(TREASURER));
}

#[test]
fn an_epoch_may_raise_a_budget_and_never_lowers_one() {
    let (mut street, mut li, ..) = street();
    const ONE: JournalId = JournalId([1; 32]);
    const OTHER: JournalId = JournalId([2; 32]);
    let first = street.write(&mut li, NO_ENTRY, funded(1, NO_ENTRY, &[], fund(&[(ONE, 300)])));
    type Case = (&'static [(JournalId, u64)], Option<&'static str>);
    let table: [Case; 5] = [
        (&[(ONE, 300)], None),
        (&[(ONE, 301), (OTHER, 5)], None),
        (&[(ONE, 299)], Some(REDUCED)),
        (&[(OTHER, 300)], Some(REDUCED)),
        (&[], Some(REDUCED)),
    ];
    for (budgets, expected) in table {
        let mut pen = Pen::resume(super::street::key("李叔"), &street.replica(), &li.journal()).unwrap();
        let next = pen.write(first, street.entry_time(), funded(2, first, &[], fund(budgets)));
        assert_eq!(rule(offer(&street, next)), expected, "{budgets:?}");
    }
}

#[test]
fn a_list_names_each_member_and_occasion_once_and_fits_into_an_entry() {
    let (mut street, mut li, ..) = street();
    let terms = |at: u8, points| Terms {
        to: JournalId([at; 32]),
        member: MemberId([at; 16]),
        points: Points(points),
        purpose: Purpose::Act { act: Act::Repair, day: 99_999, times: 100 },
    };
    let all: Vec<Terms> = (0..LIST_MAX).map(|at| terms(at as u8, 1_000_000)).collect();
    let hash = street.write(&mut li, NO_ENTRY, Body::GrantList(GrantList { terms: all.clone() }));
    assert!(street.entry(hash).signed().clone().verify().is_ok());
    assert!(street.entry(hash).signed().size_bytes() < 14 * 1024);
    let more = [all, vec![terms(201, 1)]].concat();
    for bad in [Vec::new(), more, vec![terms(1, 10), terms(1, 20)]] {
        let mut pen = Pen::resume(super::street::key("李叔"), &street.replica(), &li.journal()).unwrap();
        let entry = pen.write(NO_ENTRY, street.entry_time(), Body::GrantList(GrantList { terms: bad }));
        assert!(entry.signed().clone().verify().is_err());
        assert_eq!(rule(offer(&street, entry)), Some(LIST));
    }
}

#[test]
fn an_epoch_whose_fund_is_out_of_form_is_believed_by_nobody() {
    let (mut street, mut li, ..) = street();
    let twice = Fund { rates: vec![(Act::Shift, Points(1)), (Act::Shift, Points(2))], ..Fund::default() };
    let hash = street.write(&mut li, NO_ENTRY, funded(1, NO_ENTRY, &[], twice));
    assert!(street.entry(hash).signed().clone().verify().is_err());
}

#[test]
fn a_closed_device_loses_what_it_signs_in_its_fund_journal_after_that() {
    let (mut street, mut li, mut chen, certificate) = street();
    let hers = street.member("陈姨");
    let tablet = street.write(&mut chen, NO_ENTRY, super::street::link("陈姨的平板"));
    let mut tablet = street.open("陈姨的平板", "陈姨", 0, Basis::Link(tablet), NO_ENTRY);
    let named = street.write(&mut li, NO_ENTRY, epoch(1, NO_ENTRY, &[(hers, Role::Treasurer)]));
    let mut purse = street.open("陈姨", "陈姨", FUND_NONCE, Basis::Certificate(certificate), named);
    let terms =
        Terms { to: li.journal(), member: street.member("李叔"), points: Points(20), purpose: Purpose::Starter };
    let body = Body::GrantList(GrantList { terms: vec![terms] });
    let before = street.write(&mut purse, named, body.clone());
    let device = super::street::key("陈姨").id();
    let tips = street.replica().tips_of(&hers, &device);
    assert_eq!(tips.len(), 2, "her own journal and the fund's");
    street.write(&mut tablet, named, Body::Cut(kaifong_trust::entry::Cut { device, tips }));
    let after = street.write(&mut purse, named, body);
    let journals = street.replica();
    assert!(journals.counts(&before) && !journals.counts(&after));
}
