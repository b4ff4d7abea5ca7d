//! Slips of paper.

use kaifong_node::{Command, Done, SlipCommand};

use super::NodeHost;
use super::told::strange;
use crate::dto::{EnterSlipArgs, EnteredSlip, Saved, SlipArgs};
use crate::{ApiError, Hex};

impl NodeHost {
    pub(super) async fn slip_entered(&self, args: EnterSlipArgs) -> Result<EnteredSlip, ApiError> {
        let slip = self.view(move |view| view.slip(&args)).await?;
        match self.command(Command::Slip(SlipCommand::Enter(slip))).await? {
            Done::Entered(slip) => Ok(EnteredSlip { slip: Hex(slip) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn slip_paid(&self, args: SlipArgs) -> Result<Saved, ApiError> {
        self.save(Command::Slip(SlipCommand::Pay { slip: args.slip.0 })).await
    }

    pub(super) async fn slip_disowned(&self, args: SlipArgs) -> Result<Saved, ApiError> {
        self.save(Command::Slip(SlipCommand::Disown { slip: args.slip.0 })).await
    }
}
