//! Step 3: does Automerge take it, and give it back?
//!
//! Measured on 0.12: hostile changes can apply with `Ok` and leave a document whose `save()` cannot be loaded, and
//! others panic. What passed steps 1 and 2 should do neither; whoever is wrong about that finds out here, on a copy.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change};

use super::GateRefusal;
use crate::history::Hash;

/// Runs what Automerge does with foreign bytes. A panic becomes a refusal: the profiles keep `panic = "unwind"`.
///
/// Nothing that the closure leaves behind is used after a panic, so it may be asserted to be unwind-safe.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, GateRefusal> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| GateRefusal::RehearsalPanicked)
}

/// Gives the heads, ascending.
pub(crate) fn heads(doc: &Automerge) -> BTreeSet<Hash> {
    doc.get_heads().into_iter().map(|hash| hash.0).collect()
}

/// Applies changes to a copy, saves it, loads it, saves it again; gives the copy if it came through unharmed.
pub(crate) fn rehearse(doc: &Automerge, changes: Vec<Change>) -> Result<Automerge, GateRefusal> {
    let mut expected = heads(doc);
    for change in &changes {
        change.deps().iter().for_each(|dep| {
            expected.remove(&dep.0);
        });
        expected.insert(change.hash().0);
    }
    caught(|| {
        let mut copy = doc.clone();
        copy.apply_changes(changes).map_err(|_| GateRefusal::Rehearsal)?;
        let saved = copy.save_nocompress();
        let again = Automerge::load(&saved).map_err(|_| GateRefusal::Rehearsal)?;
        let unharmed = heads(&copy) == expected && heads(&again) == expected && again.save_nocompress() == saved;
        if unharmed { Ok(copy) } else { Err(GateRefusal::Rehearsal) }
    })?
}
