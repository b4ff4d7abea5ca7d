//! A process that writes records and tells of each one that was acknowledged, and what must be found of them later.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use kaifong_store::{Batch, SledStore, Space, Store, StoreKey};

use crate::image::run;

const WRITERS: u32 = 4;
const DOCUMENTS: u8 = 200;
const DOCUMENT_BYTES: usize = 20_000;

/// The key of the device that writes, before and after a cut.
pub(crate) fn key() -> StoreKey {
    StoreKey::of_secret(&[7; 32])
}

/// Which software is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Our store.
    Store,
    /// sled as it comes, with a flush after each write.
    BareSled,
}

/// One acknowledged commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record {
    life: u32,
    writer: u32,
    n: u32,
}

impl Record {
    pub(crate) fn key(self) -> Vec<u8> {
        [self.life, self.writer, self.n].map(u32::to_be_bytes).concat()
    }

    /// Mostly small, sometimes in several pieces, now and then larger than a segment of sled's.
    pub(crate) fn value(self) -> Vec<u8> {
        let len = match self.n % 100 {
            99 => 700_000,
            9 | 19 | 29 | 39 => 20_000,
            n => 10 + 29 * n as usize,
        };
        (0..len)
            .map(|at| (at as u32).wrapping_mul(self.n + 7).wrapping_add(self.writer * 31 + self.life) as u8)
            .collect()
    }

    fn document(self) -> Vec<u8> {
        self.key().repeat(DOCUMENT_BYTES / 12)
    }

    /// Tells whether the record comes with a rewrite of all of its writer's documents, 4 MB in one batch.
    fn rewrites_documents(self) -> bool {
        self.n % 100 == 50
    }

    /// Puts the record, a head that names it, and what many records overwrite, so that sled has garbage to move.
    fn batch(self) -> Batch {
        let mut batch = Batch::new();
        if self.rewrites_documents() {
            for document in 0..DOCUMENTS {
                batch.put(Space::Documents, [self.writer as u8, document], self.document());
            }
        }
        batch.put(Space::Journals, self.key(), self.value());
        batch.put(Space::Heads, [self.writer as u8], self.key());
        batch.put(Space::Rows, [(self.n % 200) as u8, self.writer as u8], vec![self.n as u8; 3000]);
        batch
    }
}

/// A running writer and what it has told.
pub(crate) struct Writer {
    child: Child,
    told: Receiver<Record>,
    acknowledged: Vec<Record>,
}

impl Writer {
    /// Starts this test binary again as a writer, and waits for its first acknowledgement.
    pub(crate) fn start(kind: Kind, dir: &Path, life: u32) -> Writer {
        let mut child = Command::new(std::env::current_exe().expect("a test has a binary"))
            .args(["--exact", "writes_when_started_by_another_test", "--ignored", "--nocapture"])
            .env("KAIFONG_WRITER", format!("{kind:?}"))
            .env("KAIFONG_WRITER_DIR", dir)
            .env("KAIFONG_WRITER_LIFE", life.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the writer starts");
        let (tell, told) = channel();
        let lines = BufReader::new(child.stdout.take().expect("the writer has a stdout")).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let Some(rest) = line.strip_prefix("acknowledged ") else { continue };
                let mut numbers = rest.split(' ').map(|number| number.parse().expect("a number"));
                if let (Some(writer), Some(n)) = (numbers.next(), numbers.next()) {
                    let _ = tell.send(Record { life, writer, n });
                }
            }
        });
        let first = told.recv_timeout(Duration::from_secs(30)).expect("the writer acknowledges something");
        Writer { child, told, acknowledged: vec![first] }
    }

    /// Stops the process where it is, without its help.
    pub(crate) fn freeze(&self) {
        run("kill", &["-STOP", &self.child.id().to_string()]).expect("the writer can be stopped");
    }

    /// Kills the process with SIGKILL and returns what it had acknowledged by then.
    pub(crate) fn kill(mut self) -> Vec<Record> {
        self.child.kill().expect("the writer can be killed");
        self.child.wait().expect("the writer ends");
        // The pipe has closed: what was in it is read to its end.
        self.acknowledged.extend(self.told.iter());
        std::mem::take(&mut self.acknowledged)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes until killed, as the environment says.
pub(crate) fn write_until_killed() {
    let env = |name| std::env::var(name).expect("the environment of a writer");
    let dir = env("KAIFONG_WRITER_DIR");
    let life = env("KAIFONG_WRITER_LIFE").parse().expect("a number");
    // The test's name is on the first line of the output: it ends here.
    println!();
    if env("KAIFONG_WRITER") == "Store" {
        let opened = SledStore::open(Path::new(&dir), &key()).expect("the store opens");
        assert_eq!(opened.aside, None, "the store opens as it is");
        write_all(life, |record| opened.store.commit(record.batch()).expect("a record commits"));
    } else {
        let bare = sled::open(dir).expect("sled opens");
        write_all(life, |record| {
            bare.insert(record.key(), record.value()).expect("a record is inserted");
            bare.flush().expect("sled flushes");
        });
    }
}

fn write_all(life: u32, commit: impl Fn(Record) + Sync) {
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let commit = &commit;
            scope.spawn(move || {
                for n in 0.. {
                    commit(Record { life, writer, n });
                    // One write, so that a line is told whole or not at all.
                    let line = format!("acknowledged {writer} {n}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).expect("the test listens");
                }
            });
        }
    });
}

/// Checks that a store has every acknowledged record, and of others nothing half.
pub(crate) fn check_store(store: &SledStore, acknowledged: &BTreeSet<Record>) {
    for record in acknowledged {
        let found = store.get(Space::Journals, &record.key()).expect("a get succeeds");
        assert!(found.as_ref() == Some(&record.value()), "{record:?} was acknowledged and is lost or changed");
    }
    for writer in 0..WRITERS {
        let Some(last) = acknowledged.iter().rev().find(|record| record.writer == writer) else { continue };
        let head = store.get(Space::Heads, &[writer as u8]).expect("a get succeeds").expect("a head is there");
        assert!(head >= last.key(), "the head of writer {writer} is older than what was acknowledged");
        let headed = store.get(Space::Journals, &head).expect("a get succeeds");
        assert!(headed.is_some(), "a head came without the record of the same batch");
        let of_writer = acknowledged.iter().rev().filter(|record| record.writer == writer);
        let Some(rewrite) = of_writer.copied().find(|record| record.rewrites_documents()) else { continue };
        let documents = store.scan(Space::Documents, &[writer as u8]).expect("a scan succeeds");
        assert_eq!(documents.len(), usize::from(DOCUMENTS));
        let (_, newest) = documents.first().expect("there are documents");
        assert!(documents.iter().all(|(_, document)| document == newest), "a rewrite came in part");
        assert!(*newest >= rewrite.document(), "an acknowledged rewrite is lost");
    }
}

/// Counts the acknowledged records that a bare sled still has; a sled that will not open has none.
pub(crate) fn count_in_bare_sled(dir: &Path, acknowledged: &BTreeSet<Record>) -> usize {
    let opened = std::panic::catch_unwind(|| sled::open(dir));
    let Ok(Ok(bare)) = opened else { return 0 };
    let there = |record: &&Record| matches!(bare.get(record.key()), Ok(Some(value)) if *value == record.value());
    acknowledged.iter().filter(there).count()
}
