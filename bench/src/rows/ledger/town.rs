//! A million entries of two thousand journals: made once from a fixed seed with real keys, kept as one file.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use foldhash::{HashMap};
use kaifong_domain::charter::Charter;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId, Points, Refusal};
use kaifong_ledger::{Ledger, Rights};
use kaifong_trust::entry::{Basis, Body, Certificate, Entry, Genesis, MemberKind, NO_ENTRY, SealKey, Transfer};
use kaifong_trust::pen::Pen;
use kaifong_trust::{DeviceKey, Signed, Verified};

use crate::text::Dice;

/// How many entries the fold is measured on.
pub const ENTRIES: usize = 1_000_000;
/// Of how many journals.
pub const JOURNALS: usize = 2_000;
/// How many more follow, one by one.
pub const LATER: usize = 4_000;
/// The seed of everything.
const SEED: u64 = 20_260_101;
/// Of a thousand transfers so many are declined, and so many never answered.
const DECLINED: u64 = 20;
const UNANSWERED: u64 = 10;
/// The largest payment, in points.
const POINTS_MAX: u64 = 5;
/// The journals of the founder, who certifies, and of the desk, which stamps.
const FOUNDER: usize = 0;
const DESK: usize = 1;

/// The file, and what has to be known to read it.
pub struct Town {
    path: PathBuf,
    /// What the building was founded with.
    pub genesis: Verified<Genesis>,
}

/// One charter, and the desk as the one witness: what the ledger asks.
pub struct Council(DeviceId);

impl Rights for Council {
    fn charter(&self, epoch: &EntryHash) -> Option<Charter> {
        (*epoch == NO_ENTRY).then(Charter::default)
    }

    fn is_witness(&self, epoch: &EntryHash, device: &DeviceId) -> bool {
        *epoch == NO_ENTRY && *device == self.0
    }
}

impl Council {
    /// Gives that of the town.
    pub fn new() -> Self {
        Self(key(DESK).id())
    }
}

impl Town {
    /// Opens the file in this folder, or makes it, which takes a minute. It is kept until a source changes that decides
    /// its bytes.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(format!(
            "town-{}",
            &crate::world::sources(&["domain", "trust"], &["bench/src/rows/ledger/town.rs"])?[..12]
        ));
        let genesis = genesis();
        if !path.exists() {
            std::fs::create_dir_all(folder)?;
            for entry in std::fs::read_dir(folder)?.flatten() {
                if entry.file_name().to_string_lossy().starts_with("town-") {
                    std::fs::remove_file(entry.path())?;
                }
            }
            let begun = std::time::Instant::now();
            eprintln!("signing {ENTRIES} entries of {JOURNALS} journals, once …");
            let half = path.with_extension("half");
            write(&half, BuildingId(genesis.hash()))?;
            std::fs::rename(half, &path)?;
            eprintln!("made in {:.0} s", begun.elapsed().as_secs_f64());
        }
        Ok(Self { path, genesis })
    }

    /// Names the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> Result<Vec<Vec<u8>>> {
        let mut reader = Reader::open(&self.path)?;
        let mut all = Vec::with_capacity(ENTRIES + LATER);
        while let Some(bytes) = reader.next()? {
            all.push(bytes.to_vec());
        }
        ensure!(all.len() == ENTRIES + LATER, "{} entries are in the file", all.len());
        Ok(all)
    }
}

/// Reads one entry after the other.
pub struct Reader {
    file: BufReader<File>,
    bytes: Vec<u8>,
}

impl Reader {
    /// Opens the file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { file: BufReader::with_capacity(1 << 16, File::open(path)?), bytes: Vec::new() })
    }

    /// Gives the next signed entry's bytes; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        let mut length = [0; 4];
        match self.file.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        self.bytes.resize(u32::from_le_bytes(length) as usize, 0);
        self.file.read_exact(&mut self.bytes)?;
        Ok(Some(&self.bytes))
    }
}

/// Reads what this process has written itself: only the form is checked.
///
/// # Errors
/// When it is not an entry.
pub fn recall(bytes: &[u8]) -> Result<Verified<Entry>> {
    Ok(Signed::<Entry>::from_bytes(bytes)?.recall_from_own_store()?)
}

/// Follows the chains: each entry names the hash of the one before it, and the last one's signature vouches for all.
/// Holds for journals with one branch, as these have.
#[derive(Default)]
pub struct Chains {
    heads: HashMap<JournalId, Head>,
}

struct Head {
    device: DeviceId,
    hash: EntryHash,
    seq: u64,
    /// The number of the last entry in the file.
    last: usize,
}

impl Chains {
    /// Takes the entry with this number of the file.
    ///
    /// # Errors
    /// When it does not follow the one before it in its journal.
    pub fn follow(&mut self, number: usize, entry: &Verified<Entry>) -> Result<()> {
        let (value, hash) = (entry.value(), EntryHash(entry.hash()));
        let head = Head { device: entry.signer(), hash, seq: value.seq, last: number };
        match (&value.body, self.heads.get_mut(&value.journal)) {
            (Body::Open(_), None) => {
                self.heads.insert(value.journal, head);
            }
            (_, Some(before))
                if (before.hash, before.seq + 1, before.device) == (value.prev, value.seq, entry.signer()) =>
            {
                *before = head;
            }
            _ => bail!("entry {number} does not follow the one before it"),
        }
        Ok(())
    }

