//! What a signed head vouches for when the changes below it are not all in the document: evidence that travels.
//!
//! A head names one change, and that change names what it builds on, down to the first. So a head and the changes on
//! a way down from it show that the device stood by whatever the way leads to. A [`ForkProof`] is two such ways that
//! lead to two changes with one actor and seq: no honest device makes these. A [`Voucher`] keeps what is left of an
//! actor believable after a cut has taken the changes that its head was signed for.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use automerge::Change;
use kaifong_domain::{BuildingId, MemberId};
use kaifong_trust::entry::{ActorKey, Head};
use kaifong_trust::{Distrust, Signed};
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::gate::structure;
use crate::history::Hash;
use crate::{GateRefusal, Owners, limits};

/// A signed head and the changes on a way down from it, each built on by the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    pub(crate) head: Signed<Head>,
    /// Automerge change chunks, the head's own first. None: the head's own change is what is vouched for.
    #[serde(deserialize_with = "way")]
    pub(crate) way: Vec<Vec<u8>>,
}

/// Two branches of one actor: portable proof that whoever holds the device's key has written twice at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkProof {
    pub(crate) building: BuildingId,
    pub(crate) document: MemberId,
    pub(crate) actor: ActorKey,
    pub(crate) seq: u64,
    /// Each way ends with a change at the fork.
    pub(crate) branches: Box<[Voucher; 2]>,
}

/// A proof that was verified in this process.
#[derive(Clone, Debug)]
pub struct VerifiedFork(ForkProof);

impl ForkProof {
    /// Checks sizes, the device, both signatures and both ways, and that they end in two changes with one actor and
    /// seq.
    ///
    /// # Errors
    /// The first rule that the proof breaks.
    pub fn verify(&self, building: &BuildingId, owners: &dyn Owners) -> Result<VerifiedFork, GateRefusal> {
        if self.building != *building {
            return Err(GateRefusal::OtherDocument);
        }
        let found = self.size_bytes();
        if found > limits::EVIDENCE_SIZE_BYTES_MAX {
            return Err(GateRefusal::TooLarge { found, most: limits::EVIDENCE_SIZE_BYTES_MAX });
        }
        structure::check_device(&self.actor, &self.document, owners)?;
        let [one, other] = &*self.branches;
        let ends = (self.end_of(one)?, self.end_of(other)?);
        if ends.0 == ends.1 { Err(GateRefusal::NoFork) } else { Ok(VerifiedFork(self.clone())) }
    }

    fn end_of(&self, branch: &Voucher) -> Result<Hash, GateRefusal> {
        let head = verify_head(&branch.head, &self.building, &self.document, &self.actor)?;
        let end = branch.follow(head.change)?.ok_or(GateRefusal::NoFork)?;
        let at_the_fork = structure::actor_key(end.actor_id())? == self.actor && end.seq() == self.seq;
        if at_the_fork { Ok(end.hash().0) } else { Err(GateRefusal::NoFork) }
    }

    /// Gives the size in bytes of the changes in it.
    pub fn size_bytes(&self) -> usize {
        self.branches.iter().map(Voucher::size_bytes).sum()
    }

    /// Names the document.
    pub fn document(&self) -> MemberId {
        self.document
    }

    /// Names the actor that forked.
    pub fn actor(&self) -> ActorKey {
        self.actor
    }

    /// Gives the seq at which the actor forked, from 1: the first that does not count.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Gives the id of the fork: the hash of where it is, the same for every proof of it.
    pub fn id(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 document fork");
        hasher.update(&self.building.0).update(&self.document.0);
        hasher.update(&self.actor.device.0).update(&self.actor.nonce).update(&self.seq.to_le_bytes());
        *hasher.finalize().as_bytes()
    }

    /// Decodes bytes and verifies the proof in them; for fuzzing and for files.
    ///
    /// # Errors
    /// The first rule that the bytes break.
    pub fn verify_bytes(bytes: &[u8], building: &BuildingId, owners: &dyn Owners) -> Result<VerifiedFork, GateRefusal> {
        let proof: Self = kaifong_trust::decode_exact(bytes, "fork proof").map_err(|_| GateRefusal::Malformed)?;
        proof.verify(building, owners)
    }
}

impl VerifiedFork {
    /// Gives the proof back, to hand it on.
    pub fn proof(&self) -> &ForkProof {
        &self.0
    }
}

impl Voucher {
    /// Gives the size in bytes of the changes on the way.
    pub fn size_bytes(&self) -> usize {
        self.way.iter().map(Vec::len).sum()
    }

    /// Checks that the head is the actor's and that the way leads to this change, the actor's with this seq.
    pub(crate) fn verify(
        &self,
        building: &BuildingId,
        document: &MemberId,
        actor: &ActorKey,
        (seq, target): (u64, &Hash),
    ) -> Result<(), GateRefusal> {
        let (head, ends) = self.ends(building, document, actor)?;
        let names_it = !self.way.is_empty() || head.seq == seq;
        if names_it && ends.contains(target) { Ok(()) } else { Err(GateRefusal::WayBroken) }
    }

