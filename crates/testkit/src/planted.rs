//! Bugs that are planted on purpose, to show that the simulator would find them.

use kaifong_sync::{Message, Parcel};

/// Takes documents out of a frame and leaves everything else as it is.
pub(crate) fn without_documents(frame: &[u8]) -> Vec<u8> {
    let keep = |parcels: &mut Vec<Parcel>| parcels.retain(|parcel| !matches!(parcel, Parcel::Document(_)));
    match Message::decode(frame) {
        Ok(Message::News(mut parcels)) => {
            keep(&mut parcels);
            Message::News(parcels).encode()
        }
        Ok(Message::Parcels { session, mut parcels, progress }) => {
            keep(&mut parcels);
            Message::Parcels { session, parcels, progress }.encode()
        }
        _ => frame.to_vec(),
    }
}
