//! The peer: the same payments in plain SQLite tables. It hashes nothing, believes whoever writes, keeps no branches; it
//! asks what a careful programmer would ask of such tables: that rights suffice, and that nothing is answered twice.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, ensure};
use kaifong_domain::{EntryHash, JournalId, MemberId};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry};
use rusqlite::{Connection, params};

/// One row to be written: what the entry says, with small numbers for hashes.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// An account begins with a credit line of 100.
    Open { account: i64 },
    /// Points are offered.
    Transfer { id: i64, payer: i64, payee: i64, points: i64 },
    /// They are taken.
    Accept { transfer: i64 },
    /// They are refused.
    Decline { transfer: i64 },
    /// They go back.
    Reclaim { transfer: i64 },
    /// A witness was met.
    Cite { account: i64 },
    /// Nothing about points.
    Aside,
}

/// Turns entries into acts; not measured.
#[derive(Default)]
pub struct Clerk {
    accounts: HashMap<JournalId, i64>,
    /// Whose each account is.
    pub owners: BTreeMap<i64, MemberId>,
    transfers: HashMap<EntryHash, i64>,
}

impl Clerk {
    /// Gives what one entry says.
    ///
    /// # Errors
    /// When it names something that did not come before it.
    pub fn act(&mut self, number: usize, entry: &Verified<Entry>) -> Result<Act> {
        let (value, hash, id) = (entry.value(), EntryHash(entry.hash()), i64::try_from(number)?);
        let account = |clerk: &Self, journal: &JournalId| clerk.accounts.get(journal).copied().context("an account");
        Ok(match &value.body {
            Body::Open(open) => {
                self.accounts.insert(value.journal, id);
                self.owners.insert(id, open.member);
                Act::Open { account: id }
            }
            Body::Transfer(transfer) => {
                self.transfers.insert(hash, id);
                let (payer, payee) = (account(self, &value.journal)?, account(self, &transfer.to)?);
                Act::Transfer { id, payer, payee, points: i64::from(transfer.points.0) }
            }
            Body::Accept { transfer } => Act::Accept { transfer: *self.transfers.get(transfer).context("a transfer")? },
            Body::Decline { transfer } => {
                let transfer = *self.transfers.get(transfer).context("a transfer")?;
                self.transfers.insert(hash, transfer);
                Act::Decline { transfer }
            }
            Body::Reclaim { decline } => Act::Reclaim { transfer: *self.transfers.get(decline).context("a decline")? },
            Body::Cite { .. } => Act::Cite { account: account(self, &value.journal)? },
            _ => Act::Aside,
        })
    }
}

/// The tables.
pub struct Plain {
    connection: Connection,
}

const TABLES: &str = "
    CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, rights INTEGER NOT NULL, unseen INTEGER NOT NULL);
    CREATE TABLE transfer(id INTEGER PRIMARY KEY, payer INTEGER NOT NULL, payee INTEGER NOT NULL, points INTEGER NOT NULL,
        state INTEGER NOT NULL);";

impl Plain {
    /// Makes empty tables in memory.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn new() -> Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        Ok(Self { connection })
    }

    /// Begins or ends the one transaction in which all is folded.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn say(&self, words: &str) -> Result<()> {
        Ok(self.connection.execute_batch(words)?)
    }

    /// Writes one act.
    ///
    /// # Errors
    /// When SQLite fails, or the act is refused.
    pub fn add(&self, act: Act) -> Result<()> {
        let run = |sql: &str, with: &[&dyn rusqlite::ToSql]| -> Result<()> {
            let changed = self.connection.prepare_cached(sql)?.execute(with)?;
            ensure!(changed == 1, "refused: {act:?}");
            Ok(())
        };
        match act {
            Act::Open { account } => run("INSERT INTO account VALUES (?1, 0, 100, 0)", params![account]),
            Act::Transfer { id, payer, payee, points } => {
                run(
                    "UPDATE account SET rights = rights - ?2, unseen = unseen + ?2
                     WHERE id = ?1 AND rights >= ?2 AND unseen + ?2 <= 100",
                    params![payer, points],
                )?;
                run("INSERT INTO transfer VALUES (?1, ?2, ?3, ?4, 0)", params![id, payer, payee, points])
            }
            Act::Accept { transfer } => {
                let (payer, payee, points) = self.answer(transfer, 0, 1)?;
                run("UPDATE account SET balance = balance - ?2 WHERE id = ?1", params![payer, points])?;
                run(
                    "UPDATE account SET balance = balance + ?2, rights = rights + ?2 WHERE id = ?1",
                    params![payee, points],
                )
            }
            Act::Decline { transfer } => self.answer(transfer, 0, 2).map(|_| ()),
            Act::Reclaim { transfer } => {
                let (payer, _, points) = self.answer(transfer, 2, 3)?;
                run("UPDATE account SET rights = rights + ?2 WHERE id = ?1", params![payer, points])
            }
            Act::Cite { account } => run("UPDATE account SET unseen = 0 WHERE id = ?1", params![account]),
            Act::Aside => Ok(()),
        }
    }

    fn answer(&self, transfer: i64, from: i64, to: i64) -> Result<(i64, i64, i64)> {
        let mut update = self.connection.prepare_cached(
            "UPDATE transfer SET state = ?3 WHERE id = ?1 AND state = ?2 RETURNING payer, payee, points",
        )?;
        Ok(update.query_row(params![transfer, from, to], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
    }

    /// Gives all balances.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn balances(&self) -> Result<BTreeMap<i64, i64>> {
        let mut select = self.connection.prepare("SELECT id, balance FROM account")?;
        let rows = select.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives what the tables take, in bytes.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn size_bytes(&self) -> Result<u64> {
        let ask = |what: &str| self.connection.pragma_query_value(None, what, |row| row.get::<_, i64>(0));
        Ok(u64::try_from(ask("page_count")? * ask("page_size")?)?)
    }
}
