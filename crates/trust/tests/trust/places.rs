//! The map that an epoch draws, and what a certificate says of a household.

use kaifong_domain::charter::Charter;
use kaifong_domain::place::{BLOCKS_MAX, Block, BlockKind, PLACE_CHARS_MAX, PlaceId, PlaceMap, ZONES_MAX, Zone};
use kaifong_domain::{EntryHash, MemberId};
use kaifong_trust::entry::{
    Body, Certificate, Cutoff, Entry, Epoch, EpochCutting, HouseholdTag, MemberKind, NO_ENTRY, PublicHousehold, Role,
    SealKey,
};
use kaifong_trust::page::PublicPage;
use kaifong_trust::{Signed, encode};
use serde::Serialize;

use super::street::{Street, epoch, key, seal_of};

fn map(zones: usize, blocks: usize, letter: &str) -> PlaceMap {
    let name = |at: usize| format!("{at}{}", letter.repeat(PLACE_CHARS_MAX - 3));
    let block = |at: usize| Block { id: PlaceId(1_000 + at as u32), name: name(at), kind: BlockKind::Tower };
    let zone = |at: usize| Zone {
        id: PlaceId(1 + at as u32),
        name: name(at),
        blocks: (0..blocks).filter(|of| of % zones == at).map(block).collect(),
    };
    PlaceMap { zones: (0..zones).map(zone).collect() }
}

fn drawn(number: u32, prev: EntryHash, roles: &[(MemberId, Role)], places: PlaceMap) -> Body {
    let Body::Epoch(epoch) = epoch(number, prev, roles) else { unreachable!() };
    Body::Epoch(Epoch { places, ..epoch })
}

/// An epoch as it was written before there were maps.
#[derive(Serialize)]
struct EpochBefore {
    number: u32,
    prev: EntryHash,
    roles: Vec<(MemberId, Role)>,
    witnesses: Vec<kaifong_domain::DeviceId>,
    charter: Charter,
    seats: Vec<kaifong_trust::entry::Seat>,
}

#[test]
fn an_epoch_that_was_signed_before_there_were_maps_reads_as_it_did_and_is_written_alike() {
    let roles = vec![(MemberId([7; 16]), Role::Reviewer)];
    let Body::Epoch(now) = epoch(1, NO_ENTRY, &roles) else { unreachable!() };
    let before = EpochBefore {
        number: 1,
        prev: NO_ENTRY,
        roles,
        witnesses: Vec::new(),
        charter: Charter::default(),
        seats: Vec::new(),
    };
    assert_eq!(encode(&now), encode(&before));
    assert_eq!(kaifong_trust::decode_exact::<Epoch>(&encode(&before), "epoch").unwrap(), now);
}

#[test]
fn an_epoch_that_draws_the_map_and_cuts_somebody_off_reads_as_it_was_signed() {
    let Body::Epoch(plain) = drawn(2, EntryHash([3; 32]), &[], map(2, 5, "栋")) else { unreachable!() };
    let cutoffs = vec![Cutoff { member: MemberId([9; 16]), tips: Vec::new() }];
    for epoch in [plain.clone(), Epoch { places: PlaceMap::default(), ..plain }] {
        let body = Body::EpochCutting(EpochCutting { cutoffs: cutoffs.clone(), epoch });
        assert_eq!(kaifong_trust::decode_exact::<Body>(&encode(&body), "body").unwrap(), body);
    }
}

#[test]
fn a_certificate_without_a_household_is_written_as_before() {
    #[derive(Serialize)]
    struct Before(MemberId, kaifong_domain::DeviceId, SealKey, MemberKind, [u8; 32]);
    let (member, device) = (MemberId([3; 16]), key("陈姨").id());
    let (seal, kind, commitment) = (seal_of("陈姨"), MemberKind::Person, [5; 32]);
    let now = Certificate { member, device, seal, kind, commitment, household: PublicHousehold::default() };
    assert_eq!(encode(&now), encode(&Before(member, device, seal, kind, commitment)));
}

#[test]
fn the_largest_map_fits_into_an_entry_and_a_larger_one_is_believed_by_nobody() {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, kaifong_trust::entry::Basis::Genesis, NO_ENTRY);
    let largest = street.write(&mut li, NO_ENTRY, drawn(1, NO_ENTRY, &[], map(ZONES_MAX, BLOCKS_MAX, "栋")));
    let bytes = street.entry(largest).signed().size_bytes();
    assert!(bytes < 10 * 1024, "{bytes} bytes leave no room for who holds what");
    assert!(street.entry(largest).signed().clone().verify().is_ok());
    let mut twice = map(2, 4, "栋");
    twice.zones[1].name = twice.zones[0].name.clone();
    let table = [map(ZONES_MAX + 1, BLOCKS_MAX, "栋"), map(4, BLOCKS_MAX + 1, "栋"), map(3, 2, "栋"), twice];
    for bad in table {
        let signed = Signed::<Entry>::from_bytes(
            &li.write(NO_ENTRY, street.entry_time(), drawn(1, NO_ENTRY, &[], bad)).signed().to_bytes(),
        );
        assert!(signed.unwrap().verify().is_err());
    }
}

#[test]
fn a_newcomer_reads_the_newest_map_off_the_public_page() {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, kaifong_trust::entry::Basis::Genesis, NO_ENTRY);
    let first = street.write(&mut li, NO_ENTRY, drawn(1, NO_ENTRY, &[], map(1, 3, "栋")));
    street.write(&mut li, first, drawn(2, first, &[], map(2, 6, "组")));
    let journals = street.replica();
    assert_eq!(journals.roster().now().places, map(2, 6, "组"));
    let page = PublicPage::compose(&street.genesis, &journals, journals.roster(), &key("李叔").id());
    assert_eq!(page.verify(&key("李叔").id()).unwrap().places, map(2, 6, "组"));
}

#[test]
fn a_household_has_one_vote_however_many_hold_it_and_nobody_gives_it_to_themselves() {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, kaifong_trust::entry::Basis::Genesis, NO_ENTRY);
    let with = |street: &Street, name: &str, votes_for| match street.certificate(name, MemberKind::Person) {
        Body::Certify(certificate) => {
            Body::Certify(Certificate { household: PublicHousehold { block: None, votes_for }, ..certificate })
        }
        _ => unreachable!(),
    };
    let tag = Some(HouseholdTag([9; 16]));
    let certified = street.write(&mut li, NO_ENTRY, with(&street, "王姐", tag));
    street.write(&mut li, NO_ENTRY, with(&street, "老何", tag));
    street.write(&mut li, NO_ENTRY, with(&street, "何奶奶", None));
    // 王姐 is no reviewer: what she signs for herself or others gives nobody a vote.
    let mut wang = street.open("王姐", "王姐", 0, kaifong_trust::entry::Basis::Certificate(certified), NO_ENTRY);
    street.write(&mut wang, NO_ENTRY, with(&street, "何奶奶", Some(HouseholdTag([1; 16]))));
    street.write(&mut wang, NO_ENTRY, with(&street, "王姐", Some(HouseholdTag([2; 16]))));
    let households = street.replica().roster().households();
    let both = [street.member("王姐"), street.member("老何")].into_iter().collect();
    assert_eq!(households.into_iter().collect::<Vec<_>>(), [(HouseholdTag([9; 16]), both)]);
}
