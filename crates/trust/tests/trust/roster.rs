//! Who is who, when neighbours are hostile or mistaken.

use kaifong_domain::EntryHash;
use kaifong_trust::entry::{Basis, Body, Certificate, MemberKind, NO_ENTRY, PublicHousehold, Role};
use kaifong_trust::{DeviceKey, Distrust, Pen};

use crate::street::*;

/// 李叔 has founded, and 陈姨 reviews with him; 赵六 is a neighbour with no role.
fn street() -> (Street, Pen, Pen, Pen, EntryHash) {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let chen = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let zhao = street.certify(&mut li, NO_ENTRY, "赵六", MemberKind::Person);
    let first = street.write(&mut li, NO_ENTRY, epoch(1, NO_ENTRY, &[(street.member("陈姨"), Role::Reviewer)]));
    let chen = street.open("陈姨", "陈姨", 0, Basis::Certificate(chen), first);
    let zhao = street.open("赵六", "赵六", 0, Basis::Certificate(zhao), first);
    (street, li, chen, zhao, first)
}

#[test]
fn a_strangers_device_is_not_taken_by_a_link() {
    let (mut street, mut li, _, mut zhao, first) = street();
    street.write(&mut zhao, first, link("孙七"));
    let journals = street.replica();
    let sun = key("孙七").id();
    assert_eq!(journals.roster().settled(&sun), None, "孙七 has not agreed");
    assert!(!journals.roster().member(&street.member("赵六")).unwrap().devices.contains(&sun));
    street.certify(&mut li, first, "孙七", MemberKind::Person);
    let journals = street.replica();
    assert_eq!(journals.roster().device(&sun).unwrap().member, street.member("孙七"));
}

#[test]
fn a_device_that_has_agreed_to_a_link_is_not_taken_by_a_certificate() {
    let (mut street, _, mut chen, mut zhao, first) = street();
    let linked = street.write(&mut zhao, first, link("赵六的手机"));
    let mut phone = street.open("赵六的手机", "赵六", 0, Basis::Link(linked), first);
    let certified = street.certify(&mut chen, first, "赵六的手机", MemberKind::Person);
    let of = |street: &Street| street.replica().roster().device(&key("赵六的手机").id()).unwrap().member;
    assert_eq!(of(&street), street.member("赵六"), "the reviewer's word does not outweigh the device's own");
    street.write(&mut phone, first, link("赵六的手表"));
    street.open("赵六的手机", "赵六的手机", 0, Basis::Certificate(certified), first);
    assert_eq!(of(&street), street.member("赵六的手机"), "it has agreed to the certificate itself");
    let journals = street.replica();
    let devices = |name: &str| journals.roster().member(&street.member(name)).unwrap().devices.clone();
    assert!(!devices("赵六").contains(&key("赵六的手机").id()));
    assert!(devices("赵六的手机").contains(&key("赵六的手机").id()));
}

#[test]
fn the_founder_stays_the_founder() {
    let (mut street, _, mut chen, mut zhao, first) = street();
    street.certify(&mut chen, first, "李叔", MemberKind::Desk);
    let mine = street.write(&mut zhao, first, link("李叔"));
    street.open("李叔", "赵六", 0, Basis::Link(mine), first);
    let journals = street.replica();
    let founder = journals.roster().member(&street.member("李叔")).unwrap();
    assert_eq!((founder.kind, founder.verified_by), (MemberKind::Person, None));
    assert_eq!(journals.roster().device(&key("李叔").id()).unwrap().basis, Basis::Genesis);
}

#[test]
fn a_certificate_counts_by_the_epoch_that_it_names() {
    let (mut street, mut li, mut chen, mut zhao, first) = street();
    let second = street.write(&mut li, first, epoch(2, first, &[]));
    let table = [
        ("甲", street.certify(&mut chen, first, "甲", MemberKind::Person), true),
        ("乙", street.certify(&mut chen, second, "乙", MemberKind::Person), false),
        ("丙", street.certify(&mut chen, NO_ENTRY, "丙", MemberKind::Person), false),
        ("丁", street.certify(&mut zhao, first, "丁", MemberKind::Person), false),
        ("戊", street.certify(&mut li, second, "戊", MemberKind::Person), true),
    ];
    let journals = street.replica();
    for (name, certificate, counts) in table {
        assert_eq!(journals.roster().has_authority(&certificate), counts, "{name}");
        assert_eq!(journals.roster().member(&street.member(name)).is_some(), counts, "{name}");
    }
}

