//! Recurring help, children who are collected, and visits at home, as the node takes it.

use kaifong_domain::{Instant, Points};
use kaifong_node::{Command, Done, FamilyCommand, PassDraft, RecurringCommand, RecurringDraft};

use super::NodeHost;
use super::told::strange;
use crate::dto::{Arrangement, Arrangements};
use crate::dto::{
    ArrangementArgs, CheckPassArgs, GivePassArgs, HelpStep, HelpStepArgs, NoArgs, PassArgs, PassChecked, PassGiven,
    Passes, PlanVisitArgs, ProposeHelpArgs, Proposed, Saved, TickChildArgs, VisitedArgs, Visits,
};
use crate::view::View;
use crate::{ApiError, Hex};

impl NodeHost {
    pub(super) async fn help_proposed(&self, args: ProposeHelpArgs) -> Result<Proposed, ApiError> {
        let ProposeHelpArgs { with, arrangement, helps, deal, weekdays, first, last, from_min, to_min, .. } = args;
        let (points, trial) = (Points(args.points), args.trial);
        let (what, place, note) = (args.what, args.place, args.note);
        let draft = RecurringDraft { weekdays, first, last, points, trial, what, place, from_min, to_min, note };
        let (deal, draft) = (deal.map(|deal| deal.0), Box::new(draft));
        let command = match (with, arrangement) {
            (Some(with), None) => RecurringCommand::Propose { with: with.0, helps, deal, draft },
            (None, Some(arrangement)) => RecurringCommand::Renew { arrangement: arrangement.0, draft },
            _ => return Err(ApiError::bad_arguments("要么写跟谁，要么写改哪一份")),
        };
        match self.command(Command::Recurring(command)).await? {
            Done::Proposed(version) => Ok(Proposed { version: Hex(version) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn help_stepped(&self, args: HelpStepArgs) -> Result<Saved, ApiError> {
        let HelpStepArgs { arrangement, step, days, from, to, pause } = args;
        let (arrangement, days) = (arrangement.0, days.into_iter().collect());
        let missing = || ApiError::bad_arguments("还要写哪一天");
        let command = match step {
            HelpStep::Accept => RecurringCommand::Accept { version: arrangement },
            HelpStep::Tried => RecurringCommand::Tried { arrangement },
            HelpStep::Tell => RecurringCommand::Tell { arrangement, days },
            HelpStep::Confirm => RecurringCommand::Confirm { arrangement, days },
            HelpStep::Pause => {
                let (from, to) = (from.ok_or_else(missing)?, to.ok_or_else(missing)?);
                RecurringCommand::Pause { arrangement, from, to }
            }
            HelpStep::Resume => {
                let pause = pause.ok_or_else(|| ApiError::bad_arguments("还要写哪一次暂停"))?.0;
                RecurringCommand::Resume { arrangement, pause }
            }
            HelpStep::End => RecurringCommand::End { arrangement, day: to.ok_or_else(missing)? },
        };
        self.save(Command::Recurring(command)).await
    }

    pub(super) async fn pass_given(&self, args: GivePassArgs) -> Result<PassGiven, ApiError> {
        let GivePassArgs { kind, child, holders, place, note, weekdays, first, last } = args;
        let holders = holders.into_iter().map(|holder| holder.0).collect();
        let draft = PassDraft { kind: kind.into(), child, holders, place, note, weekdays, first, last };
        let command = FamilyCommand::GivePass(Box::new(draft));
        match self.command(Command::Recurring(RecurringCommand::Family(command))).await? {
            Done::PassGiven(pass) => Ok(PassGiven { pass: Hex(pass) }),
            done => Err(strange(&done)),
        }
    }

    async fn family(&self, command: FamilyCommand) -> Result<Saved, ApiError> {
        self.save(Command::Recurring(RecurringCommand::Family(command))).await
    }

    pub(super) async fn pass_revoked(&self, args: PassArgs) -> Result<Saved, ApiError> {
        self.family(FamilyCommand::RevokePass { pass: args.pass.0 }).await
    }

    pub(super) async fn child_ticked(&self, args: TickChildArgs) -> Result<Saved, ApiError> {
        let TickChildArgs { guardian, pass, day, left } = args;
        self.family(FamilyCommand::Tick { guardian: guardian.0, pass: pass.0, day, left }).await
    }

    pub(super) async fn visit_planned(&self, args: PlanVisitArgs) -> Result<Saved, ApiError> {
        let (from, until) = (Instant(args.from), Instant(args.until));
        let watcher = args.watcher.map(|watcher| watcher.0);
        self.family(FamilyCommand::PlanVisit { deal: args.deal.0, from, until, watcher }).await
    }

    pub(super) async fn has_visited(&self, args: VisitedArgs) -> Result<Saved, ApiError> {
        self.family(FamilyCommand::Visited { deal: args.deal.0, left: args.left }).await
    }

    pub(super) async fn own_arrangements(&self, _: NoArgs) -> Result<Arrangements, ApiError> {
        self.read(|node| View::of(node)?.arrangements(node)).await
    }

    pub(super) async fn one_arrangement(&self, args: ArrangementArgs) -> Result<Arrangement, ApiError> {
        self.read(move |node| View::of(node)?.arrangement(node, &args.arrangement.0)).await
    }

    pub(super) async fn all_passes(&self, _: NoArgs) -> Result<Passes, ApiError> {
        self.read(|node| Ok(View::of(node)?.passes(node))).await
    }

    pub(super) async fn pass_checked(&self, args: CheckPassArgs) -> Result<PassChecked, ApiError> {
        self.read(move |node| Ok(View::of(node)?.check_pass(node, &args.code, args.day))).await
    }

    pub(super) async fn all_visits(&self, _: NoArgs) -> Result<Visits, ApiError> {
        self.read(|node| Ok(View::of(node)?.visits(node))).await
    }
}
