//! The same entries in any order of arrival: the same journals, the same roster.

use kaifong_domain::{EntryHash, Instant, Points};
use kaifong_trust::entry::{Basis, Body, Entry, MemberKind, NO_ENTRY, Open, Role, Stamp, Transfer};
use kaifong_trust::journals::Offered;
use kaifong_trust::{Journals, Verified};
use proptest::prelude::*;

use crate::street::*;

/// A building in which all went wrong that can: forks, links to strangers, two certificates for one newcomer, epochs
/// that stand against each other, words without authority.
fn a_street_with_everything() -> Street {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let chen = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let desk = street.certify(&mut li, NO_ENTRY, "共享小屋", MemberKind::Desk);
    let zhao = street.certify(&mut li, NO_ENTRY, "赵六", MemberKind::Person);
    let roles = [(street.member("陈姨"), Role::Reviewer)];
    let first = street.write(&mut li, NO_ENTRY, epoch_with(1, NO_ENTRY, &roles, vec![key("共享小屋").id()]));

    let mut chen = street.open("陈姨", "陈姨", 0, Basis::Certificate(chen), first);
    let mut desk = street.open("共享小屋", "共享小屋", 0, Basis::Certificate(desk), first);
    let mut zhao = street.open("赵六", "赵六", 0, Basis::Certificate(zhao), first);

    // Two reviewers approve 马乐 while apart, as different kinds; 马乐 opens one journal twice, on either certificate.
    let by_chen = street.certify(&mut chen, first, "马乐", MemberKind::Person);
    let by_li = street.certify(&mut li, first, "马乐", MemberKind::Organisation);
    let mut ma = street.open("马乐", "马乐", 0, Basis::Certificate(by_chen), first);
    street.open("马乐", "马乐", 0, Basis::Certificate(by_li), first);

    // 马乐's tablet is linked and agrees; 赵六 links it too, and a stranger's phone; 陈姨 certifies the tablet as a member.
    let tablet = street.write(&mut ma, first, link("马乐的平板"));
    street.write(&mut zhao, first, link("马乐的平板"));
    let stranger = street.write(&mut zhao, first, link("孙七"));
    let mut tablet = street.open("马乐的平板", "马乐", 0, Basis::Link(tablet), first);
    street.certify(&mut chen, first, "马乐的平板", MemberKind::Person);
    street.certify(&mut chen, first, "孙七", MemberKind::Person);
    street.open("孙七", "赵六", 3, Basis::Link(stranger), first);

    // 赵六 certifies without being a reviewer; who rests on it does not get in, nor what follows.
    let worthless = street.certify(&mut zhao, first, "周八", MemberKind::Person);
    let mut zhou = street.open("周八", "周八", 0, Basis::Certificate(worthless), first);
    street.write(&mut zhou, first, link("周八的手机"));
    // A certificate for the founder replaces nobody.
    street.certify(&mut chen, first, "李叔", MemberKind::Desk);

    // The founder's two devices decide apart; later one of the two epochs is followed.
    let pad = street.write(&mut li, first, link("李叔的平板"));
    let mut pad = street.open("李叔的平板", "李叔", 0, Basis::Link(pad), first);
    let one = street.write(&mut li, first, epoch(2, first, &[]));
    let other = street.write(&mut pad, first, epoch(2, first, &roles));
    street.write(&mut pad, other, epoch(3, one.max(other), &roles));
    // An epoch by somebody else, and one that skips a number.
    street.write(&mut zhao, first, epoch(4, one, &[(street.member("赵六"), Role::Reviewer)]));
    street.write(&mut li, first, epoch(9, one, &[]));

    // Points, a stamp and its citation; and 赵六 forks.
    let to = chen.journal();
    let paid = street.write(&mut ma, first, Body::Transfer(Transfer { to, points: Points(20), reason: None }));
    street.write(&mut chen, first, Body::Accept { transfer: paid });
    let declined = street.write(&mut chen, first, Body::Decline { transfer: paid });
    street.write(&mut ma, first, Body::Reclaim { decline: declined });
    let stamp = Stamp { journal: ma.journal(), seq: 3, hash: ma.tip(), rights: 80 };
    let stamp = street.write(&mut desk, first, Body::Stamp(stamp));
    street.write(&mut ma, first, Body::Cite { stamp });
    street.write(&mut tablet, first, link("马乐的手表"));
    let tip = street.entry(zhao.tip());
    for name in ["甲", "乙"] {
        street.entries.push(Forgery::of("赵六", &tip).with(|entry| entry.body = link(name)).signed());
    }
    street
}

