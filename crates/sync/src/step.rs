//! How a step of the reconcile is packed: runs of zero bytes are counted.
//!
//! Negentropy's ids are 32 bytes, ours fill 16 of them (see [`Element`](crate::Element)), so half of every list of ids
//! would be zeros. A zero byte is followed by the length of its run, 1 to 255; every other byte stands for itself.

use crate::error::WireError;

/// Packs what negentropy wrote.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len());
    let mut run: u8 = 0;
    for byte in bytes {
        if run > 0 && (*byte != 0 || run == u8::MAX) {
            packed.extend([0, run]);
            run = 0;
        }
        if *byte == 0 {
            run += 1;
        } else {
            packed.push(*byte);
        }
    }
    if run > 0 {
        packed.extend([0, run]);
    }
    packed
}

/// Unpacks what a neighbour sent, to at most `size_bytes_max`.
pub(crate) fn unpack(packed: &[u8], size_bytes_max: usize) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::with_capacity(packed.len().min(size_bytes_max));
    let mut rest = packed.iter();
    while let Some(byte) = rest.next() {
        let run = match byte {
            0 => match rest.next() {
                None | Some(0) => return Err(WireError::BadStep),
                Some(run) => usize::from(*run),
            },
            _ => 1,
        };
        let length = bytes.len() + run;
        if length > size_bytes_max {
            return Err(WireError::BadStep);
        }
        bytes.resize(length, *byte);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sixteen_zeros_take_two_bytes() {
        assert_eq!(pack(&[&[7; 16][..], &[0; 16]].concat()).len(), 18);
    }

    #[test]
    fn a_long_run_is_cut_and_joined() {
        let zeros = vec![0; 1000];
        assert_eq!(unpack(&pack(&zeros), 1000), Ok(zeros));
    }

    #[test]
    fn a_few_bytes_cannot_become_many() {
        let bomb = [0, 255].repeat(1_000_000);
        assert_eq!(unpack(&bomb, 4096), Err(WireError::BadStep));
        assert_eq!(unpack(&[1, 0], 4096), Err(WireError::BadStep), "a run without its length");
        assert_eq!(unpack(&[1, 0, 0], 4096), Err(WireError::BadStep), "a run of none");
    }

    proptest! {
        #[test]
        fn what_is_packed_unpacks(bytes in proptest::collection::vec(prop_oneof![Just(0_u8), any::<u8>()], 0..2000)) {
            prop_assert_eq!(unpack(&pack(&bytes), bytes.len()), Ok(bytes));
        }

        #[test]
        fn arbitrary_bytes_unpack_within_the_bound(bytes in proptest::collection::vec(prop_oneof![Just(0_u8), any::<u8>()], 0..2000)) {
            if let Ok(unpacked) = unpack(&bytes, 3000) {
                prop_assert!(unpacked.len() <= 3000);
            }
        }
    }
}
