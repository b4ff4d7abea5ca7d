//! Lost, stolen and changed devices (rule M6): what still counts, whoever hears of it when.

use kaifong_domain::{EntryHash, Instant, JournalId};
use kaifong_trust::entry::{Approval, Basis, Body, Cut, Entry, Link, MemberKind, NO_ENTRY, Recovery, Role, Tip};
use kaifong_trust::journals::Offered;
use kaifong_trust::paper::SheetSecret;
use kaifong_trust::recovery::{Claim, Declaration};
use kaifong_trust::{Distrust, Journals, Pen, Verified};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use crate::street::*;

fn paper(seed: u64) -> SheetSecret {
    SheetSecret::generate(&mut ChaCha8Rng::seed_from_u64(seed))
}

/// A member declares a sheet.
fn declared(street: &Street, member: &str, paper: &SheetSecret, number: u32) -> Body {
    Body::Sheet(Declaration::of(paper, street.building, street.member(member), number))
}

fn new(name: &str) -> Link {
    Link { device: key(name).id(), seal: seal_of(name) }
}

/// A cut of a device at some entries of its journals.
fn cut(street: &Street, device: &str, at: &[EntryHash]) -> Cut {
    let tip = |hash: &EntryHash| {
        let entry = street.entry(*hash);
        Tip { journal: entry.value().journal, seq: entry.value().seq, hash: *hash }
    };
    let mut tips: Vec<Tip> = at.iter().map(tip).collect();
    tips.sort_unstable_by_key(|tip| tip.journal);
    Cut { device: key(device).id(), tips }
}

fn claim(street: &Street, paper: &SheetSecret, sheet: EntryHash, name: Option<&str>, cuts: Vec<Cut>) -> Body {
    let claim = Claim { building: street.building, new: name.map(new), cuts };
    Body::Recover(Recovery { sheet, claim: paper.key().sign(claim).signed().clone() })
}

/// 李叔 founds; 陈姨 and 何姐 review; 马乐 has a phone and a tablet.
struct Scene {
    street: Street,
    epoch: EntryHash,
    li: Pen,
    chen: Pen,
    he: Pen,
    ma: Pen,
    tablet: Pen,
}

fn scene() -> Scene {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let names = ["陈姨", "何姐", "马乐"];
    let words = names.map(|name| street.certify(&mut li, NO_ENTRY, name, MemberKind::Person));
    let mut roles = [(street.member("陈姨"), Role::Reviewer), (street.member("何姐"), Role::Reviewer)];
    roles.sort_unstable();
    let epoch = street.write(&mut li, NO_ENTRY, epoch_with(1, NO_ENTRY, &roles, Vec::new()));
    let [chen, he, mut ma] =
        [0, 1, 2].map(|at| street.open(names[at], names[at], 0, Basis::Certificate(words[at]), epoch));
    let word = street.write(&mut ma, epoch, link("马乐的平板"));
    let tablet = street.open("马乐的平板", "马乐", 0, Basis::Link(word), epoch);
    Scene { street, epoch, li, chen, he, ma, tablet }
}

fn stands(journals: &Journals, name: &str) -> bool {
    journals.roster().settled(&key(name).id()).is_some()
}

fn opening_of(street: &Street, journal: JournalId) -> EntryHash {
    EntryHash(street.entries.iter().find(|entry| entry.value().journal == journal).unwrap().hash())
}