/// A building made of noise: eight devices, each entry after any earlier one, naming anything.
fn a_noisy_street(noise: &[[u8; 6]]) -> Street {
    const NAMES: [&str; 8] = ["李叔", "陈姨", "马乐", "赵六", "孙七", "周八", "吴九", "郑十"];
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    for [who, kind, other, named, at, before] in noise {
        let name = |byte: &u8| NAMES[usize::from(*byte) % NAMES.len()];
        let by = key(name(who));
        let any = |byte: &u8| street.entries[usize::from(*byte) % street.entries.len()].clone();
        let hash = |byte: &u8| EntryHash(any(byte).hash());
        let mut epochs = vec![NO_ENTRY];
        epochs.extend(
            street.entries.iter().filter(|e| matches!(e.value().body, Body::Epoch(_))).map(|e| EntryHash(e.hash())),
        );
        let epoch_named = epochs[usize::from(*at) % epochs.len()];
        let number = street.entries.iter().find(|e| e.hash() == epoch_named.0).map_or(1, |e| match &e.value().body {
            Body::Epoch(epoch) => epoch.number + 1,
            _ => 1,
        });
        let own: Vec<_> = street.entries.iter().filter(|entry| entry.signer() == by.id()).collect();
        let opens = own.is_empty() || kind % 8 == 0;
        let entry = if opens {
            let basis = match (&any(named).value().body, named % 16) {
                (_, 0) => Basis::Genesis,
                (Body::Link(_), _) => Basis::Link(hash(named)),
                _ => Basis::Certificate(hash(named)),
            };
            let member = street.member(name(other));
            let entry = opening(name(who), member, street.building, u64::from(before % 2), basis);
            Entry { epoch: epoch_named, ..entry }
        } else {
            let prev = own[usize::from(*before) % own.len()];
            let body = match kind % 8 {
                1 | 2 => street.certificate(name(other), MemberKind::Person),
                3 | 4 => link(name(other)),
                5 => epoch(number, epoch_named, &[(street.member(name(other)), Role::Reviewer)]),
                6 => Body::Accept { transfer: hash(named) },
                _ => Body::Transfer(Transfer { to: prev.value().journal, points: Points(1), reason: None }),
            };
            Entry {
                building: street.building,
                journal: prev.value().journal,
                seq: prev.value().seq + 1,
                prev: EntryHash(prev.hash()),
                epoch: epoch_named,
                at: Instant(u64::from(*at)),
                body,
            }
        };
        street.entries.push(by.sign(entry));
    }
    street
}

fn agrees(one: &Journals, other: &Journals) {
    assert_eq!(fingerprints(one), fingerprints(other));
    assert_eq!(roster_digest(one), roster_digest(other));
    assert_eq!(one.len(), other.len());
    for (a, b) in one.journals().zip(other.journals()) {
        assert_eq!((a.open, a.forked_at(), a.len()), (b.open, b.forked_at(), b.len()));
    }
    for (id, member) in one.roster().members() {
        let found = one.roster().devices().filter(|(_, device)| device.member == *id).map(|(id, _)| *id);
        assert_eq!(member.devices, found.collect(), "a member's devices are those that are theirs");
    }
}

