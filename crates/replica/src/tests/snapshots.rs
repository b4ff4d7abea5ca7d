//! Snapshots, honest and bent.

use automerge::{Automerge, ROOT, ReadDoc};
use sha2::{Digest, Sha256};

use super::*;
use crate::gate::columns::Bytes;
use crate::gate::structure::{ChunkKind, MAGIC, open_chunk};
use crate::{AuditCount, GateRefusal};

/// A document chunk taken apart.
#[derive(Clone)]
struct Parts {
    actors_and_heads: Vec<u8>,
    changes: Vec<(u64, Vec<u8>)>,
    ops: Vec<(u64, Vec<u8>)>,
    suffix: Vec<u8>,
}

fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

impl Parts {
    fn of(bytes: &[u8]) -> Self {
        let (_, mut content) = open_chunk(bytes, ChunkKind::Document).unwrap();
        let mut actors_and_heads = Vec::new();
        let actors = content.unsigned().unwrap();
        write_number(&mut actors_and_heads, actors);
        for _ in 0..actors {
            let length = content.unsigned().unwrap();
            write_number(&mut actors_and_heads, length);
            actors_and_heads.extend(content.take(length).unwrap());
        }
        let heads = content.unsigned().unwrap();
        write_number(&mut actors_and_heads, heads);
        actors_and_heads.extend(content.take(heads * 32).unwrap());
        let layout = |content: &mut Bytes<'_>| -> Vec<(u64, u64)> {
            let count = content.unsigned().unwrap();
            (0..count).map(|_| (content.unsigned().unwrap(), content.unsigned().unwrap())).collect()
        };
        let (changes, ops) = (layout(&mut content), layout(&mut content));
        let mut columns = |layout: Vec<(u64, u64)>| -> Vec<(u64, Vec<u8>)> {
            layout.into_iter().map(|(spec, length)| (spec, content.take(length).unwrap().to_vec())).collect()
        };
        let (changes, ops) = (columns(changes), columns(ops));
        let mut suffix = Vec::new();
        for _ in 0..heads {
            write_number(&mut suffix, content.unsigned().unwrap());
        }
        Self { actors_and_heads, changes, ops, suffix }
    }

    fn together(&self) -> Vec<u8> {
        let mut content = self.actors_and_heads.clone();
        for columns in [&self.changes, &self.ops] {
            write_number(&mut content, columns.len() as u64);
            for (spec, bytes) in columns {
                write_number(&mut content, *spec);
                write_number(&mut content, bytes.len() as u64);
            }
        }
        self.changes.iter().chain(&self.ops).for_each(|(_, bytes)| content.extend(bytes));
        content.extend(&self.suffix);
        let mut hashed = vec![0];
        write_number(&mut hashed, content.len() as u64);
        let hash = Sha256::new().chain_update(&hashed).chain_update(&content).finalize();
        let mut bytes = [&MAGIC[..], &hash[..4]].concat();
        bytes.extend(hashed);
        bytes.extend(content);
        bytes
    }

    fn op_column(&mut self, spec: u64) -> &mut Vec<u8> {
        let at = self.ops.iter().position(|(found, _)| *found == spec).unwrap();
        &mut self.ops[at].1
    }
}

