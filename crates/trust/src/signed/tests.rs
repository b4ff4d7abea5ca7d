//! Signatures that almost fit.

use kaifong_domain::{BuildingId, DeviceId, MemberId};

use super::*;
use crate::entry::{ActorKey, Entry, Head};
use crate::journals::{Journals, Offered};
use crate::pen::Pen;

fn chen() -> DeviceKey {
    DeviceKey::from_seed([3; 32])
}

fn head() -> Head {
    let actor = ActorKey { device: chen().id(), nonce: [1; 8] };
    Head { building: BuildingId([1; 32]), document: MemberId([2; 16]), actor, seq: 4, change: [5; 32] }
}

/// Signs bytes that are no canonical encoding, which [`DeviceKey::sign`] never does.
fn sign_payload<T: Signable>(key: &DeviceKey, payload: Vec<u8>) -> Signed<T> {
    let signer = key.id();
    let signature = key.key.sign(&hash_of::<T>(&signer, &payload)).to_bytes();
    Signed { signer, payload, signature, of: PhantomData }
}

/// Of the same form as a head, under another name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Twin(Head);

impl Signable for Twin {
    const CONTEXT: &'static str = "kaifong test twin";
    const SIZE_BYTES_MAX: usize = 256;
}

#[test]
fn what_was_signed_is_read_back() {
    let head = chen().sign(head());
    let read = Signed::<Head>::from_bytes(&head.signed().to_bytes()).unwrap().verify().unwrap();
    assert_eq!((read.value(), read.hash(), read.signer()), (head.value(), head.hash(), chen().id()));
}

#[test]
fn any_changed_bit_is_noticed() {
    let bytes = chen().sign(head()).signed().to_bytes();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(Signed::<Head>::from_bytes(&changed).and_then(Signed::verify).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn nothing_is_left_over() {
    let bytes = chen().sign(head()).signed().to_bytes();
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(Signed::<Head>::from_bytes(&longer), Err(Distrust::Malformed { .. })));
    let payload = [encode(&head()), vec![0]].concat();
    let signed = sign_payload::<Head>(&chen(), payload);
    assert!(matches!(signed.verify(), Err(Distrust::Malformed { .. })), "nor inside, even if it was signed");
}

#[test]
fn a_signature_does_not_serve_under_another_name() {
    let head = chen().sign(head());
    let bytes = head.signed().to_bytes();
    assert_eq!(Signed::<Twin>::from_bytes(&bytes).unwrap().verify().unwrap_err(), Distrust::BadSignature);
    assert_ne!(Signed::<Twin>::from_bytes(&bytes).unwrap().hash(), head.hash());
}

#[test]
fn size_comes_before_signature_and_signature_before_form() {
    let mut large = sign_payload::<Head>(&chen(), vec![0; 257]);
    large.signature = [0; 64];
    assert_eq!(large.verify().unwrap_err(), Distrust::TooLarge { found: 257, most: 256 });
    let mut unsigned = sign_payload::<Head>(&chen(), vec![0; 3]);
    unsigned.signature = [0; 64];
    assert_eq!(unsigned.verify().unwrap_err(), Distrust::BadSignature);
    assert!(matches!(sign_payload::<Head>(&chen(), vec![0; 3]).verify(), Err(Distrust::Malformed { .. })));
}

/// The encodings of the points of small order on Curve25519, for which a lax verifier takes one signature for many
/// messages.
const SMALL_ORDER: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

#[test]
fn a_key_of_small_order_signs_nothing() {
    for signer in SMALL_ORDER.map(|text| text.parse::<DeviceId>().unwrap()) {
        for r in SMALL_ORDER.map(|text| text.parse::<DeviceId>().unwrap().0) {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&r);
            let forged = Signed::<Head> { signer, payload: encode(&head()), signature, of: PhantomData };
            assert_eq!(forged.verify().unwrap_err(), Distrust::BadSignature);
        }
    }
}

#[test]
fn a_lax_verifier_would_believe_a_key_of_small_order() {
    // Otherwise the test above would prove nothing. With the neutral point as key and as R, and S = 0, all fits.
    let mut signature = [0; 64];
    signature[0] = 1;
    let neutral = SMALL_ORDER[0].parse::<DeviceId>().unwrap();
    let key = VerifyingKey::from_bytes(&neutral.0).unwrap();
    let signature = ed25519_dalek::Signature::from_bytes(&signature);
    assert!(ed25519_dalek::Verifier::verify(&key, &[7; 32], &signature).is_ok());
    assert!(key.verify_strict(&[7; 32], &signature).is_err());
}

#[test]
fn a_signature_is_not_believed_in_a_second_form() {
    // S + L signs the same for a verifier that does not insist on S < L.
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut signed = chen().sign(head()).signed().clone();
    let mut carry = 0_u16;
    for (byte, add) in signed.signature[32..].iter_mut().zip(L) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    assert_eq!(signed.verify().unwrap_err(), Distrust::BadSignature);
}

#[test]
fn a_length_written_in_more_bytes_is_the_same_thing_with_the_same_hash() {
    let head = chen().sign(head());
    let bytes = head.signed().to_bytes();
    let length = bytes[32];
    assert!(length < 0x80, "the payload's length takes one byte");
    let longer = [&bytes[..32], &[length | 0x80, 0x00], &bytes[33..]].concat();
    let read = Signed::<Head>::from_bytes(&longer).unwrap();
    assert_eq!(read.hash(), head.hash());
    assert_eq!(read.to_bytes(), bytes, "and it is handed on in one form only");
    assert!(read.verify().is_ok());
}

#[test]
fn one_entry_in_two_encodings_is_a_fork_by_its_own_device() {
    let genesis = chen().sign(crate::entry::Genesis {
        name: "红叶新天地".into(),
        founded_at: kaifong_domain::Instant(0),
        founder_seal: crate::entry::SealKey([1; 32]),
        charter: kaifong_domain::charter::Charter::default(),
        nonce: [0; 16],
    });
    let mut journals = Journals::new(&genesis);
    let member = MemberId::derive(&journals.building(), &chen().id());
    let (at, basis) = (kaifong_domain::Instant(1), crate::entry::Basis::Genesis);
    let (pen, first) = Pen::open(chen(), journals.building(), member, 0, basis, crate::entry::NO_ENTRY, at);
    let mut payload = encode(first.value());
    // After building and journal stands the sequence number, 0 in one byte; here it takes two.
    assert_eq!(payload[64], 0);
    payload.splice(64..65, [0x80, 0x00]);
    let second = sign_payload::<Entry>(&chen(), payload).verify().unwrap();
    assert_eq!(second.value(), first.value());
    assert_ne!(second.hash(), first.hash());
    for entry in [first, second] {
        assert!(matches!(journals.offer(entry), Ok(Offered::Admitted(_))));
    }
    assert_eq!(journals.journal(&pen.journal()).unwrap().forked_at(), Some(0));
}

#[test]
fn nothing_shows_a_payload_or_a_key() {
    let shown = format!("{:?} {:?}", chen().sign(head()).signed(), chen());
    assert!(!shown.contains("change") && !shown.contains("3, 3, 3"), "{shown}");
}
