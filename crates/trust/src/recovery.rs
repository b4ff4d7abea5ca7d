//! What a recovery sheet signs: that whoever declares it has it, and what it says for its member when it is used.

use kaifong_domain::{BuildingId, MemberId};
use serde::{Deserialize, Serialize};

use crate::entry::{Cut, Link, Sheet};
use crate::paper::SheetSecret;
use crate::signed::{Distrust, Signable, Signed};

/// Whose sheet it is. Signed with the sheet's key: the public half stands in the open, and nobody declares another's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Possession {
    /// The building.
    pub building: BuildingId,
    /// The member.
    pub member: MemberId,
    /// The sheet's number.
    pub number: u32,
}

impl Signable for Possession {
    const CONTEXT: &'static str = "kaifong 1 recovery sheet declared";
    const SIZE_BYTES_MAX: usize = 128;
}

/// A recovery sheet in its member's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The sheet.
    pub sheet: Sheet,
    /// What its key says.
    pub proof: Signed<Possession>,
}

impl Declaration {
    /// Declares a sheet of a member.
    pub fn of(secret: &SheetSecret, building: BuildingId, member: MemberId, number: u32) -> Self {
        let key = secret.key();
        let proof = key.sign(Possession { building, member, number }).signed().clone();
        Self { sheet: Sheet { number, key: key.id() }, proof }
    }

    pub(crate) fn check(&self, building: BuildingId) -> Result<(), Distrust> {
        let proof = self.proof.clone().verify()?;
        let fits = (proof.signer(), proof.value().building, proof.value().number)
            == (self.sheet.key, building, self.sheet.number);
        if fits { Ok(()) } else { Err(Distrust::Rule { rule: "whoever declares a recovery sheet has it" }) }
    }

    /// Gives the member whose sheet it says to be.
    pub(crate) fn member(&self) -> Option<MemberId> {
        self.proof.peek(|proof| Some(proof.member))
    }
}

/// What a sheet says for its member. Signed with the sheet's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The building.
    pub building: BuildingId,
    /// The device with which the member goes on.
    pub new: Option<Link>,
    /// Devices that are lost, ascending.
    pub cuts: Vec<Cut>,
}

impl Signable for Claim {
    const CONTEXT: &'static str = "kaifong 1 recovery claim";
    const SIZE_BYTES_MAX: usize = 8 * 1024;

    fn check(&self) -> Result<(), Distrust> {
        if self.new.is_none() && self.cuts.is_empty() {
            return Err(Distrust::Rule { rule: "a recovery claim brings a device or closes one" });
        }
        Cut::check_all(&self.cuts)
    }
}
