//! The table answered by a node in this process.

mod activities;
mod asking;
mod cards;
mod care;
mod entering;
mod noticing;
mod recurring;
mod running;
mod shop;
mod slips;
mod spaces;
mod told;

use std::sync::Arc;

use kaifong_domain::hall::Judged;
use kaifong_domain::record::Profile;
use kaifong_domain::{Instant, Points};
use kaifong_node::{
    CareCommand, Command, CommonsCommand, DisputeCommand, Done, FundCommand, HallCommand, Handle, ShopCommand,
};
use tokio::sync::broadcast;

use crate::dto::*;
use crate::notices::{Notebook, Telling, Timing};
use crate::table::{Event, Host};
use crate::view::{self, View};
use crate::{ApiError, Code, Hex};

pub(crate) use told::now_ms;
pub(crate) use told::sheet;
use told::{draft, epoch_draft, marked, seal_key, strange, way};

/// A node in this process.
#[derive(Clone, Debug)]
pub struct NodeHost {
    handle: Handle,
    events: broadcast::Sender<Event>,
    notebook: Arc<Notebook>,
    telling: Arc<Telling>,
    timing: Timing,
}

/// Rows that save something: one command, and nothing to tell of it.
macro_rules! saves {
    ($($name:ident($args:tt: $ty:ty) => $command:expr;)+) => {$(
        async fn $name(&self, $args: $ty) -> Result<Saved, ApiError> {
            self.save($command).await
        }
    )+};
}

/// Rows that look at what stands in the building.
macro_rules! views {
    ($($name:ident($args:tt: $ty:ty) -> $result:ty = |$view:ident| $look:expr;)+) => {$(
        async fn $name(&self, $args: $ty) -> Result<$result, ApiError> {
            self.view(move |$view| $look).await
        }
    )+};
}

/// Rows that are answered elsewhere: their names say what by.
macro_rules! asks {
    ($($name:ident($ty:ty) -> $result:ty = $answer:ident;)+) => {$(
        async fn $name(&self, args: $ty) -> Result<$result, ApiError> {
            self.$answer(args).await
        }
    )+};
}

