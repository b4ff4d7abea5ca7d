//! Wang Fang restores her phone from a backup, and now two phones write as one. Or she does it on purpose.

use proptest::prelude::*;

use super::*;
use crate::{ForkProof, GateRefusal, ReplicaError};

/// The document before the fork, and one change on each branch.
fn fork() -> (Document, Delivery, Delivery) {
    let mut before = empty();
    edit(&mut before, &phone(), &put(1, "电钻"));
    edit(&mut before, &tablet(), &profile("王芳"));
    edit(&mut before, &phone(), &put(2, "梯子"));
    let (mut one, mut other) = (before.clone(), before.clone());
    let a = edit(&mut one, &phone(), &put(1, "冲击钻"));
    let b = edit(&mut other, &phone(), &put(1, "角磨机"));
    (before, a, b)
}

/// A proof, and the document of somebody who has found it.
pub(super) fn forked_twice() -> (ForkProof, Document) {
    let (mut document, a, b) = fork();
    take(&mut document, &a);
    match take(&mut document, &b) {
        Verdict::Forked(proof) => (proof, document),
        other => panic!("no fork: {other:?}"),
    }
}

#[test]
fn whoever_holds_both_branches_keeps_neither() {
    let (before, a, b) = fork();
    let (mut ab, mut ba) = (before.clone(), before.clone());
    take(&mut ab, &a);
    take(&mut ba, &b);
    assert!(matches!(take(&mut ab, &b), Verdict::Forked(_)));
    assert!(matches!(take(&mut ba, &a), Verdict::Forked(_)));
    assert_eq!(ab.fingerprint(), ba.fingerprint());
    assert_eq!(ab.records(), before.records());
    assert_eq!(ab.forks()[0].id(), ba.forks()[0].id());
    assert_ne!(ab.fingerprint(), before.fingerprint(), "a cut is part of what a replica is");
    assert_eq!(ab.audit(&Register).unwrap().changes, 3);
    for branch in [&a, &b] {
        assert_eq!(ab.judge(branch, &Register), Err(GateRefusal::Cut));
    }
}

#[test]
fn a_proof_convinces_those_who_hold_one_branch_or_none() {
    let (before, a, b) = fork();
    let (proof, found) = forked_twice();
    let verified = proof.verify(&BUILDING, &Register).unwrap();
    for held in [Some(&a), Some(&b), None] {
        let mut document = before.clone();
        held.map(|branch| take(&mut document, branch));
        document.cut(&verified).unwrap();
        assert_eq!(document.fingerprint(), found.fingerprint());
        assert_eq!(document.records(), found.records());
        document.cut(&verified).unwrap();
        document.audit(&Register).unwrap();
    }
    let mut nothing = empty();
    nothing.cut(&verified).unwrap();
    assert_eq!(nothing.changes(), 0);
    assert!(nothing.missing(&[]).is_some(), "the proof is all there is to give");
    meet(&mut nothing, &mut found.clone());
}

#[test]
fn both_branches_in_one_delivery_are_a_fork_too() {
    let (mut document, a, b) = fork();
    let both = carry([changes_of(&a), changes_of(&b)].concat(), [a.heads, b.heads].concat());
    assert!(matches!(take(&mut document, &both), Verdict::Forked(_)));
    assert_eq!(document.fingerprint(), forked_twice().1.fingerprint());
}

#[test]
fn a_newcomer_believes_what_is_left_by_what_was_cut() {
    let (_, found) = forked_twice();
    let mut newcomer = empty();
    let delivery = snapshot_of(&found);
    // The phone's signed head was cut away; a way down from it stands in.
    assert_eq!((delivery.aftermath.vouchers.len(), delivery.aftermath.forks.len()), (1, 1));
    take(&mut newcomer, &delivery);
    assert_eq!(newcomer.fingerprint(), found.fingerprint());
    newcomer.audit(&Register).unwrap();

    let mut without = delivery.clone();
    without.aftermath.vouchers.clear();
    assert_eq!(empty().judge(&without, &Register), Err(GateRefusal::Unvouched));
}

