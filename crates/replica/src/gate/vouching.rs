//! Who stands by a change: a head that the actor's own device signed, at that change or a later one of the same actor.
//!
//! An actor's changes form one chain, each among the ancestors of the next, so the head of the last vouches for all of them,
//! and for no other actor's. One signature for each actor is enough, however many changes a newcomer gets.

use std::collections::BTreeMap;

use kaifong_domain::BuildingId;
use kaifong_trust::entry::ActorKey;

use super::GateRefusal;
use crate::fork::{Voucher, verify_head};
use crate::history::{Chain, History};
use crate::{Delivery, limits};

/// Finds for each of these actors what vouches for its chain up to the last change.
///
/// # Errors
/// [`GateRefusal::Unvouched`], or what is wrong with the only head that claims to.
pub(crate) fn vouch(
    delivery: &Delivery,
    building: &BuildingId,
    actors: impl Iterator<Item = ActorKey>,
    history: &History,
) -> Result<BTreeMap<ActorKey, Voucher>, GateRefusal> {
    let mut vouchers = BTreeMap::new();
    for actor in actors {
        let chain = history.chain(&actor).ok_or(GateRefusal::Unvouched)?;
        vouchers.insert(actor, vouch_for(delivery, building, chain)?);
    }
    Ok(vouchers)
}

fn vouch_for(delivery: &Delivery, building: &BuildingId, chain: &Chain) -> Result<Voucher, GateRefusal> {
    let last = chain.changes.last().ok_or(GateRefusal::Unvouched)?;
    let mut refusal = GateRefusal::Unvouched;
    for head in delivery.heads.iter().filter(|head| head.claimed_signer() == chain.actor.device) {
        match verify_head(head, building, &delivery.document, &chain.actor) {
            Ok(value) if value.change == *last && value.seq == chain.changes.len() as u64 => {
                return Ok(Voucher { head: head.clone(), way: Vec::new() });
            }
            Ok(_) => (),
            // A device may have several actors, and a head of another one is no fault.
            Err(GateRefusal::Head(kaifong_trust::Distrust::Rule { .. })) => (),
            Err(bad) => refusal = bad,
        }
    }
    for voucher in &delivery.aftermath.vouchers {
        if voucher.head.claimed_signer() != chain.actor.device {
            continue;
        }
        let seq = chain.changes.len() as u64;
        if voucher.verify(building, &delivery.document, &chain.actor, seq, last).is_ok() {
            return Ok(voucher.clone());
        }
    }
    Err(refusal)
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
    if aftermath.forks.len() > limits::DOCUMENT_FORKS_MAX {
        return Err(GateRefusal::TooManyForks);
    }
    Ok(())
}