// proves: A5 A27 A28
#[test]
fn what_a_stolen_phone_signs_after_it_was_closed_counts_for_nothing() {
    let Scene { mut street, epoch, mut chen, mut he, .. } = scene();
    // 陈姨 has a tablet; her phone is stolen, and approves strangers and adds a phone of the thief's.
    let word = street.write(&mut chen, epoch, link("陈姨的平板"));
    let mut tablet = street.open("陈姨的平板", "陈姨", 0, Basis::Link(word), epoch);
    let honest = street.certify(&mut chen, epoch, "周八", MemberKind::Person);
    let last = chen.tip();
    let false_word = street.certify(&mut chen, epoch, "贼的朋友", MemberKind::Person);
    let thiefs = street.write(&mut chen, epoch, link("贼的手机"));
    street.open("周八", "周八", 0, Basis::Certificate(honest), epoch);
    street.open("贼的朋友", "贼的朋友", 0, Basis::Certificate(false_word), epoch);
    let mut thief = street.open("贼的手机", "陈姨", 0, Basis::Link(thiefs), epoch);
    let before = street.replica();
    assert!(stands(&before, "贼的朋友") && stands(&before, "贼的手机"), "nobody knows yet");

    let closing = cut(&street, "陈姨", &[last]);
    street.write(&mut tablet, epoch, Body::Cut(closing));
    // The thief's phone has its own phone raise it, and closes the tablet; both belong to the stolen one alone.
    let all = cut(&street, "陈姨", &[chen.tip()]);
    street.write(&mut thief, epoch, Body::Cut(all.clone()));
    street.write(&mut chen, epoch, Body::Cut(all));
    let after = street.replica();
    let counts = |hash| after.counts(&hash);
    assert!(counts(honest) && counts(last) && !counts(false_word) && !counts(thiefs));
    assert!(stands(&after, "周八"), "whom she approved before stays a neighbour");
    assert!(stands(&after, "陈姨的平板"));
    assert!(!stands(&after, "陈姨") && !stands(&after, "贼的手机") && !stands(&after, "贼的朋友"));
    assert!(after.roster().member(&street.member("贼的朋友")).is_none());
    assert!(after.roster().is_shut(&key("陈姨").id()) && after.roster().is_shut(&key("贼的朋友").id()));
    assert_eq!(after.len(), street.entries.len(), "and all of it is kept as evidence");

    // Another reviewer can still approve the stranger.
    street.certify(&mut he, epoch, "贼的朋友", MemberKind::Person);
    assert!(stands(&street.replica(), "贼的朋友"));
}

#[test]
fn a_cut_is_raised_and_never_lowered() {
    let Scene { mut street, epoch, mut ma, mut tablet, .. } = scene();
    let words = ["甲", "乙", "丙"].map(|name| street.write(&mut ma, epoch, link(name)));
    let watch = street.write(&mut tablet, epoch, link("马乐的手表"));
    let mut watch = street.open("马乐的手表", "马乐", 0, Basis::Link(watch), epoch);
    let middle = cut(&street, "马乐", &[words[1]]);
    street.write(&mut tablet, epoch, Body::Cut(middle));
    let counted = |street: &Street| words.map(|word| street.replica().counts(&word));
    assert_eq!(counted(&street), [true, true, false]);
    let lower = cut(&street, "马乐", &[words[0]]);
    street.write(&mut watch, epoch, Body::Cut(lower));
    assert_eq!(counted(&street), [true, true, false], "a lower one changes nothing");
    let higher = cut(&street, "马乐", &[words[2]]);
    street.write(&mut watch, epoch, Body::Cut(higher));
    assert_eq!(counted(&street), [true, true, true], "a higher one does");
    assert!(!stands(&street.replica(), "马乐"), "and it stays closed");
}

