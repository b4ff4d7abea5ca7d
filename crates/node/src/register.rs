//! The register of units on a reviewer's device: in its own store, in the space that no sync reads.

use kaifong_domain::Instant;
use kaifong_register::{Line, Register, Says};
use kaifong_store::{Batch, Space, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::event::{Done, NodeError, Tag};
use crate::node::Node;

const HEAD_KEY: &[u8] = b"register/head";
const LINES_KEY: &[u8] = b"register/lines/";
/// How many lines are written under one key.
const LINES_PER_PART: usize = 1_000;

/// The register as far as it was read back. It is read when somebody looks: most devices have none.
#[derive(Debug)]
pub(crate) enum Kept {
    Unread,
    Read(Option<Register>),
}

#[derive(Serialize, Deserialize)]
struct Head {
    file: String,
    at: Instant,
    parts: u32,
}

impl Node {
    /// Gives the register of units that this device keeps.
    ///
    /// # Errors
    /// Any [`StoreError`] while reading it back.
    pub fn register(&mut self) -> Result<Option<&Register>, StoreError> {
        if let Kept::Unread = self.register {
            self.register = Kept::Read(load(&*self.store)?);
        }
        Ok(match &self.register {
            Kept::Read(register) => register.as_ref(),
            Kept::Unread => None,
        })
    }

    /// Tells what the register says of an application; `None` without a register.
    ///
    /// # Errors
    /// Any [`StoreError`] while reading it back.
    pub fn register_says(&mut self, household: &str, real_name: &str, phone: &str) -> Result<Option<Says>, StoreError> {
        Ok(self.register()?.map(|register| register.says(household, real_name, phone)))
    }

    pub(crate) fn keep_register(&mut self, register: Register) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        forget(&*self.store, &mut self.step.batch)?;
        let mut parts = 0_u32;
        for part in register.lines().chunks(LINES_PER_PART) {
            self.step.batch.put(Space::Private, lines_key(parts), kaifong_trust::encode(&part));
            parts += 1;
        }
        let head = Head { file: register.file.clone(), at: register.at, parts };
        self.step.batch.put(Space::Private, HEAD_KEY, kaifong_trust::encode(&head));
        self.register = Kept::Read(Some(register));
        self.arrival.tags.insert(Tag::Requests);
        Ok(Done::Saved)
    }

    /// Forgets the register, also on the device of somebody who reviews no longer.
    pub(crate) fn forget_register(&mut self) -> Result<Done, NodeError> {
        forget(&*self.store, &mut self.step.batch)?;
        self.register = Kept::Read(None);
        self.arrival.tags.insert(Tag::Requests);
        Ok(Done::Saved)
    }
}

fn load(store: &dyn Store) -> Result<Option<Register>, StoreError> {
    let corrupt = |_| StoreError::Corrupt { what: "the register of units".into() };
    let Some(head) = store.get(Space::Private, HEAD_KEY)? else { return Ok(None) };
    let head: Head = postcard::from_bytes(&head).map_err(corrupt)?;
    let mut lines: Vec<Line> = Vec::new();
    for part in 0..head.parts {
        let bytes = store.get(Space::Private, &lines_key(part))?.unwrap_or_default();
        lines.extend(postcard::from_bytes::<Vec<Line>>(&bytes).map_err(corrupt)?);
    }
    Ok(Some(Register::new(head.file, head.at, lines)))
}

/// Deletes what is written, all of it: a shorter register leaves nothing of a longer one.
fn forget(store: &dyn Store, batch: &mut Batch) -> Result<(), StoreError> {
    store.visit(Space::Private, b"register/", &mut |key, _| batch.delete(Space::Private, key))
}

fn lines_key(part: u32) -> Vec<u8> {
    [LINES_KEY, &part.to_be_bytes()].concat()
}
