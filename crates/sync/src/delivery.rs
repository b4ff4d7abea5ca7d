//! How a delivery is read from the wire: its lists bounded, its byte strings in one piece.
//!
//! What is written is what serde derives for [`Delivery`]; only reading differs, and only in cost: derived, every byte
//! of a snapshot would be an element of its own, and an empty change would cost one byte on the wire and 24 in memory.

use kaifong_domain::MemberId;
use kaifong_replica::{Aftermath, Content, Delivery};
use kaifong_trust::Signed;
use kaifong_trust::entry::Head;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bounded::{self, CHANGES_MAX, HEADS_MAX};

#[derive(Serialize)]
struct Written<'a> {
    document: &'a MemberId,
    content: WrittenContent<'a>,
    heads: &'a [Signed<Head>],
    aftermath: &'a Aftermath,
}

#[derive(Serialize)]
enum WrittenContent<'a> {
    Changes(Vec<Bytes<'a>>),
    Snapshot(Bytes<'a>),
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

#[derive(Deserialize)]
struct Read {
    document: MemberId,
    content: ReadContent,
    #[serde(deserialize_with = "bounded::list::<_, _, HEADS_MAX>")]
    heads: Vec<Signed<Head>>,
    aftermath: Aftermath,
}

#[derive(Deserialize)]
enum ReadContent {
    Changes(#[serde(deserialize_with = "bounded::list::<_, _, CHANGES_MAX>")] Vec<Change>),
    Snapshot(#[serde(deserialize_with = "bounded::bytes")] Vec<u8>),
}

#[derive(Deserialize)]
struct Change(#[serde(deserialize_with = "bounded::bytes")] Vec<u8>);

pub(crate) fn serialize<S: Serializer>(delivery: &Delivery, to: S) -> Result<S::Ok, S::Error> {
    let content = match &delivery.content {
        Content::Changes(changes) => WrittenContent::Changes(changes.iter().map(|change| Bytes(change)).collect()),
        Content::Snapshot(bytes) => WrittenContent::Snapshot(Bytes(bytes)),
    };
    let (document, heads, aftermath) = (&delivery.document, &delivery.heads, &delivery.aftermath);
    Written { document, content, heads, aftermath }.serialize(to)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Delivery, D::Error> {
    let Read { document, content, heads, aftermath } = Read::deserialize(from)?;
    let content = match content {
        ReadContent::Changes(changes) => Content::Changes(changes.into_iter().map(|Change(bytes)| bytes).collect()),
        ReadContent::Snapshot(bytes) => Content::Snapshot(bytes),
    };
    Ok(Delivery { document, content, heads, aftermath })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_form_that_serde_derives() {
        #[derive(Serialize)]
        struct Here(#[serde(with = "super")] Delivery);

        let contents = [
            Content::Changes(Vec::new()),
            Content::Changes(vec![vec![1, 2, 3], Vec::new(), vec![0; 300]]),
            Content::Snapshot(vec![9; 1000]),
        ];
        for content in contents {
            let delivery =
                Delivery { document: MemberId([3; 16]), content, heads: Vec::new(), aftermath: Aftermath::default() };
            assert_eq!(kaifong_trust::encode(&delivery), kaifong_trust::encode(&Here(delivery)));
        }
    }
}