#[test]
fn two_devices_that_cut_each_other_are_both_cut_and_two_reviewers_bring_the_member_back() {
    let Scene { mut street, epoch, mut chen, mut he, mut ma, mut tablet, .. } = scene();
    let (one, other) = (cut(&street, "马乐的平板", &[tablet.tip()]), cut(&street, "马乐", &[ma.tip()]));
    street.write(&mut ma, epoch, Body::Cut(one));
    street.write(&mut tablet, epoch, Body::Cut(other));
    let journals = street.replica();
    assert!(!stands(&journals, "马乐") && !stands(&journals, "马乐的平板"));
    assert!(journals.roster().member(&street.member("马乐")).is_some(), "a member without a device is still a member");

    let member = street.member("马乐");
    let generation = journals.roster().next_generation(&member);
    let cuts = vec![];
    let word = |seconds| {
        let (new, cuts) = (Some(new("马乐的新手机")), cuts.clone());
        Body::Reapprove(Approval { member, new, generation, cuts, seconds })
    };
    let first = street.write(&mut chen, epoch, word(None));
    assert!(!stands(&street.replica(), "马乐的新手机"), "one is not enough");
    let own = street.write(&mut chen, epoch, word(Some(first)));
    street.open("马乐的新手机", "马乐", 7, Basis::Reapprove(own), epoch);
    assert!(!stands(&street.replica(), "马乐的新手机"), "nor is one who says it twice");
    let second = street.write(&mut he, epoch, word(Some(first)));
    let mut fresh = street.open("马乐的新手机", "马乐", 0, Basis::Reapprove(second), epoch);
    let journals = street.replica();
    assert!(stands(&journals, "马乐的新手机"));
    assert!(journals.reapprovals(&member).iter().all(|row| row.is_decided()));

    // Neither of the old ones reaches the new one, and it takes the tablet back.
    let attack = cut(&street, "马乐的新手机", &[]);
    street.write(&mut ma, epoch, Body::Cut(attack));
    let again = street.write(&mut fresh, epoch, link("马乐的平板"));
    street.open("马乐的平板", "马乐", 9, Basis::Link(again), epoch);
    let journals = street.replica();
    assert!(stands(&journals, "马乐的新手机") && stands(&journals, "马乐的平板") && !stands(&journals, "马乐"));
}

#[test]
fn a_living_device_objects_and_then_it_takes_a_third_reviewer() {
    let Scene { mut street, epoch, mut li, mut chen, mut he, mut tablet, .. } = scene();
    let member = street.member("马乐");
    let word = |seconds| {
        let (new, cuts) = (Some(new("陌生手机")), Vec::new());
        Body::Reapprove(Approval { member, new, generation: 1, cuts, seconds })
    };
    let first = street.write(&mut chen, epoch, word(None));
    street.write(&mut tablet, epoch, Body::Object { approval: first });
    let second = street.write(&mut he, epoch, word(Some(first)));
    street.open("陌生手机", "马乐", 0, Basis::Reapprove(second), epoch);
    let journals = street.replica();
    assert!(!stands(&journals, "陌生手机"));
    let asked = journals.reapprovals(&member);
    assert_eq!((asked[0].by.len(), asked[0].needed, asked[0].objected), (2, 3, true));
    street.write(&mut li, epoch, word(Some(first)));
    assert!(stands(&street.replica(), "陌生手机"));
}

// proves: A5 A27
#[test]
fn a_recovery_sheet_brings_a_member_back_and_closes_what_was_lost() {
    let Scene { mut street, epoch, mut he, mut ma, .. } = scene();
    let (old, newer) = (paper(1), paper(2));
    let body = declared(&street, "马乐", &old, 1);
    let first = street.write(&mut ma, epoch, body);
    let body = declared(&street, "马乐", &newer, 2);
    let second = street.write(&mut ma, epoch, body);
    let member = street.member("马乐");
    assert_eq!(street.replica().roster().sheet_of(&member).map(|(hash, _)| hash), Some(second));
    // Whoever finds the old paper gets nothing with it.
    let found = claim(&street, &old, first, Some("拾到旧纸的人"), vec![cut(&street, "马乐", &[])]);
    let found = street.write(&mut he, epoch, found);
    street.open("拾到旧纸的人", "马乐", 0, Basis::Recover(found), epoch);
    let journals = street.replica();
    assert!(!stands(&journals, "拾到旧纸的人") && stands(&journals, "马乐"));

    let lost = cut(&street, "马乐", &[second]);
    let back = claim(&street, &newer, second, Some("马乐的新手机"), vec![lost]);
    let back = street.write(&mut he, epoch, back);
    let mut fresh = street.open("马乐的新手机", "马乐", 0, Basis::Recover(back), epoch);
    let late = street.write(&mut ma, epoch, link("贼的手机"));
    let attack = cut(&street, "马乐的新手机", &[]);
    street.write(&mut ma, epoch, Body::Cut(attack));
    let journals = street.replica();
    assert!(stands(&journals, "马乐的新手机") && stands(&journals, "马乐的平板"));
    assert!(!stands(&journals, "马乐") && !journals.counts(&late));
    assert_eq!(journals.roster().device(&key("马乐的新手机").id()).unwrap().member, member);
    let third = declared(&street, "马乐", &paper(3), 3);
    let again = street.write(&mut fresh, epoch, third);
    assert_eq!(street.replica().roster().sheet_of(&member).map(|(hash, _)| hash), Some(again));
}

