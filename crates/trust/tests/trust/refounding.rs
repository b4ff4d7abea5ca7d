//! A building that is founded anew: who may say so, who follows, and that the order of arrival changes nothing.

use kaifong_domain::{BuildingId, EntryHash, MemberId};
use kaifong_trust::entry::{Basis, Body, Cut, Genesis, MemberKind, NO_ENTRY, Tip};
use kaifong_trust::invite::Code;
use kaifong_trust::refounding::{Following, Refounding, nonce_after};
use kaifong_trust::{Pen, Signed};
use proptest::prelude::*;

use crate::street::*;

fn anew(old: &BuildingId, member: &MemberId, device: &str, name: &str) -> Signed<Genesis> {
    let nonce = nonce_after(old, member);
    key(device).sign(Genesis { nonce, ..genesis(name) }).signed().clone()
}

fn refound(genesis: Signed<Genesis>) -> Body {
    let invite: Code = "ABCD-EFGH-JKMN".parse().unwrap();
    Body::Refound(Refounding { genesis, invite })
}

struct Scene {
    street: Street,
    ma: Pen,
    wang: Pen,
}

fn scene() -> Scene {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let [of_ma, of_wang] = ["小马", "王姨"].map(|name| street.certify(&mut li, NO_ENTRY, name, MemberKind::Person));
    let ma = street.open("小马", "小马", 0, Basis::Certificate(of_ma), NO_ENTRY);
    let wang = street.open("王姨", "王姨", 0, Basis::Certificate(of_wang), NO_ENTRY);
    Scene { street, ma, wang }
}

#[test]
fn a_new_genesis_names_the_old_building_and_who_founds_it() {
    let Scene { mut street, mut ma, mut wang } = scene();
    let (old, founder) = (street.building, street.member("小马"));
    let another = key("小马的新家").sign(genesis("榕荫里")).signed().clone();
    street.write(&mut ma, NO_ENTRY, refound(another));
    let mut journals = street.replica();
    assert!(journals.refoundings().is_empty(), "a genesis that names nothing founds nothing anew");
    assert_eq!(journals.len(), 5, "and its entry is refused");
    // 王姨 does not pass for the founder of what 小马 has founded.
    let theirs = anew(&old, &founder, "小马的新家", "榕荫里");
    let claimed = street.write(&mut wang, NO_ENTRY, refound(theirs.clone()));
    assert!(!is_admitted(&journals.offer(street.entry(claimed))));
    let Scene { mut street, mut ma, .. } = scene();
    let told = street.write(&mut ma, NO_ENTRY, refound(theirs.clone()));
    let refoundings = street.replica().refoundings();
    let refounded = &refoundings[&told];
    assert_eq!((refounded.by, refounded.door), (founder, key("小马的新家").id()));
    assert_eq!((refounded.building, refounded.name.as_str()), (BuildingId(theirs.hash()), "榕荫里"));
}

#[test]
fn who_follows_is_told_and_a_closed_phone_follows_nobody() {
    let Scene { mut street, mut ma, mut wang } = scene();
    let theirs = anew(&street.building, &street.member("小马"), "小马的新家", "榕荫里");
    let refounding = street.write(&mut ma, NO_ENTRY, refound(theirs));
    let follow = |device: &str| Body::Follow(Following { refounding, device: key(device).id() });
    let followed = street.write(&mut wang, NO_ENTRY, follow("王姨的新家"));
    let last = street.entry(followed).value().clone();
    let tips = vec![Tip { journal: last.journal, seq: last.seq, hash: followed }];
    street.write(&mut wang, NO_ENTRY, Body::Cut(Cut { device: key("王姨").id(), tips }));
    street.write(&mut wang, NO_ENTRY, follow("贼的"));
    let journals = street.replica();
    let followers: Vec<_> = journals.refoundings().remove(&refounding).unwrap().followers.into_values().collect();
    assert_eq!(followers, [(street.member("王姨"), key("王姨的新家").id())]);
}

#[test]
fn who_follows_names_a_new_founding_and_nothing_else() {
    let Scene { mut street, mut wang, .. } = scene();
    let opening = EntryHash(street.entries[0].hash());
    let wrong = Body::Follow(Following { refounding: opening, device: key("王姨的新家").id() });
    let wrong = street.write(&mut wang, NO_ENTRY, wrong);
    let mut journals = street.replica();
    assert!(!is_admitted(&journals.offer(street.entry(wrong))));
}

fn a_street_founded_twice() -> Street {
    let Scene { mut street, mut ma, mut wang } = scene();
    let founder = street.member("小马");
    for (device, name) in [("小马的新家", "榕荫里"), ("小马的第二个新家", "榕荫新里")] {
        let told = street.write(&mut ma, NO_ENTRY, refound(anew(&street.building, &founder, device, name)));
        let follows = Body::Follow(Following { refounding: told, device: key("王姨的新家").id() });
        street.write(&mut wang, NO_ENTRY, follows);
    }
    street
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn new_foundings_in_any_order_of_arrival_are_told_alike(
        shuffled in Just(a_street_founded_twice().entries).prop_shuffle(),
    ) {
        let street = a_street_founded_twice();
        let mut journals = street.empty();
        offer_all(&mut journals, shuffled);
        let told = journals.refoundings();
        prop_assert_eq!(&told, &street.replica().refoundings());
        let names: Vec<_> = told.values().map(|told| told.name.as_str()).collect();
        prop_assert_eq!(names, ["榕荫新里"], "who founds twice means the second");
        prop_assert_eq!(roster_digest(&journals), roster_digest(&street.replica()));
    }
}