#[test]
fn nobody_but_the_founder_decides_an_epoch() {
    let (mut street, mut li, mut chen, mut zhao, first) = street();
    let own = [(street.member("赵六"), Role::Reviewer)];
    let by_zhao = street.write(&mut zhao, first, epoch(2, first, &own));
    let on_that = street.write(&mut li, first, epoch(3, by_zhao, &own));
    let skipped = street.write(&mut li, first, epoch(7, first, &own));
    let by_reviewer = street.write(&mut chen, first, epoch(2, first, &own));
    // A certificate that names an epoch without authority has none either, the founder's included.
    let certified = street.certify(&mut li, by_zhao, "甲", MemberKind::Person);
    let journals = street.replica();
    for hash in [by_zhao, on_that, skipped, by_reviewer] {
        assert!(journals.entry(&hash).is_some(), "it is kept");
        assert_eq!(journals.roster().epoch_at(&hash), None, "and has no effect");
    }
    assert!(!journals.roster().has_authority(&certified));
    assert_eq!(journals.roster().newest_epoch(), first);
}

#[test]
fn two_epochs_that_stand_against_each_other_give_way_to_what_the_founder_says_next() {
    let (mut street, mut li, _, _, first) = street();
    let before = Pen::resume(key("李叔"), &street.replica(), &li.journal()).unwrap();
    let one = street.write(&mut li, first, epoch(2, first, &[]));
    // The founder's phone was set back to a backup and decides again.
    let mut restored = before;
    let other = street.write(&mut restored, first, epoch(2, first, &[(street.member("赵六"), Role::Reviewer)]));
    let journals = street.replica();
    assert_eq!(journals.roster().newest_epoch(), first, "neither leads on");
    assert_eq!(journals.roster().next_epoch(), (one.min(other), 3));
    let (prev, number) = journals.roster().next_epoch();
    let third = street.write(&mut li, first, epoch(number, prev, &[]));
    let journals = street.replica();
    assert_eq!(journals.roster().newest_epoch(), third);
    assert_eq!(journals.roster().next_epoch(), (third, 4));
}

#[test]
fn roles_ascend_and_stand_once() {
    let (street, li, _, _, first) = street();
    let mut both = [(street.member("陈姨"), Role::Reviewer), (street.member("赵六"), Role::Volunteer)];
    both.sort_unstable();
    let [one, other] = both;
    let table = [(vec![one, other], true), (vec![other, one], false), (vec![one, one], false), (vec![], true)];
    for (roles, fits) in table {
        let mut pen = Pen::resume(key("李叔"), &street.replica(), &li.journal()).unwrap();
        let entry = pen.write(first, kaifong_domain::Instant(1), epoch(2, first, &roles));
        assert_eq!(entry.signed().clone().verify().is_ok(), fits, "{roles:?}");
    }
}

#[test]
fn a_role_that_was_taken_away_is_not_had_again_by_naming_an_older_epoch() {
    let (mut street, mut li, mut chen, _, first) = street();
    let second = street.write(&mut li, first, epoch(2, first, &[]));
    street.certify(&mut chen, second, "甲", MemberKind::Person);
    let mut journals = street.replica();
    let held = journals.len();
    let seal = kaifong_trust::envelope::SealSecret::of(&key("乙")).public();
    let (member, device) = (street.member("乙"), key("乙").id());
    let body = Certificate {
        member,
        device,
        seal,
        kind: MemberKind::Person,
        commitment: [0; 32],
        household: PublicHousehold::default(),
    };
    let back = chen.write(first, kaifong_domain::Instant(9), kaifong_trust::entry::Body::Certify(body));
    let refused = journals.offer(back).unwrap_err();
    assert_eq!(refused.to_string(), Distrust::Rule { rule: "a journal names no older epoch than before" }.to_string());
    assert_eq!(journals.len(), held);
    assert!(journals.roster().member(&member).is_none());
}

#[test]
fn an_epoch_that_nobody_else_would_take_is_not_taken_by_its_own_device() {
    let (mut street, mut li, _, _, first) = street();
    let mut journals = street.replica();
    let many: Vec<_> = (0..2_000_u32)
        .map(|number| {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&number.to_le_bytes());
            let device = DeviceKey::from_seed(seed).id();
            (kaifong_domain::MemberId::derive(&street.building, &device), Role::Answerer)
        })
        .collect();
    let huge = street.write(&mut li, first, epoch(2, first, &many));
    let huge = street.entry(huge);
    assert!(huge.signed().clone().verify().is_err());
    assert!(journals.offer(huge).is_err());
}

#[test]
fn a_device_that_was_linked_twice_is_whose_it_says() {
    let (mut street, _, mut chen, mut zhao, first) = street();
    let by_chen = street.write(&mut chen, first, link("新手机"));
    let by_zhao = street.write(&mut zhao, first, link("新手机"));
    let open = street.replica().roster().device(&key("新手机").id()).unwrap();
    assert_eq!(open.basis, Basis::Link(by_chen.min(by_zhao)), "until then every replica names the same");
    street.open("新手机", "陈姨", 0, Basis::Link(by_chen), first);
    let journals = street.replica();
    assert_eq!(journals.roster().settled(&key("新手机").id()).unwrap().member, street.member("陈姨"));
    let linked = |hash: &EntryHash| matches!(journals.entry(hash).unwrap().value().body, Body::Link(_));
    assert!(linked(&by_zhao), "the other word is kept");
}
