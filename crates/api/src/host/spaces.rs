//! What is told of things in common, spaces, groups and invitations, as the node takes it.

use kaifong_domain::space::Slot;
use kaifong_domain::{ActivityId, GroupId, Instant, Refusal, sort};
use kaifong_node::trust::envelope::InvitedTo;
use kaifong_node::{Command, CommonsCommand, Done, SpaceCommand};

use super::NodeHost;
use super::told::strange;
use crate::dto::{
    AddCategoryArgs, AskSpaceArgs, AskedSpace, FoundGroupArgs, GroupFounded, GroupStep, GroupStepArgs,
    InviteNeighbourArgs, InvitedKind, OwningArgs, Saved, SpaceStep, SpaceStepArgs,
};
use crate::{ApiError, Hex};

impl NodeHost {
    pub(super) async fn space_asked(&self, args: AskSpaceArgs) -> Result<AskedSpace, ApiError> {
        let (owner, listing) = (args.owner.map(|owner| owner.0), args.listing.0);
        let key = self.view(move |view| view.find(owner, &listing).map(|row| row.key())).await?;
        let (starts_at, ends_at) = (Instant(args.starts_at), Instant(args.ends_at));
        let slot = Slot { starts_at, ends_at, purpose: args.purpose.into(), people: args.people };
        match self.command(Command::Space(SpaceCommand::Ask { key, slot })).await? {
            Done::Entered(entry) => Ok(AskedSpace { booking: Hex(entry.into()) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn space_stepped(&self, args: SpaceStepArgs) -> Result<Saved, ApiError> {
        let booking = args.booking.0;
        self.save(Command::Space(match args.step {
            SpaceStep::Grant => SpaceCommand::Grant { booking },
            SpaceStep::Decline => SpaceCommand::Decline { booking },
            SpaceStep::Cancel => SpaceCommand::Cancel { booking },
        }))
        .await
    }

    pub(super) async fn owning_stepped(&self, args: OwningArgs) -> Result<Saved, ApiError> {
        let command = self.view(move |view| view.owning(&args)).await?;
        self.save(Command::Kept(command)).await
    }

    pub(super) async fn group_founded(&self, args: FoundGroupArgs) -> Result<GroupFounded, ApiError> {
        let FoundGroupArgs { name, about, meets, venue } = args;
        match self.command(Command::Commons(CommonsCommand::Found { name, about, meets, venue })).await? {
            Done::GroupFounded(group) => Ok(GroupFounded { group: Hex(group) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn group_stepped(&self, args: GroupStepArgs) -> Result<Saved, ApiError> {
        let key = (args.founder.0, args.group.0);
        self.save(Command::Commons(match args.step {
            GroupStep::Join => CommonsCommand::Join { key },
            GroupStep::Leave => CommonsCommand::Leave { key },
            GroupStep::Close => CommonsCommand::Close { group: key.1 },
        }))
        .await
    }

    pub(super) async fn category_added(&self, args: AddCategoryArgs) -> Result<Saved, ApiError> {
        let class = sort::class_of(&args.class).ok_or(Refusal::CategoryUnknown)?;
        self.save(Command::Commons(CommonsCommand::AddCategory { class, name: args.name })).await
    }

    pub(super) async fn neighbour_invited(&self, args: InviteNeighbourArgs) -> Result<Saved, ApiError> {
        let (member, to) = (args.member.0, invited_to(&args)?);
        self.save(Command::Commons(CommonsCommand::Invite { member, to })).await
    }

    pub(super) async fn invitation_laid_aside(&self, args: InviteNeighbourArgs) -> Result<Saved, ApiError> {
        let (from, to) = (args.member.0, invited_to(&args)?);
        self.save(Command::Commons(CommonsCommand::Dismiss { from, to })).await
    }
}

fn invited_to(args: &InviteNeighbourArgs) -> Result<InvitedTo, ApiError> {
    let of = args.of.0;
    match args.kind {
        InvitedKind::Activity => {
            let id: Hex<ActivityId> = args.id.parse().map_err(|_| Refusal::ActivityUnknown)?;
            Ok(InvitedTo::Activity { host: of, activity: id.0 })
        }
        InvitedKind::Group => {
            let unknown = |_| Refusal::from(kaifong_domain::commons::CommonsRefusal::GroupUnknown);
            let id: Hex<GroupId> = args.id.parse().map_err(unknown)?;
            Ok(InvitedTo::Group { founder: of, group: id.0 })
        }
    }
}