    /// Verifies the signature of every journal's last entry, and gives their number.
    ///
    /// # Errors
    /// When one does not fit.
    pub fn vouched(&self, all: &[Vec<u8>]) -> Result<usize> {
        for head in self.heads.values() {
            let bytes = all.get(head.last).context("a head is in the file")?;
            let verified = Signed::<Entry>::from_bytes(bytes)?.verify()?;
            ensure!(verified.hash() == head.hash.0, "a head is what was followed");
        }
        Ok(self.heads.len())
    }
}

fn key(number: usize) -> DeviceKey {
    let material = [SEED.to_le_bytes(), (number as u64).to_le_bytes()].concat();
    DeviceKey::from_seed(blake3::derive_key("kaifong bench town key", &material))
}

/// Gives what the building was founded with.
pub fn genesis() -> Verified<Genesis> {
    key(FOUNDER).sign(Genesis {
        name: "红叶新天地".into(),
        founded_at: Instant(0),
        founder_seal: SealKey([0; 32]),
        charter: Charter::default(),
        nonce: [0; 16],
    })
}

/// What is written while the town is made, with a ledger that says what each may sign.
struct Maker {
    file: BufWriter<File>,
    pens: Vec<Pen>,
    ledger: Ledger,
    council: Council,
    written: usize,
}

impl Maker {
    fn add(&mut self, entry: &Verified<Entry>) -> Result<()> {
        let bytes = entry.signed().to_bytes();
        self.file.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
        self.file.write_all(&bytes)?;
        self.ledger.add(entry, &self.council);
        self.written += 1;
        Ok(())
    }

    fn sign(&mut self, who: usize, body: Body) -> Result<EntryHash> {
        let pen = self.pens.get_mut(who).context("everybody has a pen")?;
        let entry = pen.write(NO_ENTRY, Instant(self.written as u64), body);
        self.add(&entry)?;
        Ok(EntryHash(entry.hash()))
    }

    fn tip(&self, who: usize) -> Result<(JournalId, EntryHash)> {
        self.pens.get(who).map(|pen| (pen.journal(), pen.tip())).context("everybody has a pen")
    }

    /// One pays another, who mostly accepts; a payer at the end of its quota meets the desk first.
    fn pay(&mut self, dice: &mut Dice) -> Result<()> {
        let someone = |dice: &mut Dice| DESK + 1 + dice.below((JOURNALS - DESK - 1) as u64) as usize;
        let (payer, payee) = (someone(dice), someone(dice));
        let points = Points(1 + dice.below(POINTS_MAX) as u32);
        let ((_, tip), (to, _)) = (self.tip(payer)?, self.tip(payee)?);
        match self.ledger.check_transfer(&tip, None, points, Charter::default().quota) {
            Err(Refusal::BeyondQuota { .. }) => {
                let stamp = self.ledger.stamp_for(&tip).context("points have moved")?;
                let stamp = self.sign(DESK, Body::Stamp(stamp))?;
                self.sign(payer, Body::Cite { stamp })?;
                return Ok(());
            }
            Err(_) => return Ok(()),
            Ok(()) if payer == payee => return Ok(()),
            Ok(()) => {}
        }
        let transfer = self.sign(payer, Body::Transfer(Transfer { to, points, reason: None }))?;
        match dice.below(1000) {
            n if n < UNANSWERED => {}
            n if n < UNANSWERED + DECLINED => {
                let decline = self.sign(payee, Body::Decline { transfer })?;
                self.sign(payer, Body::Reclaim { decline })?;
            }
            _ => {
                self.sign(payee, Body::Accept { transfer })?;
            }
        }
        Ok(())
    }
}

fn write(path: &Path, building: BuildingId) -> Result<()> {
    let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut town = Maker { file, pens: Vec::new(), ledger: Ledger::new(), council: Council::new(), written: 0 };
    for number in 0..JOURNALS {
        let device = key(number);
        let member = MemberId::derive(&building, &device.id());
        let basis = if number == FOUNDER {
            Basis::Genesis
        } else {
            let certificate = Certificate {
                member,
                device: device.id(),
                seal: SealKey([0; 32]),
                kind: MemberKind::Person,
                commitment: [0; 32],
                household: Default::default(),
            };
            Basis::Certificate(town.sign(FOUNDER, Body::Certify(certificate))?)
        };
        let (pen, open) = Pen::open(device, building, member, 0, basis, NO_ENTRY, Instant(0));
        town.add(&open)?;
        town.pens.push(pen);
    }
    let mut dice = Dice::new(SEED, 11);
    while town.written < ENTRIES + LATER - 3 {
        town.pay(&mut dice)?;
    }
    // What is left over is nobody's payment.
    while town.written < ENTRIES + LATER {
        town.sign(DESK, Body::Erase)?;
    }
    town.file.flush()?;
    Ok(())
}
