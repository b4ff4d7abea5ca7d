//! The gate: changes, snapshots, heads, vouchers and fork proofs that the owner's own devices have signed.
#![no_main]

use kaifong_fuzz::papers::{self, BUILDING, OWNER, Register, carry, forked, ground, reseal};
use kaifong_fuzz::{Mode, Unstructured, below, bend, chance, open, pick, run};
use kaifong_replica::{Aftermath, Content, Delivery, Document, ForkProof, GateRefusal};
use kaifong_trust::{decode_exact, encode};

const STEPS_MAX: usize = 12;

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    let mut replicas = [ground().0.clone(), if chance(&mut u, 4) { empty() } else { ground().0.clone() }];
    if mode == Mode::Raw {
        let bytes = u.take_rest().to_vec();
        let _ = replicas[0].judge_bytes(&bytes, &Register);
        let _ = ForkProof::verify_bytes(&bytes, &BUILDING, &Register);
        let _ = replicas[0].judge(&carry(Content::Changes(vec![bytes.clone()]), Vec::new()), &Register);
        let _ = replicas[1].judge(&carry(Content::Snapshot(bytes), Vec::new()), &Register);
        return check(&mut replicas);
    }
    let mut heard = forked().1.clone();
    for _ in 0..STEPS_MAX {
        if u.is_empty() {
            break;
        }
        let at = below(&mut u, 2);
        let Some(delivery) = draw(&mut u, &replicas[at], &heard) else { continue };
        let before = (replicas[at].fingerprint(), replicas[at].records());
        let verdict = if mode == Mode::Bent && chance(&mut u, 3) {
            let mut bytes = encode(&delivery);
            bend(&mut u, &mut bytes);
            replicas[at].judge_bytes(&bytes, &Register)
        } else {
            replicas[at].judge(&delivery, &Register)
        };
        if verdict.is_err() {
            assert_eq!((replicas[at].fingerprint(), replicas[at].records()), before, "a refusal leaves nothing behind");
        }
        heard.push(delivery);
    }
    check(&mut replicas);
}

fn empty() -> Document {
    Document::new(BUILDING, OWNER)
}

fn draw(u: &mut Unstructured<'_>, document: &Document, heard: &[Delivery]) -> Option<Delivery> {
    match below(u, 8) {
        0 => papers::written(u, document),
        1 => papers::written(u, &ground().0),
        2 | 3 => papers::bent(u, document),
        4 => pick(u, heard).cloned(),
        5 => {
            let from = if chance(u, 2) { document } else { &forked().0 };
            let mut delivery = from.missing(&[])?;
            if let Content::Snapshot(bytes) = &mut delivery.content
                && chance(u, 2)
            {
                bend(u, bytes);
                reseal(bytes);
            }
            Some(delivery)
        }
        6 => {
            // Proofs and vouchers without what they are about, or with a little of it bent.
            let mut aftermath = forked().0.missing(&[])?.aftermath;
            if chance(u, 2) {
                let mut bytes = encode(&aftermath);
                bend(u, &mut bytes);
                aftermath = decode_exact::<Aftermath>(&bytes, "aftermath").ok()?;
            }
            let mut delivery = pick(u, heard)?.clone();
            delivery.aftermath = aftermath;
            Some(delivery)
        }
        _ => {
            // Changes of several deliveries in one, heads mixed.
            let (one, other) = (pick(u, heard)?.clone(), pick(u, heard)?.clone());
            let (Content::Changes(mut changes), Content::Changes(more)) = (one.content, other.content) else {
                return None;
            };
            changes.extend(more);
            let mut heads = one.heads;
            heads.extend(other.heads.into_iter().filter(|_| !chance(u, 4)));
            Some(carry(Content::Changes(changes), heads))
        }
    }
}

/// Whatever came in: an audit finds nothing, the store gives it back, and all replicas can agree.
fn check(replicas: &mut [Document; 2]) {
    for document in replicas.iter_mut() {
        assert!(document.audit(&Register).is_ok(), "an audit: {:?}", document.audit(&Register));
    }
    let [one, other] = replicas;
    let mut refused = Vec::new();
    for _ in 0..8 {
        if one.fingerprint() == other.fingerprint() {
            break;
        }
        refused.extend(pass_on(one, other));
        refused.extend(pass_on(other, one));
    }
    assert_eq!(refused, [], "what an honest replica gives is taken");
    assert_eq!(one.fingerprint(), other.fingerprint(), "replicas converge");
    assert_eq!(one.records(), other.records());
    let mut newcomer = empty();
    assert_eq!(pass_on(one, &mut newcomer), None, "a newcomer takes what an honest replica gives");
    assert_eq!(one.fingerprint(), newcomer.fingerprint(), "a newcomer gets the same");
    assert!(newcomer.audit(&Register).is_ok());
    let stored: Vec<_> = newcomer.writes().into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    let again = Document::load(BUILDING, OWNER, &stored).expect("what was written can be loaded");
    assert_eq!(again.fingerprint(), newcomer.fingerprint());
}

/// As sync does: proofs first, then what is missing.
fn pass_on(from: &Document, to: &mut Document) -> Option<GateRefusal> {
    for proof in from.forks().to_vec() {
        let fork = proof.verify(&BUILDING, &Register).expect("a kept proof is good");
        to.cut(&fork).expect("few forks fit");
    }
    to.judge(&from.missing(&to.heads())?, &Register).err().filter(|refusal| *refusal != GateRefusal::Cut)
}