#[test]
fn nobody_declares_anothers_sheet() {
    let Scene { mut street, epoch, mut ma, mut chen, .. } = scene();
    let sheet = paper(1);
    let honest = declared(&street, "马乐", &sheet, 1);
    let Body::Sheet(declaration) = &honest else { unreachable!() };
    let other = Declaration::of(&paper(2), street.building, street.member("陈姨"), 1);
    let copies = [
        // As it stands there, in another's journal.
        honest.clone(),
        // With a proof of one's own, and the other way round.
        Body::Sheet(Declaration { proof: other.proof.clone(), ..declaration.clone() }),
        Body::Sheet(Declaration { sheet: other.sheet, proof: declaration.proof.clone() }),
        Body::Sheet(Declaration::of(&sheet, kaifong_domain::BuildingId([7; 32]), street.member("陈姨"), 1)),
    ];
    let tip = chen.tip();
    for copy in copies {
        let mut journals = street.replica();
        let mut twin = Pen::resume(key("陈姨"), &journals, &chen.journal()).unwrap();
        assert!(matches!(journals.offer(twin.write(epoch, Instant(9), copy)), Err(Distrust::Rule { .. })));
    }
    assert_eq!(chen.tip(), tip);
    street.write(&mut ma, epoch, honest);
    let hers = declared(&street, "陈姨", &paper(2), 1);
    street.write(&mut chen, epoch, hers);
    let journals = street.replica();
    let member = |paper: &SheetSecret| journals.roster().sheet_with(&paper.key().id()).map(|(member, ..)| member);
    assert_eq!([member(&sheet), member(&paper(2))], ["马乐", "陈姨"].map(|name| Some(street.member(name))));
}

#[test]
fn a_sheet_that_is_used_for_two_devices_suspends_both() {
    let Scene { mut street, epoch, mut chen, mut he, mut ma, .. } = scene();
    let sheet = paper(1);
    let body = declared(&street, "马乐", &sheet, 1);
    let declared = street.write(&mut ma, epoch, body);
    for (pen, name) in [(&mut chen, "马乐的新手机"), (&mut he, "贼的手机")] {
        let word = claim(&street, &sheet, declared, Some(name), Vec::new());
        let word = street.write(pen, epoch, word);
        street.open(name, "马乐", 0, Basis::Recover(word), epoch);
    }
    let journals = street.replica();
    let member = street.member("马乐");
    for name in ["马乐的新手机", "贼的手机"] {
        assert!(!stands(&journals, name) && journals.roster().is_disputed(&member, &key(name).id()));
    }
    assert!(stands(&journals, "马乐"));
    // The same claim once more is no second use.
    let again = claim(&street, &sheet, declared, None, vec![cut(&street, "马乐", &[declared])]);
    street.write(&mut chen, epoch, again);
    assert!(!stands(&street.replica(), "马乐"), "at the desk, the sheet closes what is lost");
}

