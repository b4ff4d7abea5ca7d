//! A length that a stranger claims sets no memory aside. The peak of the process's own address space is the witness, so
//! this test has a program to itself.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use kaifong_sync::{Message, WireError};

/// The largest address space that the process ever had, in KiB.
fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push(u8::try_from(number & 127).unwrap() | 128);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

/// What precedes a length in each kind of message that has one, up to the innermost list.
fn before_each_length() -> Vec<(&'static str, Vec<u8>)> {
    let parcels = |parcel: &[u8]| [&[8, 5, 1][..], parcel].concat();
    vec![
        ("apply: envelopes", [&[2][..], &[1; 32]].concat()),
        ("apply: an envelope's payload", [&[2][..], &[1; 32], &[1], &[7; 32]].concat()),
        ("refused: code", vec![4]),
        ("reconcile: step", [&[5, 5][..], &[9; 16]].concat()),
        ("reply: step", vec![6, 5]),
        ("fetch: need", vec![7, 5]),
        ("fetch: mine", vec![7, 5, 0]),
        ("fetch: heads", [&[7, 5, 0, 1, 0][..], &[3; 32]].concat()),
        ("parcels", vec![8, 5]),
        ("parcels: entries", parcels(&[0])),
        ("parcels: an entry's payload", [&parcels(&[0, 1])[..], &[7; 32]].concat()),
        ("parcels: changes", [&parcels(&[1])[..], &[2; 16], &[0]].concat()),
        ("parcels: a change", [&parcels(&[1])[..], &[2; 16], &[0, 1]].concat()),
        ("parcels: a snapshot", [&parcels(&[1])[..], &[2; 16], &[1]].concat()),
        ("parcels: signed heads", [&parcels(&[1])[..], &[2; 16], &[0, 0]].concat()),
        ("parcels: an aftermath's forks", [&parcels(&[1])[..], &[2; 16], &[0, 0, 0]].concat()),
        ("wants", vec![9, 5]),
        ("news", vec![11]),
        ("ask", vec![12]),
        ("acked", vec![13]),
    ]
}

#[test]
fn a_claimed_length_sets_nothing_aside() {
    let frames = before_each_length();
    // Once without looking, so that what the test itself needs is there.
    frames.iter().for_each(|(_, before)| drop(Message::decode(before)));
    let _ = peak_kib();
    let before_kib = peak_kib();
    for (what, before) in &frames {
        for claimed in [1 << 10, 1 << 16, 1 << 20, 1 << 26, 1 << 32, 1 << 40, u64::MAX] {
            for tail in [0_usize, 100, 1000] {
                let frame = [&before[..], &varint(claimed), &vec![0; tail][..]].concat();
                let claimed_fits = claimed <= 1 << 10 && tail >= 1000;
                let result = Message::decode(&frame);
                assert!(result == Err(WireError::Malformed) || claimed_fits, "{what}: {claimed} claimed");
            }
        }
    }
    let grown_kib = peak_kib() - before_kib;
    assert!(grown_kib < 512, "decoding lies took {grown_kib} KiB");
}
