//! What takes more than one question: founding a building, asking to join one, being a further device of somebody there, answering a
//! listing.

use kaifong_domain::record::Profile;
use kaifong_domain::{Instant, Points, Refusal};
use kaifong_node::{Application, Command, Done};

use super::NodeHost;
use super::told::{strange, way};
use crate::dto::{AnswerArgs, Answered, Applied, ApplyArgs, FoundArgs, Founded, FurtherDeviceArgs};
use crate::{ApiError, Hex, view};

impl NodeHost {
    pub(super) async fn found_one(&self, args: FoundArgs) -> Result<Founded, ApiError> {
        let FoundArgs { building, name, block, about } = args;
        match self
            .handle
            .command(Command::Found { building, profile: Profile { name, block, about, place: None } })
            .await?
        {
            Done::Founded(building) => Ok(Founded { building: Hex(building) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn apply_for(&self, args: ApplyArgs) -> Result<Applied, ApiError> {
        let ApplyArgs { invitation, name, block, about, household, real_name, phone, kind, of_age } = args;
        if !of_age {
            return Err(Refusal::TooYoung.into());
        }
        let (way, kind, profile) = (way(&invitation)?, kind.into(), Profile { name, block, about, place: None });
        let application = Application { way, kind, profile, household, real_name, phone };
        self.handle.command(Command::Apply(Box::new(application))).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    pub(super) async fn become_further(&self, args: FurtherDeviceArgs) -> Result<Applied, ApiError> {
        let FurtherDeviceArgs { invitation, member } = args;
        let way = way(&invitation)?;
        self.handle.command(Command::BecomeFurtherDevice { way, member: member.0 }).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    pub(super) async fn has_answered(&self, args: AnswerArgs) -> Result<Answered, ApiError> {
        let owner = self.owner(args.owner, args.listing.0).await?;
        let command = Command::Answer {
            owner,
            listing: args.listing.0,
            points: args.points.map(Points),
            due_at: args.due_at.map(Instant),
            counterpart: args.counterpart.map(|listing| listing.0),
        };
        match self.command(command).await? {
            Done::Answered(deal) => Ok(Answered { deal: Hex(deal) }),
            done => Err(strange(&done)),
        }
    }
}
