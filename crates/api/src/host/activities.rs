//! What is told of activities, as the node takes it.

use kaifong_domain::activity::ActivityTerms;
use kaifong_domain::{ActivityId, Instant, MemberId, Points};
use kaifong_node::{ActivityCommand, ActivityDraft, Command, Done};

use super::NodeHost;
use super::told::strange;
use crate::dto::{ActivityStep, ActivityStepArgs, AnnounceArgs, Announced, GuestMark, MarkGuestArgs, Saved};
use crate::{ApiError, Hex};

impl NodeHost {
    pub(super) async fn announce(&self, args: AnnounceArgs) -> Result<Announced, ApiError> {
        let AnnounceArgs { title, body, venue, starts_at, hours, cost, to, no_show, places, teacher, group } = args;
        let (starts_at, cost, to, no_show) = (Instant(starts_at), Points(cost), to.into(), Points(no_show));
        let terms = ActivityTerms { starts_at, hours, cost, to, no_show };
        let teacher = teacher.map(|teacher| teacher.0);
        let group = group.map(|group| (group.founder.0, group.group.0));
        let draft = ActivityDraft { title, body, venue, terms, places, teacher, group };
        match self.command(Command::Activity(ActivityCommand::Announce(Box::new(draft)))).await? {
            Done::Announced(activity) => Ok(Announced { activity: Hex(activity) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn step(&self, args: ActivityStepArgs) -> Result<Saved, ApiError> {
        let (host, activity): (Option<MemberId>, ActivityId) = (args.host.map(|host| host.0), args.activity.0);
        let key = self.view(move |view| view.activity_key(host, &activity)).await?;
        self.save(Command::Activity(match args.step {
            ActivityStep::Book => ActivityCommand::Book { key },
            ActivityStep::Cancel => ActivityCommand::Cancel { key },
            ActivityStep::Pay => ActivityCommand::Pay { key },
            ActivityStep::Contest => ActivityCommand::Contest { key },
            ActivityStep::CallOff => ActivityCommand::CallOff { activity },
        }))
        .await
    }

    pub(super) async fn mark_one(&self, args: MarkGuestArgs) -> Result<Saved, ApiError> {
        let (activity, member) = (args.activity.0, args.member.0);
        self.save(Command::Activity(match args.mark {
            GuestMark::Came => ActivityCommand::Attend { activity, member, came: true },
            GuestMark::Absent => ActivityCommand::Attend { activity, member, came: false },
            GuestMark::Free => ActivityCommand::Free { activity, member },
        }))
        .await
    }
}
