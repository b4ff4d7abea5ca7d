//! Who stands by a change: a head that the actor's own device signed, at that change or a later one of the same actor.
//!
//! An actor's changes form one chain, each among the ancestors of the next, so the head of the last vouches for all
//! of them, and for no other actor's. One signature for each actor is enough, however many changes a newcomer gets.

use std::collections::BTreeMap;

use kaifong_domain::BuildingId;
use kaifong_trust::entry::ActorKey;

use automerge::Change;

use super::GateRefusal;
use crate::fork::{Voucher, verify_head, way_down};
use crate::history::{Chain, Hash, History};
use crate::{Delivery, limits};

/// Finds a change by its hash.
pub(crate) type Lookup<'a> = dyn Fn(&Hash) -> Option<Change> + 'a;

/// Finds for each of these actors what vouches for its chain up to the last change.
///
/// If the gate has left out what is cut, a head may be signed for a change that is not in the history but in the
/// delivery: `left_out` then gives the delivery's changes, and the way down from that head becomes what vouches.
///
/// # Errors
/// [`GateRefusal::Unvouched`], or what is wrong with the only head that claims to.
pub(crate) fn vouch(
    delivery: &Delivery,
    building: &BuildingId,
    actors: impl Iterator<Item = ActorKey>,
    history: &History,
    left_out: Option<&Lookup<'_>>,
) -> Result<BTreeMap<ActorKey, Voucher>, GateRefusal> {
    let mut vouchers = BTreeMap::new();
    for actor in actors {
        let chain = history.chain(&actor).ok_or(GateRefusal::Unvouched)?;
        let found = vouch_for(delivery, building, chain);
        let found = found.or_else(|refusal| match left_out {
            Some(change) => vouch_from_beyond(delivery, building, chain, change).ok_or(refusal),
            None => Err(refusal),
        });
        vouchers.insert(actor, found?);
    }
    Ok(vouchers)
}

fn vouch_for(delivery: &Delivery, building: &BuildingId, chain: &Chain) -> Result<Voucher, GateRefusal> {
    let (seq, last) = (chain.changes.len() as u64, chain.changes.last().ok_or(GateRefusal::Unvouched)?);
    let mut refusal = GateRefusal::Unvouched;
    for head in delivery.heads.iter().filter(|head| head.claimed_signer() == chain.actor.device) {
        match verify_head(head, building, &delivery.document, &chain.actor) {
            Ok(value) if value.change == *last && value.seq == seq => {
                return Ok(Voucher { head: head.clone(), way: Vec::new() });
            }
            Ok(_) => (),
            // A device may have several actors, and a head of another one is no fault.
            Err(GateRefusal::Head(kaifong_trust::Distrust::Rule { .. })) => (),
            Err(bad) => refusal = bad,
        }
    }
    let fits = |voucher: &&Voucher| {
        voucher.head.claimed_signer() == chain.actor.device
            && voucher.verify(building, &delivery.document, &chain.actor, (seq, last)).is_ok()
    };
    delivery.aftermath.vouchers.iter().find(fits).cloned().ok_or(refusal)
}

/// Leads a head that was signed beyond a cut down to what the cut leaves.
fn vouch_from_beyond(
    delivery: &Delivery,
    building: &BuildingId,
    chain: &Chain,
    change: &Lookup<'_>,
) -> Option<Voucher> {
    let mut found = lead_down(delivery, building, &chain.actor, *chain.changes.last()?, change)?;
    // The change that stays is what is vouched for, not part of the way.
    found.way.pop();
    // Without a way the head names the change itself, and was found wanting.
    (!found.way.is_empty()).then_some(found)
}

/// Finds a head of the actor in a delivery and a way from it down to a change, which ends the way.
pub(crate) fn lead_down(
    delivery: &Delivery,
    building: &BuildingId,
    actor: &ActorKey,
    to: Hash,
    change: &Lookup<'_>,
) -> Option<Voucher> {
    let plain = delivery.heads.iter().map(|head| Voucher { head: head.clone(), way: Vec::new() });
    let candidates = plain.chain(delivery.aftermath.vouchers.iter().cloned());
    candidates.filter(|voucher| voucher.head.claimed_signer() == actor.device).find_map(|voucher| {
        let (_, ends) = voucher.ends(building, &delivery.document, actor).ok()?;
        let way = ends.into_iter().find_map(|end| way_down(end, to, change))?;
        Some(Voucher { head: voucher.head, way: voucher.way.into_iter().chain(way).collect() })
    })
}

/// Finds plain heads in a delivery for actors that so far are vouched for by a head that was cut away.
pub(crate) fn renewed(
    delivery: &Delivery,
    building: &BuildingId,
    history: &History,
    vouchers: &BTreeMap<ActorKey, Voucher>,
) -> Vec<(ActorKey, Voucher)> {
    let roundabout = vouchers.iter().filter(|(_, voucher)| !voucher.way.is_empty());
    roundabout
        .filter_map(|(actor, _)| {
            let found = vouch_for(delivery, building, history.chain(actor)?).ok()?;
            found.way.is_empty().then_some((*actor, found))
        })
        .collect()
}

/// Refuses a delivery with more heads or evidence than a document can need.
pub(crate) fn bound(delivery: &Delivery) -> Result<(), GateRefusal> {
    let aftermath = &delivery.aftermath;
    if delivery.heads.len() > limits::DOCUMENT_ACTORS_MAX || aftermath.vouchers.len() > limits::DOCUMENT_ACTORS_MAX {
        return Err(GateRefusal::DocumentFull);
    }
    if aftermath.forks.len() > 2 * limits::DOCUMENT_FORKS_MAX {
        return Err(GateRefusal::DocumentFull);
    }
    Ok(())
}
