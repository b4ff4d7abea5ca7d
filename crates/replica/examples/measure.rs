//! Measures the gate beside Automerge's own work on the same documents: `cargo run --release --example measure`.
#![allow(clippy::print_stdout, clippy::expect_used)]

use std::time::Duration;

use automerge::Automerge;
use kaifong_domain::record::{Edit, Kind, Listing, Profile, Side};
use kaifong_domain::{BuildingId, DeviceId, Instant, ListingId, MemberId, Points};
use kaifong_replica::{Content, Delivery, Document, Owners};
use kaifong_trust::DeviceKey;

const BUILDING: BuildingId = BuildingId([1; 32]);
const MEMBER: MemberId = MemberId([2; 16]);
const ROUNDS: u32 = 200;
const BODY: &str = "周末想装几个架子,借一下电钻,用完当天还。自己来取,三号楼二单元,晚饭后都在家。";

struct OneOwner;

impl Owners for OneOwner {
    fn may_write(&self, _device: &DeviceId, member: &MemberId) -> bool {
        *member == MEMBER
    }
}

/// A member with 25 listings, each put, mended and closed: 76 changes.
fn typical(seed: u8) -> (Document, Delivery) {
    let key = DeviceKey::from_seed([seed; 32]);
    let mut document = Document::new(BUILDING, MEMBER);
    let mut write = |edit: &Edit| document.edit(&key, [seed; 8], edit).expect("an honest edit");
    let profile = Profile { name: String::from("陈师傅"), block: String::from("3 栋"), about: String::new() };
    let mut last = write(&Edit::SetProfile(profile));
    for number in 0..25_u8 {
        let random = blake3::hash(&[seed, number]);
        let id = random.as_bytes().first_chunk().copied().unwrap_or_default();
        let mut listing = Listing {
            id: ListingId(id),
            side: Side::Need,
            kind: Some(Kind::Skill),
            mode: None,
            title: format!("借用电钻 {}", random.to_hex().chars().take(12).collect::<String>()),
            body: format!("{BODY}{}", random.to_hex()),
            points: Some(Points(5)),
            posted_at: Instant(1_700_000_000_000 + u64::from(number)),
            closed_at: None,
        };
        write(&Edit::PutListing(listing.clone()));
        listing.title.push_str(",急");
        write(&Edit::PutListing(listing.clone()));
        listing.closed_at = Some(Instant(1_700_000_000_500));
        last = write(&Edit::PutListing(listing));
    }
    (document, last)
}

/// Gives the time that this thread has been on a processor, so that a busy machine measures the same.
fn on_processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

fn measure<T>(what: &str, mut run: impl FnMut() -> T) {
    let start = on_processor();
    for _ in 0..ROUNDS {
        std::hint::black_box(run());
    }
    println!("{what:<44} {:>10.1?}", (on_processor() - start) / ROUNDS);
}

fn main() {
    let (document, last) = typical(1);
    let delivery = document.missing(&[]).expect("a document with changes");
    let Content::Snapshot(bytes) = &delivery.content else { return };
    println!("{} changes, {} bytes saved, {} on the wire", document.changes(), bytes.len(), delivery.size_bytes());

    measure("Automerge loads the snapshot", || Automerge::load(bytes).expect("loads"));
    measure("the gate judges the snapshot", || {
        let mut newcomer = Document::new(BUILDING, MEMBER);
        newcomer.judge(&delivery, &OneOwner).expect("passes");
        newcomer
    });
    let Content::Changes(changes) = &last.content else { return };
    let before = {
        let mut before = Document::new(BUILDING, MEMBER);
        let key = DeviceKey::from_seed([1; 32]);
        let mut apart = document.clone();
        before.judge(&apart.missing(&[]).expect("changes"), &OneOwner).expect("passes");
        let edit = Edit::SetProfile(Profile { name: String::from("陈"), ..Profile::default() });
        (before, apart.edit(&key, [1; 8], &edit).expect("an honest edit"))
    };
    println!("the last change has {} bytes", changes.iter().map(Vec::len).sum::<usize>());
    measure("the gate judges one change (no records)", || {
        before.0.clone().judge(&before.1, &OneOwner).expect("passes")
    });
    before.0.records();
    measure("the gate judges one change (records cached)", || {
        before.0.clone().judge(&before.1, &OneOwner).expect("passes")
    });
    measure("one own edit", || {
        let edit = Edit::SetProfile(Profile { name: String::from("陈"), ..Profile::default() });
        document.clone().edit(&DeviceKey::from_seed([1; 32]), [1; 8], &edit).expect("an honest edit")
    });
    measure("records() the first time, alone", || {
        let fresh = before.0.clone();
        fresh.records()
    });
    measure("clone of a document", || document.clone());
    let mut stored = Document::new(BUILDING, MEMBER);
    stored.judge(&delivery, &OneOwner).expect("passes");
    let pairs: Vec<_> = stored.writes().into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    measure("load from the store", || Document::load(BUILDING, MEMBER, &pairs).expect("loads"));
    measure("audit", || document.audit(&OneOwner).expect("passes"));
}