impl Host for NodeHost {
    saves! {
        withdraw_invites(_: NoArgs) => Command::WithdrawInvites;
        withdraw_invite(args: InviteIdArgs) => Command::WithdrawInvite { invite: args.invite.0 };
        refuse_invite(args: RefuseInviteArgs) => Command::RefuseInvite { invite: args.invite.0, reason: args.reason };
        ask(args: AskArgs) => Command::Ask { device: args.device.0, text: args.text };
        answer_question(args: AnswerQuestionArgs) => Command::AnswerQuestion { question: args.question.0, text: args.text };
        forget_register(_: NoArgs) => Command::ForgetRegister;
        complain(args: ComplainArgs) => Command::Complain { about: args.about.0, text: args.text };
        answer_complaint(args: AnswerComplaintArgs) => Command::AnswerComplaint { complaint: args.complaint.0, text: args.text };
        approve(args: ApproveArgs) => Command::Approve { device: args.device.0, votes: args.votes };
        refuse(args: RefuseArgs) => Command::Refuse { device: args.device.0, reason: args.reason };
        agree_to_draft(args: OneDraftArgs) => Command::AgreeToDraft { draft: args.draft.0 };
        lead_council(_: NoArgs) => Command::LeadCouncil;
        use_sheet(args: SheetArgs) => Command::UseSheet { sheet: sheet(&args.digits)? };
        set_role(args: RoleArgs) => Command::SetRole { member: args.member.0, role: args.role.into(), held: args.held };
        set_witness(args: WitnessArgs) => Command::SetWitness { member: args.member.0, named: args.named };
        link_device(args: LinkDeviceArgs) => Command::LinkDevice { device: args.device.0, seal: seal_key(&args.seal)? };
        close_device(args: CloseDeviceArgs) => Command::CloseDevice { device: args.device.0, disown: args.disown };
        change_device(args: DeviceArgs) => Command::ChangeDevice { to: args.device.0 };
        close_by_sheet(args: SheetArgs) => Command::CloseBySheet { sheet: sheet(&args.digits)? };
        reapprove(args: ReapproveArgs) => Command::Reapprove { member: args.member.0, device: args.device.map(|device| device.0) };
        object(args: ObjectArgs) => Command::Object { approval: args.approval.0 };
        set_kin(args: KinArgs) => Command::SetKin { member: args.member.0, wishes: args.wishes };
        close_listing(args: ListingArgs) => Command::CloseListing { listing: args.listing.0 };
        check_device(args: CheckArgs) => Command::CheckDevice { listing: args.listing.0, by: args.by };
        count_things(args: CountArgs) => Command::Kept(view::counted(args));
        agree(args: DealArgs) => Command::Agree { deal: args.deal.0 };
        call_off(args: DealArgs) => Command::CallOff { deal: args.deal.0 };
        hand_over(args: DealArgs) => Command::HandOver { deal: args.deal.0 };
        r#return(args: DealArgs) => Command::Return { deal: args.deal.0 };
        done(args: DealArgs) => Command::Done { deal: args.deal.0 };
        step_on_loan(args: LoanStepArgs) => Command::Loan(view::loan_step(&args));
        say_points(args: FigureArgs) => Command::Dispute(DisputeCommand::Say { deal: args.deal.0, points: Points(args.points) });
        rule_points(args: FigureArgs) => Command::Dispute(DisputeCommand::Rule { deal: args.deal.0, points: Points(args.points) });
        settle(args: DealArgs) => Command::Dispute(DisputeCommand::Settle { deal: args.deal.0 });
        review(args: ReviewArgs) => Command::Review { deal: args.deal.0, stars: args.stars, text: args.text };
        reply(args: ReplyArgs) => Command::Reply { deal: args.deal.0, text: args.text };
        withdraw_matter(args: OwnMatterArgs) => Command::Hall(HallCommand::Withdraw { matter: args.matter.0 });
        offer_phone(args: PhoneArgs) => Command::OfferPhone { deal: args.deal.0, number: args.number };
        withdraw_phone(args: DealArgs) => Command::WithdrawPhone { deal: args.deal.0 };
        give(args: GiveArgs) => Command::Give { to: args.to.0, points: Points(args.points) };
        give_to_fund(args: GiveToFundArgs) => Command::Fund(FundCommand::Give { points: Points(args.points) });
        second_grants(args: GrantListArgs) => Command::Fund(FundCommand::Second { list: args.list.0 });
        unlist_grants(args: GrantListArgs) => Command::Fund(FundCommand::Unlist { list: args.list.0 });
        leave(args: LeaveArgs) => Command::Leave { ends_at: args.ends_at.map(Instant) };
        erase(_: NoArgs) => Command::Erase;
        withdraw_good(args: OwnGoodArgs) => Command::Shop(ShopCommand::Withdraw { good: args.good.0 });
        call_off_order(args: OrderArgs) => Command::Shop(ShopCommand::CallOff { order: args.order.0 });
        mark(args: MarkArgs) => Command::Mark { member: args.member.0, state: marked(args.state, args.until)? };
        here(_: NoArgs) => Command::Here;
        name_kin(args: NameKinArgs) => Command::NameKin { member: args.member.map(|member| member.0) };
        hand_points_over(args: MemberArgs) => Command::HandPointsOver { member: args.member.0 };
        block(args: BlockMemberArgs) => Command::Care(CareCommand::Block { member: args.member.0, blocked: args.blocked });
        answer_both(args: AnswerBothArgs) => Command::Care(CareCommand::AnswerBoth { report: args.complaint.0, text: args.text });
        ask_introduction(args: AskIntroductionArgs) => Command::Care(CareCommand::AskIntroduction {
            introducer: args.introducer.0,
            whom: args.whom.map(|whom| whom.0),
            text: args.text,
        });
        introduce(args: IntroduceArgs) => Command::Care(CareCommand::Introduce { id: args.introduction.0, to: args.to.0, text: args.text });
        reply_introduction(args: ReplyIntroductionArgs) => Command::Care(CareCommand::ReplyIntroduction { id: args.introduction.0, yes: args.yes });
        fail_introduction(args: IntroductionArgs) => Command::Care(CareCommand::FailIntroduction { id: args.introduction.0 });
        thank(args: ThankArgs) => Command::Care(CareCommand::Thank { to: args.to.0, deal: args.deal.map(|deal| deal.0), text: args.text });
        take_thanks(args: ThanksArgs) => Command::Care(CareCommand::TakeThanks { thanks: args.thanks.0 });
        close_drive(args: CloseDriveArgs) => Command::Care(CareCommand::CloseDrive { drive: args.drive.0, report: args.report });
        pledge(args: PledgeArgs) => Command::Care(CareCommand::Pledge { owner: args.owner.0, drive: args.drive.0, count: args.count, note: args.note });
        receive(args: ReceiveArgs) => Command::Care(CareCommand::Receive { drive: args.drive.0, donor: args.donor.0, count: args.count });
        list_resource(args: ListResourceArgs) => Command::Commons(CommonsCommand::List { name: args.name, about: args.about, contact: args.contact, hours: args.hours, minutes: args.minutes });
        unlist_resource(args: ResourceArgs) => Command::Commons(CommonsCommand::Unlist { resource: args.resource.0 });
        remove_category(args: CategoryArgs) => Command::Commons(CommonsCommand::RemoveCategory { category: args.category.0 });
        move_points(args: MovePointsArgs) => Command::MovePoints { device: args.device.0, points: Points(args.points) };
    }

