//! What answers with an id: founding a building, asking to join one, answering a listing.

use kaifong_domain::record::Profile;
use kaifong_domain::{Instant, Points, Refusal};
use kaifong_node::{Application, Command, Done};

use super::NodeHost;
use super::told::{strange, way};
use crate::dto::{AnswerArgs, Answered, Applied, ApplyArgs, FoundArgs, Founded};
use crate::{ApiError, Hex, view};

impl NodeHost {
    pub(super) async fn has_founded(&self, args: FoundArgs) -> Result<Founded, ApiError> {
        let FoundArgs { building, name, block, about } = args;
        let profile = Profile { name, block, about, place: None };
        match self.command(Command::Found { building, profile }).await? {
            Done::Founded(building) => Ok(Founded { building: Hex(building) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn has_applied(&self, args: ApplyArgs) -> Result<Applied, ApiError> {
        let ApplyArgs { invitation, name, block, about, household, real_name, phone, kind, of_age } = args;
        if !of_age {
            return Err(Refusal::TooYoung.into());
        }
        let (way, kind, profile) = (way(&invitation)?, kind.into(), Profile { name, block, about, place: None });
        let application = Application { way, kind, profile, household, real_name, phone };
        self.command(Command::Apply(Box::new(application))).await?;
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