fn write_signed(out: &mut Vec<u8>, number: i64) {
    let mut number = number;
    loop {
        let byte = (number & 0x7F) as u8;
        number >>= 7;
        if (number == 0 && byte & 0x40 == 0) || (number == -1 && byte & 0x40 != 0) {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

/// Writes runs as Automerge does: equal neighbours as one run, the others in between as one literal.
fn runs(rows: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut literal: Vec<u64> = Vec::new();
    let flush = |out: &mut Vec<u8>, literal: &mut Vec<u64>| {
        if !literal.is_empty() {
            write_signed(out, -(literal.len() as i64));
            literal.drain(..).for_each(|row| write_number(out, row));
        }
    };
    for group in rows.chunk_by(|a, b| a == b) {
        if let [row] = group {
            literal.push(*row);
        } else {
            flush(&mut out, &mut literal);
            write_signed(&mut out, group.len() as i64);
            write_number(&mut out, group[0]);
        }
    }
    flush(&mut out, &mut literal);
    out
}

/// A document in which phone and tablet gave one listing a title while apart, uncompressed.
fn two_titles() -> (Document, Vec<u8>) {
    let mut document = empty();
    edit(&mut document, &phone(), &put(1, "电钻"));
    let mut apart = document.clone();
    edit(&mut document, &phone(), &put(1, "冲击钻"));
    let theirs = edit(&mut apart, &tablet(), &put(1, "角磨机"));
    take(&mut document, &theirs);
    let bytes = document.doc.save_nocompress();
    (document, bytes)
}

fn as_snapshot(document: &Document, bytes: Vec<u8>) -> Delivery {
    let mut delivery = snapshot_of(document);
    delivery.content = Content::Snapshot(bytes);
    delivery
}

fn refused(document: &Document, bytes: Vec<u8>) -> GateRefusal {
    let mut newcomer = empty();
    let refusal = newcomer.judge(&as_snapshot(document, bytes), &Register).unwrap_err();
    assert_eq!((newcomer.changes(), newcomer.writes()), (0, vec![]));
    take(&mut newcomer, &snapshot_of(document));
    refusal
}

#[test]
fn a_newcomer_verifies_one_signature_for_each_actor() {
    let mut mine = empty();
    for id in 0..30 {
        edit(&mut mine, &phone(), &put(id, "电钻"));
        edit(&mut mine, &tablet(), &put(id, "冲击钻"));
        edit(&mut mine, &phone(), &review(id, 5));
        let gone = Listing { points: None, closed_at: Some(Instant(8)), ..listing(id, "冲击钻") };
        edit(&mut mine, &watch(), &Edit::PutListing(gone));
    }
    let mut newcomer = empty();
    assert_eq!(take(&mut newcomer, &snapshot_of(&mine)), Verdict::Applied { records_changed: true });
    assert_eq!(newcomer.fingerprint(), mine.fingerprint());
    assert_eq!(newcomer.records(), mine.records());
    assert_eq!(newcomer.audit(&Register), Ok(AuditCount { changes: 120, signatures: 3 }));
    assert_eq!(take(&mut newcomer, &snapshot_of(&mine)), Verdict::AlreadyKnown);
    // What was judged as a snapshot can go on change by change.
    take(&mut newcomer, &edit(&mut mine, &phone(), &put(3, "电钻")));
    assert_eq!(newcomer.records(), mine.records());
}

#[test]
fn a_snapshot_brings_what_is_new_to_somebody_who_has_something() {
    let (mut mine, mut theirs) = (empty(), empty());
    take(&mut theirs, &edit(&mut mine, &phone(), &put(1, "电钻")));
    edit(&mut mine, &phone(), &put(2, "梯子"));
    edit(&mut theirs, &tablet(), &put(3, "推车"));
    take(&mut theirs, &snapshot_of(&mine));
    assert_eq!(theirs.records().listings.len(), 3);
    meet(&mut mine, &mut theirs);
    theirs.audit(&Register).unwrap();
}

#[test]
fn both_the_compressed_and_the_plain_form_pass() {
    let mut mine = empty();
    (0..40).for_each(|id| drop(edit(&mut mine, &phone(), &put(id, "电钻"))));
    for bytes in [mine.doc.save(), mine.doc.save_nocompress()] {
        let mut newcomer = empty();
        take(&mut newcomer, &as_snapshot(&mine, bytes));
        assert_eq!(newcomer.records(), mine.records());
    }
}

#[test]
fn a_snapshot_taken_apart_and_put_together_is_the_same() {
    let (document, bytes) = two_titles();
    assert_eq!(Parts::of(&bytes).together(), bytes);
    take(&mut empty(), &as_snapshot(&document, bytes));
}

/// Automerge marks it FIXME and takes it: the operations of a document in another order. What it then shows is not
/// what the changes say, though the heads are right.
#[test]
fn operations_out_of_order_load_in_automerge_and_are_refused_here() {
    let (document, bytes) = two_titles();
    let mut parts = Parts::of(&bytes);
    // The rows of the listing's titles: (counter, actor) of each operation in the order of the columns.
    let ids = crate::gate::columns::deltas(parts.op_column(0x23), ROWS).unwrap();
    let actors = crate::gate::columns::full_runs(parts.op_column(0x21), ROWS, Bytes::unsigned).unwrap();
    // Phone's and tablet's rename have the same counter; their rows stand side by side.
    let at = (1..ids.len()).find(|at| ids[*at] == ids[at - 1]).unwrap();
    let mut swapped = actors.clone();
    swapped.swap(at - 1, at);
    *parts.op_column(0x21) = runs(&swapped);
    let metas = crate::gate::columns::full_runs(parts.op_column(0x56), ROWS, Bytes::unsigned).unwrap();
    let start: u64 = metas.iter().take(at - 1).map(|meta| meta >> 4).sum();
    let (start, length) = (start as usize, (metas[at - 1] >> 4) as usize);
    assert_eq!(metas[at - 1], metas[at], "the two titles have one length, so their bytes can change places");
    let values = parts.op_column(0x57);
    let first = values[start..start + length].to_vec();
    values.copy_within(start + length..start + 2 * length, start);
    values[start + length..start + 2 * length].copy_from_slice(&first);

    let bent = parts.together();
    assert_eq!(refused(&document, bent.clone()), GateRefusal::OutOfOrder);
    if cfg!(debug_assertions) {
        // Only then does Automerge assert the order that it relies on.
        return assert!(crate::gate::rehearsal::caught(|| Automerge::load(&bent)).is_err());
    }
    let loaded = Automerge::load(&bent).expect("Automerge takes it");
    assert_eq!(loaded.get_heads(), document.doc.get_heads(), "the heads are right");
    let title = |doc: &Automerge| {
        let (_, map) = doc.get(ROOT, "listing:01010101010101010101010101010101").unwrap().unwrap();
        doc.get(map, "title").unwrap().unwrap().0.to_string()
    };
    assert_ne!(title(&loaded), title(&document.doc), "and it shows something else");
}

const ROWS: crate::gate::columns::RowLimit = crate::gate::columns::RowLimit(1000);

#[test]
fn bombs_are_bounded_before_automerge_sees_them() {
    use std::io::Read;
    let (document, bytes) = two_titles();
    let zeros = vec![0; 32 << 20];
    let mut bomb = Vec::new();
    flate2::bufread::DeflateEncoder::new(zeros.as_slice(), flate2::Compression::best()).read_to_end(&mut bomb).unwrap();
    let mut parts = Parts::of(&bytes);
    parts.ops.iter_mut().filter(|(spec, _)| *spec == 0x57).for_each(|column| *column = (0x57 | 0x08, bomb.clone()));
    assert_eq!(refused(&document, parts.together()), GateRefusal::SnapshotTooLarge { limit: "inflates-too-far" });

    let too_long = GateRefusal::SnapshotTooLarge { limit: "run-too-long" };
    let mut endless = Vec::new();
    write_signed(&mut endless, 1 << 50);
    endless.push(1);
    for spec in [0x21, 0x42, 0x56, 0x80, 0x81] {
        let mut parts = Parts::of(&bytes);
        *parts.op_column(spec) = endless.clone();
        assert_eq!(refused(&document, parts.together()), too_long, "operations' column {spec:#x}");
    }
    for at in 0..Parts::of(&bytes).changes.len() {
        let mut parts = Parts::of(&bytes);
        if parts.changes[at].0 != 0x57 {
            parts.changes[at].1 = endless.clone();
            assert_eq!(refused(&document, parts.together()), too_long, "changes' column {at}");
        }
    }
    let large = vec![0; crate::limits::SNAPSHOT_SIZE_BYTES_MAX + 1];
    assert_eq!(refused(&document, large), GateRefusal::SnapshotTooLarge { limit: "too-large" });
    assert!(!too_long.sender_could_have_checked(), "it may have come to the sender change by change");
}

#[test]
fn snapshots_with_what_no_record_has_are_refused() {
    use automerge::transaction::Transactable;
    use automerge::{ActorId, ObjType};
    let bent = |write: &dyn Fn(&mut automerge::transaction::Transaction<'_>)| {
        let mut document = empty();
        edit(&mut document, &phone(), &put(1, "电钻"));
        let mut doc = document.doc.clone();
        doc.set_actor(ActorId::from(actor(&tablet()).to_bytes()));
        let mut transaction = doc.transaction();
        write(&mut transaction);
        let hash = transaction.commit().0.unwrap();
        let mut delivery = as_snapshot(&document, doc.save());
        let unsigned = empty().judge(&delivery, &Register).unwrap_err();
        delivery.heads.push(head(&tablet(), 1, hash.0));
        let refusal = empty().judge(&delivery, &Register).unwrap_err();
        assert!(unsigned == refusal || unsigned == GateRefusal::Unvouched);
        refusal
    };
    let list = |tx: &mut automerge::transaction::Transaction<'_>| drop(tx.put_object(ROOT, "title", ObjType::List));
    assert_eq!(bent(&list), GateRefusal::ListsForbidden);
    assert_eq!(bent(&|tx| tx.put(ROOT, "admin", "yes").unwrap()), GateRefusal::KeyUnknown);
    assert_eq!(bent(&|tx| tx.put(ROOT, "title", "yes").unwrap()), GateRefusal::KeyMisplaced);
    assert_eq!(bent(&|tx| tx.put(ROOT, "profile.name", 5_u64).unwrap()), GateRefusal::ValueType);
    let counter = automerge::ScalarValue::counter(1);
    assert_eq!(bent(&|tx| tx.put(ROOT, "profile.name", counter.clone()).unwrap()), GateRefusal::ValueType);
    let key = "listing:01010101010101010101010101010101";
    assert_eq!(bent(&|tx| tx.delete(ROOT, key).unwrap()), GateRefusal::DeleteForbidden);
    let again = |tx: &mut automerge::transaction::Transaction<'_>| drop(tx.put_object(ROOT, key, ObjType::Map));
    assert_eq!(bent(&again), GateRefusal::RecordReplaced);
}

#[test]
fn several_chunks_are_no_snapshot() {
    let (document, bytes) = two_titles();
    let mut ahead = document.clone();
    let more = changes_of(&edit(&mut ahead, &phone(), &put(7, "书"))).remove(0);
    assert_eq!(refused(&document, [bytes, more].concat()), GateRefusal::Malformed);
}
