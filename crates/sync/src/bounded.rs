//! Lists from the wire: bounded before anything is set aside for them.
//!
//! A list's length is a claim that costs a stranger five bytes. So it is held against a bound before the first element
//! is read, memory is set aside for what arrives and not for what is claimed, and byte strings are copied in one piece
//! out of the frame that holds them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Entries in one parcel, at most.
pub(crate) const ENTRIES_MAX: usize = 16 * 1024;
/// Parcels in one frame, at most.
pub(crate) const PARCELS_MAX: usize = 8 * 1024;
/// Items in one list (needs, offers, wants), at most. What is beyond waits for the next session.
pub(crate) const ITEMS_MAX: usize = 64 * 1024;
/// Changes in one delivery, at most: as many as a document may hold.
pub(crate) const CHANGES_MAX: usize = kaifong_replica::limits::DOCUMENT_CHANGES_MAX;
/// Heads of one item, at most. A side with more names the first ones and gets some things twice.
pub(crate) const HEADS_MAX: usize = 64;
/// Envelopes in one application, and acknowledged ones in one message, at most.
pub(crate) const ENVELOPES_MAX: usize = 1024;
/// A code of a refusal in bytes, at most.
pub(crate) const CODE_BYTES_MAX: usize = 64;
/// A sentence of a refusal in bytes, at most.
pub(crate) const SENTENCE_BYTES_MAX: usize = 2048;

/// What is set aside for a list before its elements arrive, in elements.
const ROOM_AHEAD: usize = 16;

/// Reads a list of at most `MOST` elements.
pub(crate) fn list<'de, D, T, const MOST: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Vec<T>, A::Error> {
            let claimed = from.size_hint();
            if claimed.is_some_and(|claimed| claimed > MOST) {
                return Err(A::Error::custom("the list is too long"));
            }
            let mut all = Vec::with_capacity(claimed.unwrap_or_default().min(ROOM_AHEAD));
            while let Some(element) = from.next_element()? {
                // A claim beyond the bytes of the frame comes without a hint, so the bound is held here as well.
                if all.len() == MOST {
                    return Err(A::Error::custom("the list is too long"));
                }
                all.push(element);
            }
            Ok(all)
        }
    }

    from.deserialize_seq(List::<T, MOST>(PhantomData))
}

/// Reads a text of at most `MOST` bytes.
pub(crate) fn text<'de, D: Deserializer<'de>, const MOST: usize>(from: D) -> Result<String, D::Error> {
    struct Text<const MOST: usize>;

    impl<const MOST: usize> Visitor<'_> for Text<MOST> {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a text of at most {MOST} bytes")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
            if text.len() > MOST { Err(E::custom("the text is too long")) } else { Ok(text.to_owned()) }
        }
    }

    from.deserialize_str(Text::<MOST>)
}

/// Reads a byte string; it lies in the frame already, so the frame's bound is its bound.
pub(crate) fn bytes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a byte string")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }

    from.deserialize_bytes(Bytes)
}

/// Items with the heads that one side holds of them.
pub(crate) mod items {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{HEADS_MAX, ITEMS_MAX, list};
    use crate::item::{Heads, ItemId};

    #[derive(Deserialize)]
    struct Held(ItemId, #[serde(deserialize_with = "list::<_, _, HEADS_MAX>")] Heads);

    pub(crate) fn serialize<S: Serializer>(items: &[(ItemId, Heads)], to: S) -> Result<S::Ok, S::Error> {
        items.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(ItemId, Heads)>, D::Error> {
        let items: Vec<Held> = list::<_, _, ITEMS_MAX>(from)?;
        Ok(items.into_iter().map(|Held(item, heads)| (item, heads)).collect())
    }
}