#[test]
fn the_phone_goes_on_under_a_new_actor_and_signs_what_is_left_of_the_old() {
    let (_, mut found) = forked_twice();
    let mut neighbour = found.clone();
    let delivery = edit(&mut found, &phone(), &put(3, "推车"));
    assert_eq!(delivery.heads.len(), 2);
    assert!(delivery.heads.iter().all(|head| head.claimed_signer() == phone().id()));
    take(&mut neighbour, &delivery);
    assert_eq!(neighbour.fingerprint(), found.fingerprint());
    assert_eq!(neighbour.records().listings.len(), 3);
    assert_eq!(snapshot_of(&neighbour).aftermath.vouchers, vec![]);
    neighbour.audit(&Register).unwrap();
    // And again after a restart.
    let mut restored = store::reload(&mut found);
    take(&mut neighbour, &edit(&mut restored, &phone(), &put(4, "水管")));
    assert_eq!(neighbour.records().listings.len(), 4);
}

#[test]
fn what_the_tablet_built_on_a_branch_goes_with_it_and_the_tablet_goes_on() {
    let (before, a, b) = fork();
    let mut on_tablet = before.clone();
    take(&mut on_tablet, &a);
    edit(&mut on_tablet, &tablet(), &put(5, "书"));
    edit(&mut on_tablet, &tablet(), &put(6, "灯"));
    let mut neighbour = before.clone();
    meet(&mut neighbour, &mut on_tablet);
    assert!(matches!(take(&mut on_tablet, &b), Verdict::Forked(_)));
    assert_eq!(on_tablet.records(), before.records());
    assert_eq!(on_tablet.fingerprint(), forked_twice().1.fingerprint());
    let late = edit(&mut on_tablet, &tablet(), &put(7, "伞"));
    assert_eq!(neighbour.judge(&late, &Register).unwrap(), Verdict::Applied { records_changed: true });
    assert_eq!(neighbour.fingerprint(), on_tablet.fingerprint(), "the delivery brought the proof along");
    let mut newcomer = empty();
    meet(&mut newcomer, &mut neighbour);
    newcomer.audit(&Register).unwrap();
    assert_eq!(newcomer.records(), on_tablet.records());
}

#[test]
fn two_forks_of_one_actor_take_all_of_it_whichever_was_heard_of_first() {
    let mut base = empty();
    edit(&mut base, &phone(), &put(1, "电钻"));
    let mut early = base.clone();
    edit(&mut early, &phone(), &put(2, "早"));
    edit(&mut base, &phone(), &put(3, "中"));
    let mut late = base.clone();
    edit(&mut late, &phone(), &put(4, "晚"));
    edit(&mut base, &phone(), &put(5, "末"));
    let (mut knows_high, mut knows_low) = (base.clone(), base.clone());
    pass_on(&late, &mut knows_high);
    pass_on(&early, &mut knows_low);
    assert_eq!((knows_high.forks()[0].seq(), knows_low.forks()[0].seq()), (3, 2));
    meet(&mut knows_high, &mut knows_low);
    assert_eq!(knows_high.forks().iter().map(ForkProof::seq).collect::<Vec<_>>(), [2, 3]);
    assert_eq!((knows_high.changes(), knows_low.changes()), (0, 0));
    store::reload(&mut knows_high);
    knows_high.audit(&Register).unwrap();
    knows_low.audit(&Register).unwrap();
}

#[test]
fn a_snapshot_from_somebody_who_has_not_heard_is_taken_without_the_branch() {
    let (before, a, _) = fork();
    let (proof, found) = forked_twice();
    let mut unaware = before;
    take(&mut unaware, &a);
    let mut newcomer = empty();
    newcomer.cut(&proof.verify(&BUILDING, &Register).unwrap()).unwrap();
    // The phone's head is signed for a change on the branch; the way down from it vouches for what stays.
    assert_eq!(take(&mut newcomer, &snapshot_of(&unaware)), Verdict::Applied { records_changed: true });
    newcomer.audit(&Register).unwrap();
    assert_eq!(newcomer.fingerprint(), found.fingerprint());
}

#[test]
fn a_proof_that_shows_no_fork_convinces_nobody() {
    let (proof, _) = forked_twice();
    let verify = |bend: &dyn Fn(&mut ForkProof)| {
        let mut bent = proof.clone();
        bend(&mut bent);
        bent.verify(&BUILDING, &Register).map(|_| ()).unwrap_err()
    };
    assert_eq!(verify(&|p| p.branches[1] = p.branches[0].clone()), GateRefusal::NoFork);
    assert_eq!(verify(&|p| p.seq = 2), GateRefusal::NoFork);
    assert_eq!(verify(&|p| p.branches[0].way.clear()), GateRefusal::NoFork);
    assert_eq!(verify(&|p| p.branches[0].way.push(vec![1])), GateRefusal::Malformed);
    assert_eq!(verify(&|p| p.branches[0].way.insert(0, p.branches[1].way[0].clone())), GateRefusal::WayBroken);
}