#[test]
fn a_planned_change_ends_with_the_old_phone_closing_itself() {
    let Scene { mut street, epoch, mut ma, mut tablet, .. } = scene();
    let own = cut(&street, "马乐", &[ma.tip()]);
    street.write(&mut ma, epoch, Body::Cut(own));
    assert!(!stands(&street.replica(), "马乐") && stands(&street.replica(), "马乐的平板"));
    let late = street.write(&mut ma, epoch, link("买旧手机的人"));
    let higher = cut(&street, "马乐", &[late]);
    street.write(&mut ma, epoch, Body::Cut(higher));
    assert!(!street.replica().counts(&late), "who buys the old phone cannot open it again");
    let all = cut(&street, "马乐", &[late]);
    street.write(&mut tablet, epoch, Body::Cut(all));
    assert!(street.replica().counts(&late), "the member can still say that it was them");
}

#[test]
fn words_about_devices_that_are_not_ones_own_are_refused() {
    let Scene { mut street, epoch, mut he, mut ma, mut tablet, .. } = scene();
    let sheet = paper(1);
    let body = declared(&street, "马乐", &sheet, 1);
    let declared = street.write(&mut ma, epoch, body);
    let (own, foreign) = (cut(&street, "马乐", &[declared]), cut(&street, "何姐", &[he.tip()]));
    let lied = Cut { device: key("马乐").id(), tips: vec![Tip { seq: 9, ..own.tips[0] }] };
    let wrong_key = claim(&street, &paper(2), declared, Some("贼"), Vec::new());
    let wrong_house = {
        let other = Street::founded_by("别楼的人");
        claim(&other, &sheet, declared, Some("贼"), Vec::new())
    };
    let not_a_sheet = claim(&street, &sheet, he.tip(), Some("贼"), Vec::new());
    let mut journals = street.replica();
    let mut refused = |entry: Verified<Entry>| matches!(journals.offer(entry), Err(Distrust::Rule { .. }));
    let at = kaifong_domain::Instant(9);
    for body in [Body::Cut(foreign), Body::Cut(lied), wrong_key, wrong_house, not_a_sheet] {
        let tip = street.entry(tablet.tip());
        let entry = Forgery::of("马乐的平板", &tip).with(|entry| {
            entry.seq += 1;
            entry.prev = EntryHash(tip.hash());
            entry.body = body.clone();
        });
        assert!(refused(entry.signed()), "{body:?}");
    }
    let good = tablet.write(epoch, at, Body::Cut(own));
    assert!(is_admitted(&journals.offer(good)));
    // A claim that nobody has signed does not even have an entry's form.
    let mut bytes = he.write(epoch, at, claim(&street, &sheet, declared, Some("新"), Vec::new())).signed().to_bytes();
    let last = bytes.len() - 70;
    bytes[last] ^= 1;
    assert!(kaifong_trust::Signed::<Entry>::from_bytes(&bytes).and_then(kaifong_trust::Signed::verify).is_err());
}

