//! Keys have one spelling, and each names one place.

use super::*;

#[test]
fn every_key_names_one_field_and_every_field_has_its_kind() {
    let of_records = RecordKind::ALL.into_iter().flat_map(|kind| kind.fields().iter().map(move |f| (*f, Some(kind))));
    let of_profile =
        [Field::ProfileName, Field::ProfileBlock, Field::ProfileAbout, Field::ProfilePlace].map(|field| (field, None));
    for (field, kind) in of_records.chain(of_profile) {
        assert_eq!((Field::parse(field.key()), field.kind()), (Some(field), kind));
    }
}

#[test]
fn every_record_key_is_short_enough_for_the_gate() {
    for kind in RecordKind::ALL {
        let key = RecordKey { kind, id: [0xAB; 16] };
        assert_eq!(RecordKey::parse(&key.text()), Some(key));
        assert!(key.text().len() as u64 <= crate::gate::structure::KEY_SIZE_BYTES_MAX, "{}", key.text());
    }
}

#[test]
fn a_record_key_has_one_spelling() {
    let key = RecordKey { kind: RecordKind::Review, id: [0xAB; 16] };
    assert_eq!(RecordKey::parse(&key.text()), Some(key));
    assert_eq!(RecordKey::parse(&key.text().to_uppercase()), None);
    assert_eq!(RecordKey::parse(&key.text().replace("ab", "AB")), None);
    assert_eq!(RecordKey::parse("review:abab"), None);
}
