//! Devices of one member write while apart; however their changes travel, everybody ends with the same.

use proptest::prelude::*;

use kaifong_domain::StaffId;
use kaifong_domain::shop::Good;
use kaifong_domain::staff::Staff;

use super::*;
use crate::AuditCount;

#[derive(Clone, Debug)]
enum Step {
    Edit {
        device: usize,
        what: u8,
    },
    /// One delivery that was made before arrives somewhere, again or for the first time.
    Arrive {
        delivery: prop::sample::Index,
        replica: usize,
    },
    /// Somebody gives all they have, as a snapshot, to somebody who has something already.
    Snapshot {
        from: usize,
        to: usize,
    },
    Pass {
        from: usize,
        to: usize,
    },
    /// A part of what is missing arrives, in an odd order and doubled.
    Part {
        from: usize,
        to: usize,
        seed: u64,
    },
}

const REPLICAS: usize = 5;

fn step() -> impl Strategy<Value = Step> {
    let replica = 0..REPLICAS;
    let pair = (replica.clone(), replica.clone());
    prop_oneof![
        5 => (0..3_usize, any::<u8>()).prop_map(|(device, what)| Step::Edit { device, what }),
        5 => (any::<prop::sample::Index>(), replica).prop_map(|(delivery, replica)| Step::Arrive { delivery, replica }),
        1 => pair.clone().prop_map(|(from, to)| Step::Snapshot { from, to }),
        2 => pair.clone().prop_map(|(from, to)| Step::Pass { from, to }),
        2 => (pair, any::<u64>()).prop_map(|((from, to), seed)| Step::Part { from, to, seed }),
    ]
}

fn wish(what: u8) -> Edit {
    match what % 8 {
        0 => profile(["王芳", "小芳", "芳"][usize::from(what) % 3]),
        1 => review(what % 3, 1 + what % 5),
        2 => invite(what % 4),
        6 => {
            let id = StaffId::from([phone(), tablet(), watch()][usize::from(what) % 3].id());
            let left_at = (what.is_multiple_of(2)).then_some(Instant(what.into()));
            Edit::PutStaff(Staff {
                id,
                name: ["小陈", "阿强"][usize::from(what) % 2].into(),
                post: String::new(),
                left_at,
            })
        }
        7 => {
            let (title, points, put_at) = (String::from("大米"), Points(20), Instant((what % 3).into()));
            Edit::PutGood(Good {
                id: Good::id_of(&title, "", points, put_at),
                title,
                body: String::new(),
                points,
                pieces: (!what.is_multiple_of(3)).then_some(u32::from(what) + 1),
                each: None,
                until: what.is_multiple_of(2).then_some(Instant(what.into())),
                till: phone().id(),
                put_at,
                withdrawn_at: what.is_multiple_of(5).then_some(Instant(what.into())),
            })
        }
        5 => reply(what % 3, ["", "谢谢", "下次再来"][usize::from(what) % 3]),
        3 => {
            Edit::PutListing(Listing {
                points: None, closed_at: Some(Instant(what.into())), ..listing(what % 6, "书")
            })
        }
        _ => put(what % 6, ["电钻", "梯子", "推车", "书"][usize::from(what) % 4]),
    }
}

/// Takes half of the changes away, doubles the rest and turns it round.
fn part(mut delivery: Delivery, seed: u64) -> Delivery {
    if let Content::Changes(changes) = &mut delivery.content {
        let mut bits = seed;
        changes.retain(|_| {
            bits = bits.rotate_left(1);
            bits & 1 == 0
        });
        let mut again = changes.clone();
        again.reverse();
        changes.splice(0..0, again);
    }
    delivery
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn everybody_ends_with_the_same(steps in prop::collection::vec(step(), 1..60)) {
        let mut replicas = vec![empty(); REPLICAS];
        let mut disks: Vec<_> = (0..REPLICAS).map(|_| store::Disk::default()).collect();
        let mut made = Vec::new();
        for step in steps {
            match step {
                Step::Edit { device, what } => {
                    let key = [phone(), tablet(), watch()][device].clone();
                    made.push(edit(&mut replicas[device], &key, &wish(what)));
                }
                Step::Arrive { delivery, replica } if !made.is_empty() => {
                    take(&mut replicas[replica], delivery.get(&made));
                }
                Step::Snapshot { from, to } if replicas[from].changes() > 0 => {
                    let delivery = snapshot_of(&replicas[from]);
                    take(&mut replicas[to], &delivery);
                }
                Step::Pass { from, to } => pass_on(&replicas[from].clone(), &mut replicas[to]),
                Step::Part { from, to, seed } => {
                    if let Some(delivery) = replicas[from].missing(&replicas[to].heads()) {
                        // A part may lack the change that its heads were signed for.
                        let _ = replicas[to].judge(&part(delivery, seed), &Register);
                    }
                }
                _ => (),
            }
            for (replica, disk) in replicas.iter_mut().zip(&mut disks) {
                disk.write(replica);
            }
        }
        for (replica, disk) in replicas.iter().zip(&disks) {
            let restored = disk.read().unwrap();
            prop_assert_eq!(restored.fingerprint(), replica.fingerprint());
            prop_assert_eq!(restored.records(), replica.records());
        }
        for _ in 0..2 {
            for from in 0..REPLICAS {
                for to in 0..REPLICAS {
                    pass_on(&replicas[from].clone(), &mut replicas[to]);
                }
            }
        }
        for replica in &replicas {
            prop_assert_eq!(replica.fingerprint(), replicas[0].fingerprint());
            prop_assert_eq!(replica.records(), replicas[0].records());
            prop_assert!(replica.forks().is_empty(), "honest devices never fork");
            let signatures = replica.vouchers.len() as u64;
            prop_assert_eq!(replica.audit(&Register), Ok(AuditCount { changes: replica.changes(), signatures }));
        }
    }
}