/// All of the above in one building, with a fork, a sheet used twice, and reviewers whose own devices are cut.
fn a_street_of_losses() -> Street {
    let Scene { mut street, epoch, mut li, mut chen, mut he, mut ma, mut tablet } = scene();
    let member = street.member("马乐");
    let first = paper(1);
    let body = declared(&street, "马乐", &first, 1);
    let sheet = street.write(&mut ma, epoch, body);
    let chens = street.write(&mut chen, epoch, link("陈姨的平板"));
    let mut pad = street.open("陈姨的平板", "陈姨", 0, Basis::Link(chens), epoch);
    let late = street.certify(&mut chen, epoch, "周八", MemberKind::Person);
    let mut zhou = street.open("周八", "周八", 0, Basis::Certificate(late), epoch);
    street.write(&mut zhou, epoch, link("周八的平板"));
    let (low, high) = (cut(&street, "马乐", &[sheet]), cut(&street, "马乐的平板", &[]));
    street.write(&mut tablet, epoch, Body::Cut(low));
    street.write(&mut ma, epoch, Body::Cut(high));
    for (pen, name) in [(&mut he, "新手机"), (&mut li, "另一台")] {
        let word = claim(&street, &first, sheet, Some(name), vec![cut(&street, "马乐", &[sheet])]);
        let word = street.write(pen, epoch, word);
        street.open(name, "马乐", 0, Basis::Recover(word), epoch);
    }
    let approval = |seconds| {
        let (new, cuts) = (Some(new("第三台")), Vec::new());
        Body::Reapprove(Approval { member, new, generation: 2, cuts, seconds })
    };
    let one = street.write(&mut chen, epoch, approval(None));
    street.write(&mut tablet, epoch, Body::Object { approval: one });
    let two = street.write(&mut he, epoch, approval(Some(one)));
    let mut third = street.open("第三台", "马乐", 0, Basis::Reapprove(two), epoch);
    let again = street.write(&mut third, epoch, link("马乐的平板"));
    street.open("马乐的平板", "马乐", 5, Basis::Link(again), epoch);
    street.write(&mut li, epoch, approval(Some(one)));
    // 陈姨's phone is cut before its approvals by her tablet, which it cuts in turn; 马乐's phone has forked.
    let cut_chen = cut(&street, "陈姨", &[chens]);
    street.write(&mut pad, epoch, Body::Cut(cut_chen));
    let cut_pad = cut(&street, "陈姨的平板", &[opening_of(&street, pad.journal())]);
    street.write(&mut chen, epoch, Body::Cut(cut_pad));
    let tip = street.entry(ma.tip());
    let twin = Forgery::of("马乐", &tip).with(|entry| entry.body = link("背着人的手机")).signed();
    let twin_hash = EntryHash(twin.hash());
    street.entries.push(twin);
    street.open("背着人的手机", "马乐", 0, Basis::Link(twin_hash), epoch);
    street
}

fn same(one: &Journals, other: &Journals) {
    assert_eq!(roster_digest(one), roster_digest(other));
    for entry in one.entries() {
        let hash = EntryHash(entry.hash());
        assert_eq!(one.counts(&hash), other.counts(&hash), "{:?}", entry.value().body);
    }
    for (id, _) in one.roster().members() {
        assert_eq!(one.reapprovals(id), other.reapprovals(id));
    }
}

/// What was admitted stays admitted, and no answer that admission rests on becomes untrue.
fn grows(before: &Journals, after: &Journals, names: &[&str], street: &Street) {
    for entry in before.entries() {
        assert!(after.entry(&EntryHash(entry.hash())).is_some());
        if matches!(entry.value().body, Body::Certify(_)) {
            let hash = EntryHash(entry.hash());
            assert!(!before.roster().has_authority(&hash) || after.roster().has_authority(&hash));
        }
    }
    for name in names {
        for member in names.iter().map(|name| street.member(name)) {
            let device = key(name).id();
            assert!(!before.roster().may_write(&device, &member) || after.roster().may_write(&device, &member));
        }
    }
}

const NAMES: [&str; 8] = ["李叔", "陈姨", "何姐", "马乐", "马乐的平板", "陈姨的平板", "新手机", "第三台"];