    /// Checks that the head is the actor's, and gives it with what its way leads to: its own change, or what the last
    /// change on the way builds on.
    pub(crate) fn ends(
        &self,
        building: &BuildingId,
        document: &MemberId,
        actor: &ActorKey,
    ) -> Result<(Head, Vec<Hash>), GateRefusal> {
        let found = self.size_bytes();
        if found > limits::VOUCHERS_SIZE_BYTES_MAX {
            return Err(GateRefusal::TooLarge { found, most: limits::VOUCHERS_SIZE_BYTES_MAX });
        }
        let head = verify_head(&self.head, building, document, actor)?;
        let ends = match self.follow(head.change)? {
            Some(last) => last.deps().iter().map(|dep| dep.0).collect(),
            None => vec![head.change],
        };
        Ok((head, ends))
    }

    /// Follows the way from the head's change, and gives where it ends.
    fn follow(&self, from: Hash) -> Result<Option<Change>, GateRefusal> {
        let mut last: Option<Change> = None;
        for bytes in &self.way {
            let change = structure::read_change(bytes)?;
            let follows = match &last {
                Some(above) => above.deps().contains(&change.hash()),
                None => change.hash().0 == from,
            };
            if !follows {
                return Err(GateRefusal::WayBroken);
            }
            last = Some(change);
        }
        Ok(last)
    }
}

/// Reads a way: as many changes as a document may have, each no longer than a change may be, and all together no longer
/// than a proof. Memory is set aside for what is there and not for what is claimed.
fn way<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
    struct Chunk(Vec<u8>);
    struct Bytes;
    struct Way;

    impl<'de> Deserialize<'de> for Chunk {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            from.deserialize_bytes(Bytes)
        }
    }

    impl Visitor<'_> for Bytes {
        type Value = Chunk;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a change")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Chunk, E> {
            if bytes.len() > limits::CHANGE_SIZE_BYTES_MAX {
                return Err(E::custom("the change is too long"));
            }
            Ok(Chunk(bytes.to_vec()))
        }
    }

    impl<'de> Visitor<'de> for Way {
        type Value = Vec<Vec<u8>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("changes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
            let (mut way, mut room_bytes) = (Vec::new(), limits::EVIDENCE_SIZE_BYTES_MAX);
            if from.size_hint().is_some_and(|claimed| claimed > limits::DOCUMENT_CHANGES_MAX) {
                return Err(A::Error::custom("the way is too long"));
            }
            while let Some(Chunk(bytes)) = from.next_element()? {
                let left = room_bytes.checked_sub(bytes.len()).filter(|_| way.len() < limits::DOCUMENT_CHANGES_MAX);
                room_bytes = left.ok_or_else(|| A::Error::custom("the way is too long"))?;
                way.push(bytes);
            }
            Ok(way)
        }
    }

    from.deserialize_seq(Way)
}

/// Verifies a head and that it is this actor's in this document.
pub(crate) fn verify_head(
    head: &Signed<Head>,
    building: &BuildingId,
    document: &MemberId,
    actor: &ActorKey,
) -> Result<Head, GateRefusal> {
    if head.claimed_signer() != actor.device {
        return Err(GateRefusal::Head(Distrust::Rule { rule: "a head is signed by the device of its actor" }));
    }
    let head = head.clone().verify().map_err(GateRefusal::Head)?.value().clone();
    if head.building != *building {
        return Err(GateRefusal::Head(Distrust::ForeignBuilding));
    }
    if head.document != *document || head.actor != *actor {
        return Err(GateRefusal::Head(Distrust::Rule { rule: "a head names its own document and actor" }));
    }
    Ok(head)
}

/// Finds a shortest way from one change down to another that it builds on; both are part of it.
pub(crate) fn way_down(from: Hash, to: Hash, change: impl Fn(&Hash) -> Option<Change>) -> Option<Vec<Vec<u8>>> {
    // For every change that was reached: the one above it.
    let mut above: BTreeMap<Hash, Option<Hash>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(hash) = queue.pop_front() {
        if hash == to {
            break;
        }
        // A way may leave what is known here; it then leads elsewhere.
        let Some(change) = change(&hash) else { continue };
        for dep in change.deps() {
            above.entry(dep.0).or_insert_with(|| {
                queue.push_back(dep.0);
                Some(hash)
            });
        }
    }
    let mut way = Vec::new();
    let mut at = Some(to);
    while let Some(hash) = at {
        at = *above.get(&hash)?;
        way.push(change(&hash)?.raw_bytes().to_vec());
    }
    way.reverse();
    Some(way)
}
