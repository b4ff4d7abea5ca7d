//! The file in which somebody hands over all that is theirs: whatever is in it, it is checked within bounds, and nothing that
//! was changed passes for what was signed.
#![no_main]

use std::sync::OnceLock;

use data_encoding::BASE64;
use kaifong_api::export::{pack, verify, verify_document};
use kaifong_domain::BuildingId;
use kaifong_domain::charter::Charter;
use kaifong_domain::deal::{DealAct, Direction, Terms};
use kaifong_domain::{EntryHash, Instant, ListingId, MemberId, Points};
use kaifong_fuzz::{Mode, below, bend, chance, open, run, text};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::{Basis, Body, Genesis, NO_ENTRY, SealKey};
use kaifong_trust::pen::Pen;
use serde_json::{Value, json};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        let _ = verify(u.take_rest());
        return;
    }
    let mut document = honest().clone();
    if chance(&mut u, 2) {
        // Signed bytes are changed somewhere: whatever it is, it is found.
        let entry = &mut document["journals"][0]["entries"][below(&mut u, 2)];
        let mut bytes =
            BASE64.decode(entry.as_str().unwrap_or_default().as_bytes()).expect("it was written in base 64");
        let before = bytes.clone();
        bend(&mut u, &mut bytes);
        *entry = json!(BASE64.encode(&bytes));
        let read = serde_json::from_value(document).expect("a text for a text");
        assert!(bytes == before || verify_document(&read).is_err(), "changed bytes pass for signed ones");
        return;
    }
    for _ in 0..below(&mut u, 3) {
        let keys = ["format", "version", "building", "owner", "deals", "statement", "journals", "proofs", "listings"];
        document[keys[below(&mut u, keys.len())]] = match below(&mut u, 4) {
            0 => Value::Null,
            1 => json!([text(&mut u)]),
            2 => json!(u.arbitrary::<u32>().unwrap_or(0)),
            _ => json!({ text(&mut u): text(&mut u) }),
        };
    }
    let Ok(document) = serde_json::from_value(document) else { return };
    let mut zip = pack(&document).expect("a document can be packed");
    if mode == Mode::Bent {
        bend(&mut u, &mut zip);
    }
    let _ = verify(&zip);
}

/// The export of a founder who has offered help once.
fn honest() -> &'static Value {
    static HONEST: OnceLock<Value> = OnceLock::new();
    HONEST.get_or_init(|| {
        let key = DeviceKey::from_seed([1; 32]);
        let genesis = key.sign(Genesis {
            name: "红棉里".into(),
            founded_at: Instant(1),
            founder_seal: SealKey([3; 32]),
            charter: Charter::default(),
            nonce: [7; 16],
        });
        let building = BuildingId(genesis.hash());
        let member = MemberId::derive(&building, &key.id());
        let (mut pen, first) = Pen::open(key.clone(), building, member, 0, Basis::Genesis, NO_ENTRY, Instant(2));
        let (listing, owner) = (ListingId([9; 16]), MemberId([5; 16]));
        let direction = Direction::AnswererGives;
        let terms = Terms { listing, owner, direction, points: Points(3), due_at: None, counterpart: None };
        let answer = pen.write(NO_ENTRY, Instant(5), Body::Deal(DealAct::Answer { terms }));
        let person = json!({ "member": member.to_string(), "name": "李叔", "block": "" });
        let entries = [&first, &answer].map(|entry| BASE64.encode(&entry.signed().to_bytes()));
        let document = json!({
            "format": "kaifong-export", "version": 1, "exported_at": 9,
            "building": {
                "id": building.to_string(), "name": "红棉里", "genesis": BASE64.encode(&genesis.signed().to_bytes()),
            },
            "owner": {
                "person": person, "about": "", "block_kept": "", "kind": "person", "since": 1, "verified_by": null,
                "roles": [], "devices": [key.id().to_string()], "device": key.id().to_string(), "told_reviewers": null,
                "record": {
                    "completed": 0, "given": 0, "received": 0, "loans_lent": 0, "loans_returned": 0, "loans_in_time": 0,
                    "loans_out": 0, "reviews": 0, "stars": null,
                },
            },
            "listings": [], "deals": [], "statement": [], "balance": 0, "reviews_given": [], "reviews_received": [],
            "journals": [{
                "journal": pen.journal().to_string(), "device": key.id().to_string(),
                "entries": entries,
            }],
            "proofs": [],
        });
        let read = serde_json::from_value(document.clone()).expect("it is what an export looks like");
        let deal = EntryHash(answer.hash());
        assert!(verify_document(&read).is_ok(), "an honest export verifies ({deal})");
        document
    })
}
