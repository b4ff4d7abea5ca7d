//! Journals that a desk keeps for people without a phone.

use kaifong_domain::record::Profile;
use kaifong_domain::{Points, Refusal};
use kaifong_node::trust::paper::{NotASheet, SheetSecret};
use kaifong_node::{BookCommand, Command, Done, Enrolment, Visit};

use super::NodeHost;
use super::told::strange;
use crate::dto::{CardAccount, CardArgs, CardDeviceArgs, CardGiveArgs, CardPaper, CardSlipArgs, EnrolArgs, Saved};
use crate::{ApiError, lock, view};

impl NodeHost {
    pub(super) async fn enrolled(&self, args: EnrolArgs) -> Result<CardPaper, ApiError> {
        let EnrolArgs { name, block, household, real_name, phone, pin, of_age } = args;
        if !of_age {
            return Err(Refusal::TooYoung.into());
        }
        lock::check_new(&pin)?;
        let profile = Profile { name: name.clone(), block, about: String::new(), place: None };
        let enrolment = Enrolment { profile, household, real_name, phone, pin };
        match self.command(Command::Book(BookCommand::Enrol(Box::new(enrolment)))).await? {
            Done::Sheet(card) => self.read(move |node| view::card_paper(node, &card, name)).await,
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn card_opened(&self, args: CardArgs) -> Result<CardAccount, ApiError> {
        self.visited(args, Visit::Look).await
    }

    pub(super) async fn card_gave(&self, args: CardGiveArgs) -> Result<CardAccount, ApiError> {
        let act = Visit::Give { to: args.to.0, points: Points(args.points) };
        self.visited(args.card, act).await
    }

    pub(super) async fn card_answered(&self, args: CardSlipArgs) -> Result<CardAccount, ApiError> {
        let slip = args.slip.0;
        let act = if args.pays { Visit::PaySlip { slip } } else { Visit::DisownSlip { slip } };
        self.visited(args.card, act).await
    }

    pub(super) async fn card_forgotten(&self, args: CardDeviceArgs) -> Result<Saved, ApiError> {
        self.save(Command::Book(BookCommand::Forget { device: args.device.0 })).await
    }

    async fn visited(&self, args: CardArgs, act: Visit) -> Result<CardAccount, ApiError> {
        let CardArgs { digits, pin, volunteer } = args;
        let card = read(&digits)?;
        match self.command(Command::Book(BookCommand::Visit { card, pin, volunteer: volunteer.0, act })).await? {
            Done::Visited(member) => self.read(move |node| view::card_account(node, member)).await,
            done => Err(strange(&done)),
        }
    }
}

/// Reads the digits of a card.
fn read(digits: &str) -> Result<SheetSecret, ApiError> {
    let group = |why| match why {
        NotASheet::Length { .. } => 0,
        NotASheet::Group { group } => group,
        // Digits that all fit and that no card can say were mistyped somewhere.
        NotASheet::Impossible => 1,
    };
    digits.parse().map_err(|why| Refusal::CardMistyped { group: group(why) }.into())
}
