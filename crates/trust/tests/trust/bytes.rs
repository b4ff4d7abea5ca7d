//! Any bytes: refused or read, never a panic and never more memory than they have bytes.

use kaifong_domain::EntryHash;
use kaifong_trust::entry::{Basis, Entry, Genesis, Head, NO_ENTRY};
use kaifong_trust::invite::{Code, Ticket};
use kaifong_trust::{Distrust, Envelope, PublicPage, Signable, Signed, decode_exact};
use proptest::prelude::*;

use crate::street::*;

fn reads<T: Signable>(bytes: &[u8]) {
    if let Ok(signed) = Signed::<T>::from_bytes(bytes) {
        assert_eq!(Signed::from_bytes(&signed.to_bytes()).as_ref(), Ok(&signed));
        drop(signed.clone().recall_from_own_store());
        drop(signed.verify());
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        reads::<Entry>(&bytes);
        reads::<Genesis>(&bytes);
        reads::<Head>(&bytes);
        reads::<Envelope>(&bytes);
        if let Ok(page) = decode_exact::<PublicPage>(&bytes, "page") {
            prop_assert!(page.verify(&key("李叔").id()).is_err());
        }
        drop(decode_exact::<Entry>(&bytes, "entry"));
        drop(decode_exact::<Ticket>(&bytes, "ticket"));
    }

    #[test]
    fn bytes_with_one_changed_are_read_or_refused(at in any::<usize>(), to in any::<u8>()) {
        let mut street = Street::founded_by("李叔");
        street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
        let mut bytes = street.entries[0].signed().to_bytes();
        let at = at % bytes.len();
        let same = bytes[at] == to;
        bytes[at] = to;
        reads::<Entry>(&bytes);
        let verified = Signed::<Entry>::from_bytes(&bytes).and_then(Signed::verify);
        prop_assert_eq!(verified.is_ok(), same);
    }

    #[test]
    fn any_entry_that_its_device_signed_is_judged_without_a_panic(payload in proptest::collection::vec(any::<u8>(), 0..300)) {
        // What decodes at all can be offered: `recall_from_own_store` checks no signature.
        let mut wire = vec![7; 32];
        wire.push(u8::try_from(payload.len() % 128).unwrap());
        wire.extend(payload.iter().take(payload.len() % 128));
        wire.extend([0; 64]);
        let street = Street::founded_by("李叔");
        let mut journals = street.empty();
        if let Ok(entry) = Signed::<Entry>::from_bytes(&wire).and_then(Signed::recall_from_own_store) {
            drop(journals.offer(entry));
        }
    }

    #[test]
    fn any_text_is_a_ticket_or_a_code_or_neither(text in any::<String>(), tail in "[A-Z2-7]{0,300}") {
        drop(text.parse::<Ticket>());
        drop(text.parse::<Code>());
        drop(format!("KAIFONG1{tail}").parse::<Ticket>());
    }
}

#[test]
fn a_length_that_is_not_there_is_refused() {
    // Signer, then a payload of 2^63 bytes, then of 2^64 - 1 and more.
    for length in [
        &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01][..],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
    ] {
        let bytes = [&[7; 32], length, &[0; 100]].concat();
        assert!(matches!(Signed::<Entry>::from_bytes(&bytes), Err(Distrust::Malformed { .. })));
        let page = [&bytes[..], length].concat();
        assert!(decode_exact::<PublicPage>(&page, "page").is_err());
    }
}

#[test]
fn more_bytes_than_any_entry_has_are_refused_unread() {
    let found = Entry::SIZE_BYTES_MAX + 1_000;
    let refused = Signed::<Entry>::from_bytes(&vec![0; found]);
    assert!(matches!(refused, Err(Distrust::TooLarge { found: size, .. }) if size == found));
}

#[test]
fn entries_that_name_each_others_neighbours_are_judged() {
    let mut street = Street::founded_by("李叔");
    let li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let mut journals = street.replica();
    assert_eq!(journals.branch(&li.tip()).count(), 1);
    assert_eq!(journals.branch(&EntryHash([3; 32])).count(), 0);
    assert_eq!(journals.since(1).count(), 0);
    assert_eq!(journals.since(u64::MAX).count(), 0);
    assert!(journals.offer(nonsense(street.building, &key("孙七"), 1)).is_ok());
}