    views! {
        flows(args: FlowsArgs) -> Flows = |view| view.flows(&args);
        disputes(_: NoArgs) -> Deals = |view| view.disputes();
        classes(_: NoArgs) -> Classes = |view| view.classes();
        building(_: NoArgs) -> Building = |view| Ok(view.building());
        members(_: NoArgs) -> Members = |view| Ok(view.members());
        member(args: MemberArgs) -> Member = |view| view.member(&args.member.0);
        listings(args: ListingsArgs) -> Listings = |view| view.listings(&args);
        listing(args: ListingArgs) -> ListingDetail = |view| view.listing_detail(args.owner.map(|owner| owner.0), &args.listing.0);
        space(args: SpaceArgs) -> SpaceCalendar = |view| view.space(args.owner.map(|owner| owner.0), &args.listing.0, args.since);
        shelf(_: NoArgs) -> Shelf = |view| view.shelf();
        groups(_: NoArgs) -> Groups = |view| Ok(view.groups());
        group(args: GroupArgs) -> GroupDetail = |view| view.group_detail(&(args.founder.0, args.group.0));
        resources(_: NoArgs) -> Resources = |view| Ok(view.resources());
        categories(_: NoArgs) -> Categories = |view| Ok(view.categories());
        deals(args: DealsArgs) -> Deals = |view| view.deals(&args);
        matters(args: MattersArgs) -> Matters = |view| view.matters(&args);
        matter(args: MatterArgs) -> MatterDetail = |view| view.matter_detail(args.asker.map(|asker| asker.0), &args.matter.0);
        statement(args: StatementArgs) -> Statement = |view| view.statement(&args);
        slips(_: NoArgs) -> Slips = |view| view.slips();
        returns(_: NoArgs) -> Returns = |view| view.returns();
        reviews(args: MemberArgs) -> Reviews = |view| Ok(Reviews { rows: view.reviews(&args.member.0) });
        trail(args: TrailArgs) -> Trail = |view| view.trail(&args);
        verify(args: VerifyArgs) -> Verified = |view| view.verify(&args);
        left_points(_: NoArgs) -> LeftRows = |view| view.left_points();
        drives(_: NoArgs) -> Drives = |view| Ok(view.drives());
        drive(args: DriveArgs) -> DriveDetail = |view| view.drive(&(args.owner.0, args.drive.0));
        wall(_: NoArgs) -> Wall = |view| Ok(view.wall());
        fund_losses(_: NoArgs) -> FundLosses = |view| Ok(view.fund_losses());
    }

