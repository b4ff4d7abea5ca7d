//! Wang Fang has a phone and a tablet and owns the document; Li Na is a neighbour; a stranger has a device that nobody
//! has certified.

mod activities;
mod arbitrary;
mod commons;
mod convergence;
mod forks;
mod full;
mod gate;
mod goods;
mod hall;
mod hostile;
mod proofs;
mod snapshots;
mod staff;
mod store;

use kaifong_domain::record::{Edit, Invite, Kind, Listing, Mode, Profile, Reply, Review, Side};
use kaifong_domain::{BuildingId, DealId, DeviceId, Instant, InviteId, ListingId, MemberId, Points};
use kaifong_trust::entry::{ActorKey, Head};
use kaifong_trust::{DeviceKey, Signed};

use crate::{Aftermath, Content, Delivery, Document, Owners, Verdict};

pub(crate) const BUILDING: BuildingId = BuildingId([1; 32]);
pub(crate) const WANG_FANG: MemberId = MemberId([2; 16]);
pub(crate) const LI_NA: MemberId = MemberId([3; 16]);
pub(crate) const NONCE: [u8; 8] = [7; 8];

pub(crate) fn phone() -> DeviceKey {
    DeviceKey::from_seed([11; 32])
}

pub(crate) fn tablet() -> DeviceKey {
    DeviceKey::from_seed([12; 32])
}

pub(crate) fn watch() -> DeviceKey {
    DeviceKey::from_seed([13; 32])
}

pub(crate) fn li_nas_phone() -> DeviceKey {
    DeviceKey::from_seed([21; 32])
}

pub(crate) fn strangers_phone() -> DeviceKey {
    DeviceKey::from_seed([31; 32])
}

/// Runs this many cases, or as many as `PROPTEST_CASES` says.
pub(crate) fn cases(cases: u32) -> proptest::test_runner::Config {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|wanted| wanted.parse().ok());
    proptest::test_runner::Config { cases: wanted.unwrap_or(cases), max_shrink_iters: 400, ..Default::default() }
}

/// Who owns what in these tests.
pub(crate) struct Register;

impl Owners for Register {
    fn may_write(&self, device: &DeviceId, member: &MemberId) -> bool {
        let devices = match *member {
            WANG_FANG => vec![phone(), tablet(), watch()],
            LI_NA => vec![li_nas_phone()],
            _ => vec![],
        };
        devices.iter().any(|key| key.id() == *device)
    }

    fn may_name_staff(&self, member: &MemberId) -> bool {
        *member == WANG_FANG
    }
}

pub(crate) fn empty() -> Document {
    Document::new(BUILDING, WANG_FANG)
}

pub(crate) fn listing(id: u8, title: &str) -> Listing {
    Listing {
        kind: Some(Kind::Item),
        mode: Some(Mode::Share),
        body: String::from("周末想装几个架子,借一下电钻,用完当天还。"),
        points: Some(Points(5)),
        ..Listing::of(ListingId([id; 16]), Side::Offer, title, Instant(1_700_000_000_000))
    }
}

pub(crate) fn put(id: u8, title: &str) -> Edit {
    Edit::PutListing(listing(id, title))
}

pub(crate) fn profile(name: &str) -> Edit {
    Edit::SetProfile(Profile { name: name.into(), block: String::from("3 栋"), about: String::new(), place: None })
}

pub(crate) fn review(deal: u8, stars: u8) -> Edit {
    Edit::PutReview(Review { deal: DealId([deal; 16]), stars, text: String::from("很好"), at: Instant(5) })
}

pub(crate) fn reply(deal: u8, text: &str) -> Edit {
    Edit::PutReply(Reply { deal: DealId([deal; 16]), text: text.into(), at: Instant(6) })
}

pub(crate) fn invite(id: u8) -> Edit {
    Edit::PutInvite(Invite {
        id: InviteId([id; 16]),
        key: [9; 32],
        expires_at: Instant(1_800_000_000_000),
        withdrawn_at: None,
    })
}

/// Makes an edit that must succeed.
pub(crate) fn edit(document: &mut Document, key: &DeviceKey, edit: &Edit) -> Delivery {
    document.edit(key, NONCE, edit).unwrap()
}

/// Judges a delivery that must not be refused.
pub(crate) fn take(document: &mut Document, delivery: &Delivery) -> Verdict {
    document.judge(delivery, &Register).unwrap()
}

/// Brings a replica everything that another has, and the other way round, until nothing is left to bring.
pub(crate) fn meet(one: &mut Document, other: &mut Document) {
    for _ in 0..8 {
        pass_on(one, other);
        pass_on(other, one);
        if one.fingerprint() == other.fingerprint() {
            return;
        }
    }
    panic!("two replicas do not converge: {one:?} {other:?}");
}

/// As sync does: proofs first, then what is missing.
pub(crate) fn pass_on(from: &Document, to: &mut Document) {
    for proof in from.forks().to_vec() {
        let fork = proof.verify(&BUILDING, &Register).unwrap();
        to.cut(&fork).unwrap();
    }
    if let Some(delivery) = from.missing(&to.heads()) {
        match to.judge(&delivery, &Register) {
            Ok(_) | Err(crate::GateRefusal::Cut) => (),
            Err(refusal) => panic!("an honest delivery is refused: {refusal:?}"),
        }
    }
}

pub(crate) fn actor(key: &DeviceKey) -> ActorKey {
    ActorKey { device: key.id(), nonce: NONCE }
}

/// Signs a head as the device would.
pub(crate) fn head(key: &DeviceKey, seq: u64, change: [u8; 32]) -> Signed<Head> {
    let head = Head { building: BUILDING, document: WANG_FANG, actor: actor(key), seq, change };
    key.sign(head).signed().clone()
}

pub(crate) fn changes_of(delivery: &Delivery) -> Vec<Vec<u8>> {
    match &delivery.content {
        Content::Changes(changes) => changes.clone(),
        Content::Snapshot(_) => panic!("a snapshot"),
    }
}

pub(crate) fn snapshot_of(document: &Document) -> Delivery {
    let delivery = document.missing(&[]).unwrap();
    assert!(matches!(delivery.content, Content::Snapshot(_)));
    delivery
}

pub(crate) fn carry(changes: Vec<Vec<u8>>, heads: Vec<Signed<Head>>) -> Delivery {
    Delivery { document: WANG_FANG, content: Content::Changes(changes), heads, aftermath: Aftermath::default() }
}