/// Members' devices that cut, declare sheets, recover, approve and object at random.
fn a_noisy_street(noise: &[[u8; 5]]) -> Street {
    let Scene { mut street, epoch, li, chen, he, ma, tablet } = scene();
    let mut pens = vec![("李叔", li), ("陈姨", chen), ("何姐", he), ("马乐", ma), ("马乐的平板", tablet)];
    let mut sheets: Vec<(EntryHash, u64)> = Vec::new();
    let mut approvals: Vec<EntryHash> = Vec::new();
    let mut words: Vec<(EntryHash, &str, bool)> = Vec::new();
    for (turn, [who, kind, other, at, more]) in noise.iter().enumerate() {
        let place = usize::from(*who) % pens.len();
        let name = NAMES[usize::from(*other) % NAMES.len()];
        let of_device = street.entries.iter().filter(|entry| entry.signer() == key(name).id()).count();
        let some: Vec<_> = street
            .entries
            .iter()
            .filter(|entry| entry.signer() == key(name).id())
            .take(usize::from(*at) % (of_device + 1))
            .map(|entry| (entry.value().journal, EntryHash(entry.hash())))
            .collect::<std::collections::BTreeMap<_, _>>()
            .into_values()
            .collect();
        let body = match kind % 8 {
            0 | 1 => Body::Cut(cut(&street, name, &some)),
            2 => {
                let member = pens[place].0.strip_suffix("的平板").unwrap_or(pens[place].0);
                declared(&street, member, &paper(turn as u64), u32::from(more % 3) + 1)
            }
            3 if !sheets.is_empty() => {
                let (sheet, seed) = sheets[usize::from(*more) % sheets.len()];
                let cuts = if at % 2 == 0 { vec![cut(&street, name, &some)] } else { Vec::new() };
                claim(&street, &paper(seed), sheet, Some(NAMES[6 + usize::from(at % 2)]), cuts)
            }
            4 | 5 => {
                let seconds = approvals.get(usize::from(*more) % (approvals.len() + 1)).copied();
                let (new, member) = (Some(new(NAMES[6 + usize::from(at % 2)])), street.member("马乐"));
                Body::Reapprove(Approval {
                    member,
                    new,
                    generation: 1 + u32::from(more % 2),
                    cuts: Vec::new(),
                    seconds,
                })
            }
            6 if !approvals.is_empty() => Body::Object { approval: approvals[usize::from(*more) % approvals.len()] },
            _ => link(name),
        };
        let hash = street.write(&mut pens[place].1, epoch, body.clone());
        match body {
            Body::Sheet(_) => sheets.push((hash, turn as u64)),
            Body::Reapprove(_) => {
                approvals.push(hash);
                words.push((hash, NAMES[6 + usize::from(at % 2)], true));
            }
            Body::Recover(_) => words.push((hash, NAMES[6 + usize::from(at % 2)], false)),
            _ => {}
        }
        if let Some((word, name, approved)) = words.get(usize::from(*at) % (words.len() + 1)).copied() {
            let basis = if approved { Basis::Reapprove(word) } else { Basis::Recover(word) };
            let pen = street.open(name, "马乐", turn as u64, basis, epoch);
            pens.push((name, pen));
        }
    }
    street
}

fn in_this_order(street: &Street, entries: Vec<Verified<Entry>>, check: bool) -> Journals {
    let mut journals = street.empty();
    let mut before = street.empty();
    for (number, entry) in entries.into_iter().enumerate() {
        let admitted = matches!(journals.offer(entry.clone()), Ok(Offered::Admitted(_)));
        if check && admitted && number % 7 == 0 {
            grows(&before, &journals, &NAMES, street);
        }
        drop(before.offer(entry));
    }
    journals
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn losses_in_any_order_lead_to_the_same_building(
        shuffled in Just(a_street_of_losses().entries).prop_shuffle(),
    ) {
        let street = a_street_of_losses();
        same(&in_this_order(&street, shuffled, true), &street.replica());
    }

    #[test]
    fn noise_about_devices_in_any_order_leads_to_the_same_building(
        noise in proptest::collection::vec(any::<[u8; 5]>(), 1..40),
        keys in proptest::collection::vec(any::<u64>(), 128),
    ) {
        let street = a_noisy_street(&noise);
        let mut shuffled: Vec<(u64, Verified<Entry>)> = keys.into_iter().zip(street.entries.iter().cloned()).collect();
        prop_assert_eq!(shuffled.len(), street.entries.len());
        shuffled.sort_by_key(|(key, _)| *key);
        let shuffled = shuffled.into_iter().map(|(_, entry)| entry).collect();
        same(&in_this_order(&street, shuffled, false), &street.replica());
    }
}