    asks! {
        found(FoundArgs) -> Founded = found_one;
        apply(ApplyArgs) -> Applied = apply_for;
        further_device(FurtherDeviceArgs) -> Applied = become_further;
        invite(InviteArgs) -> Invited = make_invite;
        answer(AnswerArgs) -> Answered = has_answered;
        say(SayArgs) -> Saved = has_said;
        report(ReportArgs) -> Saved = has_reported;
        call_drive(CallDriveArgs) -> Called = has_called;
        announce_activity(AnnounceArgs) -> Announced = announce;
        step_on_activity(ActivityStepArgs) -> Saved = step;
        mark_guest(MarkGuestArgs) -> Saved = mark_one;
        step_on_owning(OwningArgs) -> Saved = owning_stepped;
        ask_space(AskSpaceArgs) -> AskedSpace = space_asked;
        step_on_space(SpaceStepArgs) -> Saved = space_stepped;
        found_group(FoundGroupArgs) -> GroupFounded = group_founded;
        step_on_group(GroupStepArgs) -> Saved = group_stepped;
        add_category(AddCategoryArgs) -> Saved = category_added;
        invite_neighbour(InviteNeighbourArgs) -> Saved = neighbour_invited;
        dismiss_invitation(InviteNeighbourArgs) -> Saved = invitation_laid_aside;
        propose_help(ProposeHelpArgs) -> Proposed = help_proposed;
        step_on_help(HelpStepArgs) -> Saved = help_stepped;
        give_pass(GivePassArgs) -> PassGiven = pass_given;
        revoke_pass(PassArgs) -> Saved = pass_revoked;
        tick_child(TickChildArgs) -> Saved = child_ticked;
        plan_visit(PlanVisitArgs) -> Saved = visit_planned;
        visited(VisitedArgs) -> Saved = has_visited;
        arrangements(NoArgs) -> Arrangements = own_arrangements;
        arrangement(ArrangementArgs) -> Arrangement = one_arrangement;
        passes(NoArgs) -> Passes = all_passes;
        check_pass(CheckPassArgs) -> PassChecked = pass_checked;
        visits(NoArgs) -> Visits = all_visits;
        enter_slip(EnterSlipArgs) -> EnteredSlip = slip_entered;
        pay_slip(SlipArgs) -> Saved = slip_paid;
        disown_slip(SlipArgs) -> Saved = slip_disowned;
        enrol(EnrolArgs) -> CardPaper = enrolled;
        open_card(CardArgs) -> CardAccount = card_opened;
        card_give(CardGiveArgs) -> CardAccount = card_gave;
        card_slip(CardSlipArgs) -> CardAccount = card_answered;
        forget_card(CardDeviceArgs) -> Saved = card_forgotten;
        put_good(PutGoodArgs) -> PutGood = put;
        order_good(OrderGoodArgs) -> Ordered = buy;
        read_pick_up(PickUpArgs) -> PickUpRead = look_at_pick_up;
        hand_out(HandOutArgs) -> OrderDetail = give_out;
        set_notices(NoticeSettings) -> Saved = notices_set;
        read_openings(OpeningsFileArgs) -> OpeningsReading = look_at_openings;
    }