/// What an entry names has been admitted before it.
fn is_causal(journals: &Journals) {
    for entry in journals.since(0) {
        let place = journals.place(&EntryHash(entry.hash())).unwrap();
        let named = [entry.value().prev, entry.value().epoch].into_iter().chain(entry.value().body.names());
        for hash in named.filter(|hash| *hash != NO_ENTRY) {
            assert!(journals.place(&hash).unwrap() < place);
        }
    }
}

#[test]
fn the_street_is_what_it_is_meant_to_be() {
    let journals = a_street_with_everything().replica();
    let street = a_street_with_everything();
    let roster = journals.roster();
    let of = |name: &str| roster.device(&key(name).id()).map(|device| device.member);
    assert_eq!(of("马乐的平板"), Some(street.member("马乐")), "it agreed to be 马乐's before somebody certified it");
    assert_eq!(of("孙七"), Some(street.member("赵六")), "it agreed to be 赵六's");
    assert_eq!(of("周八"), None, "its certificate has no authority");
    assert_eq!(roster.member(&street.member("李叔")).unwrap().kind, MemberKind::Person, "the founder is not replaced");
    let firms = ["马乐", "陈姨", "共享小屋", "周八", "李叔"].map(|name| roster.was_organisation(&street.member(name)));
    assert_eq!(firms, [true, false, false, false, false], "one of the two certificates calls 马乐 an organisation");
    assert_eq!(roster.now().number, 3, "the epoch that was followed ends the stalemate");
    assert!(journals.journal(&street.journal("赵六", "赵六", 0)).unwrap().forked_at().is_some());
    assert_eq!(journals.journal(&street.journal("马乐", "马乐", 0)).unwrap().forked_at(), Some(0));
    assert!(journals.journal(&street.journal("周八", "周八", 0)).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_leads_to_the_same_building(
        shuffled in Just(a_street_with_everything().entries).prop_shuffle(),
    ) {
        let street = a_street_with_everything();
        let mut journals = street.empty();
        let mut told = Vec::new();
        for entry in shuffled {
            if let Ok(Offered::Admitted(entries)) = journals.offer(entry) {
                told.extend(entries.iter().map(|entry| entry.hash()));
            }
        }
        agrees(&journals, &street.replica());
        is_causal(&journals);
        prop_assert!(journals.roster().was_organisation(&street.member("马乐")), "whichever certificate came first");
        let held: Vec<_> = journals.since(0).map(|entry| entry.hash()).collect();
        prop_assert_eq!(told, held, "each entry is told of once, in the order of its admission");
    }

    #[test]
    fn any_order_of_noise_leads_to_the_same_building(
        noise in proptest::collection::vec(any::<[u8; 6]>(), 1..60),
        keys in proptest::collection::vec(any::<u64>(), 62),
    ) {
        let street = a_noisy_street(&noise);
        let mut shuffled: Vec<(u64, Verified<Entry>)> = keys.into_iter().zip(street.entries.iter().cloned()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let mut journals = street.empty();
        offer_all(&mut journals, shuffled.into_iter().map(|(_, entry)| entry));
        agrees(&journals, &street.replica());
        is_causal(&journals);
    }
}

#[test]
fn of_two_opening_entries_every_replica_names_the_same() {
    let street = a_street_with_everything();
    let id = street.journal("马乐", "马乐", 0);
    let openings: Vec<_> = street
        .entries
        .iter()
        .filter(|entry| entry.value().journal == id && matches!(entry.value().body, Body::Open(Open { .. })))
        .cloned()
        .collect();
    assert_eq!(openings.len(), 2);
    let basis = |order: [usize; 2]| {
        let mut journals = street.empty();
        let others = street.entries.iter().filter(|entry| !openings.iter().any(|open| open.hash() == entry.hash()));
        offer_all(&mut journals, others.cloned());
        offer_all(&mut journals, order.map(|at| openings[at].clone()));
        journals.journal(&id).unwrap().open.basis
    };
    assert_eq!(basis([0, 1]), basis([1, 0]));
}