#[test]
fn a_proof_names_building_document_and_device_and_all_must_fit() {
    let (proof, mut found) = forked_twice();
    assert_eq!(proof.verify(&BuildingId([9; 32]), &Register).err(), Some(GateRefusal::OtherDocument));
    let mut lis = proof.clone();
    lis.document = LI_NA;
    assert_eq!(lis.verify(&BUILDING, &Register).err(), Some(GateRefusal::DeviceNotOwners));
    let mut tablets = proof.clone();
    tablets.actor = actor(&tablet());
    assert!(matches!(tablets.verify(&BUILDING, &Register).err(), Some(GateRefusal::Head(_))));
    let mut crossed = proof.clone();
    let way = crossed.branches[1].way.clone();
    crossed.branches[0].way = way;
    assert_eq!(crossed.verify(&BUILDING, &Register).err(), Some(GateRefusal::WayBroken));
    let mut other = Document::new(BUILDING, LI_NA);
    let verified = proof.verify(&BUILDING, &Register).unwrap();
    assert_eq!(other.cut(&verified), Err(ReplicaError::OtherDocument));
    assert_eq!(found.cut(&verified), Ok(()));
}

/// What happens to the replicas of one document.
#[derive(Clone, Debug)]
enum Step {
    /// A replica's device writes.
    Edit { replica: usize, what: u8 },
    /// A replica gives another what it lacks; proofs first, or not at all.
    Pass { from: usize, to: usize, proofs: bool },
    /// A replica restarts from its store.
    Restart { replica: usize },
    /// The second phone is restored from what the first is now.
    Restore,
}

/// The phone, the phone restored from a backup, the tablet, the watch, two neighbours.
const REPLICAS: usize = 6;

fn step() -> impl Strategy<Value = Step> {
    let replica = 0..REPLICAS;
    prop_oneof![
        5 => (0..4_usize, any::<u8>()).prop_map(|(replica, what)| Step::Edit { replica, what }),
        6 => (replica.clone(), replica.clone(), any::<bool>())
            .prop_map(|(from, to, proofs)| Step::Pass { from, to, proofs }),
        1 => replica.prop_map(|replica| Step::Restart { replica }),
        1 => Just(Step::Restore),
    ]
}

fn wish(what: u8) -> Edit {
    match what % 6 {
        0 => profile(["王芳", "小芳", "芳"][usize::from(what) % 3]),
        1 => review(what % 3, 1 + what % 5),
        2 => invite(what % 4),
        5 => reply(what % 3, ["", "谢谢"][usize::from(what) % 2]),
        _ => put(what % 6, ["电钻", "梯子", "推车", "书"][usize::from(what) % 4]),
    }
}

fn act(replicas: &mut [Document], step: Step) {
    match step {
        Step::Edit { replica, what } => {
            let key = [phone(), phone(), tablet(), watch()][replica].clone();
            edit(&mut replicas[replica], &key, &wish(what));
        }
        Step::Pass { from, to, .. } if from == to => (),
        Step::Pass { from, to, proofs } => {
            let source = replicas[from].clone();
            if proofs {
                pass_on(&source, &mut replicas[to]);
            } else if let Some(delivery) = source.missing(&replicas[to].heads()) {
                let _ = replicas[to].judge(&delivery, &Register);
            }
        }
        Step::Restart { replica } => replicas[replica] = store::reload(&mut replicas[replica].clone()),
        Step::Restore => replicas[1] = replicas[0].clone(),
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn however_forks_and_proofs_travel_all_replicas_end_equal(steps in prop::collection::vec(step(), 1..60)) {
        let mut replicas = vec![empty(); REPLICAS];
        for step in steps {
            act(&mut replicas, step);
        }
        for _ in 0..12 {
            if replicas.iter().all(|replica| replica.fingerprint() == replicas[0].fingerprint()) {
                break;
            }
            for from in 0..REPLICAS {
                for to in 0..REPLICAS {
                    act(&mut replicas, Step::Pass { from, to, proofs: true });
                }
            }
        }
        for replica in &replicas {
            prop_assert_eq!(replica.fingerprint(), replicas[0].fingerprint());
            prop_assert_eq!(replica.heads(), replicas[0].heads());
            prop_assert_eq!(replica.records(), replicas[0].records());
            prop_assert!(replica.audit(&Register).is_ok());
        }
    }
}