    async fn pick_place(&self, args: PickPlaceArgs) -> Result<Applied, ApiError> {
        self.handle.command(Command::PickPlace(view::residence(args))).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    async fn import_register(&self, args: RegisterFileArgs) -> Result<RegisterReading, ApiError> {
        let (reading, register) = self.look_at_register(args).await?;
        let unsaid = || {
            ApiError::new(Code::COLUMNS_UNKNOWN, "看不出哪一列是房号")
                .hinted("说一下哪一列是房号、姓名、电话，再来一次；什么都没有存")
        };
        self.save(Command::KeepRegister(register.ok_or_else(unsaid)?)).await?;
        Ok(reading)
    }

    async fn open_details(&self, args: MemberArgs) -> Result<Details, ApiError> {
        self.details_of(args.member.0).await
    }

    async fn stand(&self, _: NoArgs) -> Result<Sheet, ApiError> {
        match self.handle.command(Command::Stand).await? {
            Done::Sheet(secret) => Ok(Sheet { digits: secret.to_string() }),
            done => Err(strange(&done)),
        }
    }

    async fn draft_epoch(&self, args: DraftArgs) -> Result<Drafted, ApiError> {
        match self.handle.command(Command::DraftEpoch(epoch_draft(args)?)).await? {
            Done::Drafted(draft) => Ok(Drafted { draft: Hex(draft) }),
            done => Err(strange(&done)),
        }
    }

    async fn make_sheet(&self, _: NoArgs) -> Result<SheetPaper, ApiError> {
        match self.handle.command(Command::MakeSheet).await? {
            Done::Sheet(secret) => self.view(move |view| view.sheet_paper(&secret)).await,
            done => Err(strange(&done)),
        }
    }

    async fn recover(&self, args: RecoverArgs) -> Result<Applied, ApiError> {
        let command = Command::Recover { sheet: sheet(&args.digits)?, way: way(&args.invitation)? };
        self.handle.command(command).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    async fn set_profile(&self, args: ProfileArgs) -> Result<Saved, ApiError> {
        let ProfileArgs { name, block, about, show_block, place } = args;
        let (block, place) = self.view(move |view| Ok(view.called(block, place))).await?;
        let (shown, at) = if show_block { (block.clone(), place) } else { (String::new(), None) };
        let profile = Profile { name, block: shown, about, place: at };
        profile.check()?;
        // It is kept first: what neighbours no longer see must not be lost.
        self.handle.command(Command::KeepBlock { block, place }).await?;
        self.save(Command::SetProfile(profile)).await
    }

    async fn name_staff(&self, args: NameStaffArgs) -> Result<Saved, ApiError> {
        let NameStaffArgs { device, name, post, left } = args;
        self.save(Command::NameStaff { device: device.map(|device| device.0), name, post, left }).await
    }

    async fn post(&self, args: PostArgs) -> Result<Posted, ApiError> {
        match self.handle.command(Command::Post(draft(args)?)).await? {
            Done::Posted(listing) => Ok(Posted { listing: Hex(listing) }),
            done => Err(strange(&done)),
        }
    }

    async fn edit_listing(&self, args: EditArgs) -> Result<Saved, ApiError> {
        let (listing, draft) = (args.listing.0, draft(args.words)?);
        self.save(Command::Edit { listing, draft }).await
    }

    async fn put_matter(&self, args: PutMatterArgs) -> Result<PutMatter, ApiError> {
        let (to, place) = (args.addressee()?, view::place(args.place));
        match self
            .command(Command::Hall(HallCommand::Put { kind: args.kind.into(), text: args.text, to, place }))
            .await?
        {
            Done::Put(matter) => Ok(PutMatter { matter: Hex(matter) }),
            done => Err(strange(&done)),
        }
    }

    async fn take_up_matter(&self, args: RespondArgs) -> Result<Saved, ApiError> {
        let matter = self.matter_key(&args).await?;
        self.save(Command::Hall(HallCommand::TakeUp { matter, text: args.text })).await
    }

    async fn respond_to_matter(&self, args: RespondArgs) -> Result<Saved, ApiError> {
        let matter = self.matter_key(&args).await?;
        self.save(Command::Hall(HallCommand::Respond { matter, text: args.text })).await
    }

    async fn judge_matter(&self, JudgeArgs { matter, solved, remark }: JudgeArgs) -> Result<Saved, ApiError> {
        let judged = if solved { Judged::Solved } else { Judged::NotYet };
        self.save(Command::Hall(HallCommand::Judge { matter: matter.0, judged, remark })).await
    }

    async fn pay_face(&self, args: PayFaceArgs) -> Result<Faced, ApiError> {
        match self.handle.command(Command::PayFace { to: args.to.0, points: Points(args.points) }).await? {
            Done::Paid(entry) => self.face(FaceArgs { entry: Hex(entry) }).await,
            done => Err(strange(&done)),
        }
    }

    async fn take_face(&self, args: FaceTextArgs) -> Result<Faced, ApiError> {
        let shown = crate::view::read_code(&args.text)?;
        self.save(Command::TakeShown(Box::new(shown.clone()))).await?;
        self.read(move |node| View::of(node)?.faced(node.face_of(&shown)?)).await
    }

    async fn grant(&self, args: GrantArgs) -> Result<Granted, ApiError> {
        let (member, purpose) = (args.member.0, told::purpose(&args)?);
        self.granted(FundCommand::Grant { member, purpose }).await
    }

    async fn list_openings(&self, args: OpeningsArgs) -> Result<Granted, ApiError> {
        let lines = args.lines.into_iter().map(|line| (line.member.0, Points(line.points))).collect();
        self.granted(FundCommand::ListOpenings { lines }).await
    }

    async fn activities(&self, args: ActivitiesArgs) -> Result<Activities, ApiError> {
        self.read(move |node| View::of(node)?.activities(node, &args)).await
    }

    async fn activity(&self, args: ActivityArgs) -> Result<ActivityDetail, ApiError> {
        let host = args.host.map(|host| host.0);
        self.view(move |view| view.activity_detail(host, &args.activity.0)).await
    }

    async fn own_points(&self, _: NoArgs) -> Result<OwnPoints, ApiError> {
        self.read(|node| View::of(node)?.own_points(node)).await
    }

    async fn status(&self, _: NoArgs) -> Result<Status, ApiError> {
        let (key_kept, addresses) = (self.key_kept(), self.addresses());
        self.read(move |node| Ok(view::status(node, key_kept, addresses, true))).await
    }

    async fn council(&self, _: NoArgs) -> Result<Council, ApiError> {
        self.read(|node| view::council(node)).await
    }

    async fn refoundings(&self, _: NoArgs) -> Result<Refoundings, ApiError> {
        self.read(|node| view::refoundings(node)).await
    }

    async fn me(&self, _: NoArgs) -> Result<Me, ApiError> {
        self.read(|node| Ok(view::me(node))).await
    }

    async fn needs(&self, args: ListingsArgs) -> Result<Listings, ApiError> {
        self.listings(args.of_side(Side::Need)).await
    }

    async fn offers(&self, args: ListingsArgs) -> Result<Listings, ApiError> {
        self.listings(args.of_side(Side::Offer)).await
    }

    async fn matches(&self, args: MatchesArgs) -> Result<Matches, ApiError> {
        self.read(move |node| view::fits(node, args.owner.map(|owner| owner.0), &args.listing.0, args.limit)).await
    }

    async fn search(&self, args: SearchArgs) -> Result<Found, ApiError> {
        self.read(move |node| view::found(node, &args)).await
    }

    async fn deal(&self, args: DealArgs) -> Result<DealDetail, ApiError> {
        self.read(move |node| view::deal_detail(node, &args.deal.0)).await
    }

    async fn today(&self, args: TodayArgs) -> Result<Today, ApiError> {
        self.read(move |node| view::today(node, now_ms(), args.since)).await
    }

    async fn points(&self, _: NoArgs) -> Result<Account, ApiError> {
        self.read(|node| View::of(node)?.account(node)).await
    }

    async fn fund(&self, _: NoArgs) -> Result<FundNote, ApiError> {
        self.read(|node| view::fund(node)).await
    }

    async fn blank_slips(&self, args: BlankSlipsArgs) -> Result<BlankSlips, ApiError> {
        self.read(move |node| view::blank_slips(node, args.count)).await
    }

    async fn cards(&self, _: NoArgs) -> Result<Cards, ApiError> {
        self.read(|node| view::cards(node)).await
    }

    async fn face_payee(&self, _: NoArgs) -> Result<FaceCode, ApiError> {
        self.read(|node| View::of(node)?.face_payee(node)).await
    }

    async fn face(&self, args: FaceArgs) -> Result<Faced, ApiError> {
        self.read(move |node| View::of(node)?.faced(node.face(&args.entry.0)?)).await
    }

    async fn requests(&self, _: NoArgs) -> Result<Requests, ApiError> {
        self.read(view::requests).await
    }

    async fn goods(&self, _: NoArgs) -> Result<Goods, ApiError> {
        self.read(|node| Ok(View::of(node)?.goods(node))).await
    }

    async fn orders(&self, args: OrdersArgs) -> Result<Orders, ApiError> {
        self.read(move |node| View::of(node)?.orders(node, &args)).await
    }

    async fn order(&self, args: OrderArgs) -> Result<OrderDetail, ApiError> {
        self.read(move |node| View::of(node)?.order(node, &args.order.0)).await
    }

    async fn openings(&self, _: NoArgs) -> Result<Openings, ApiError> {
        self.read(|node| view::openings(node)).await
    }

    async fn talk(&self, args: TalkArgs) -> Result<Talk, ApiError> {
        let thread = thread(args.deal, args.introduction)?;
        self.read(move |node| view::talk(node, &thread)).await
    }

    async fn introductions(&self, _: NoArgs) -> Result<Introductions, ApiError> {
        self.read(|node| view::introductions(node)).await
    }

    async fn blocked(&self, _: NoArgs) -> Result<Blocked, ApiError> {
        self.read(|node| view::blocked(node)).await
    }

    async fn complaints(&self, _: NoArgs) -> Result<Complaints, ApiError> {
        self.read(|node| view::complaints(node)).await
    }

    async fn register(&self, _: NoArgs) -> Result<RegisterNote, ApiError> {
        self.read(view::register).await
    }

    async fn read_register(&self, args: RegisterFileArgs) -> Result<RegisterReading, ApiError> {
        Ok(self.look_at_register(args).await?.0)
    }

    async fn devices(&self, _: NoArgs) -> Result<Devices, ApiError> {
        self.read(|node| view::devices(node)).await
    }

    async fn leaving(&self, _: NoArgs) -> Result<Leaving, ApiError> {
        self.read(|node| view::leaving(node)).await
    }

    async fn application(&self, _: NoArgs) -> Result<ApplicationNote, ApiError> {
        self.read(|node| Ok(view::application(node))).await
    }

    async fn peers(&self, _: NoArgs) -> Result<Peers, ApiError> {
        self.read(|node| Ok(view::peers(node))).await
    }

    async fn audit(&self, _: NoArgs) -> Result<Audit, ApiError> {
        self.read(|node| Ok(view::audit(node))).await
    }

    async fn export(&self, _: NoArgs) -> Result<Exported, ApiError> {
        self.exported().await
    }

    async fn invites(&self, _: NoArgs) -> Result<Invites, ApiError> {
        self.read(|node| view::invites(node, now_ms())).await
    }

    async fn notices(&self, _: NoArgs) -> Result<Notices, ApiError> {
        self.notices_page().await
    }

    async fn resolve(&self, args: ResolveArgs) -> Result<Resolved, ApiError> {
        self.read(move |node| view::resolve(node, &args)).await
    }

    async fn wait(&self, args: WaitArgs) -> Result<Waited, ApiError> {
        crate::wait::wait(self, args).await
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    async fn vouch(&self, VouchArgs { member, capacity, opinion }: VouchArgs) -> Result<Saved, ApiError> {
        self.save(Command::Vouch { member: member.0, capacity: capacity.into(), opinion: opinion.into() }).await
    }
}
