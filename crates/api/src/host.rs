//! The table answered by a node in this process.

mod asking;
mod running;
mod told;

use std::sync::Arc;

use kaifong_domain::hall::Judged;
use kaifong_domain::record::Profile;
use kaifong_domain::{Instant, Points, Refusal};
use kaifong_node::{Application, Command, Done, FundCommand, HallCommand, Handle};
use tokio::sync::broadcast;

use crate::dto::*;
use crate::export;
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

impl Host for NodeHost {
    async fn found(&self, args: FoundArgs) -> Result<Founded, ApiError> {
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

    async fn apply(&self, args: ApplyArgs) -> Result<Applied, ApiError> {
        let ApplyArgs { invitation, name, block, about, household, real_name, phone, kind, of_age } = args;
        if !of_age {
            return Err(Refusal::TooYoung.into());
        }
        let (way, kind, profile) = (way(&invitation)?, kind.into(), Profile { name, block, about, place: None });
        let application = Application { way, kind, profile, household, real_name, phone };
        self.handle.command(Command::Apply(Box::new(application))).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    async fn further_device(&self, args: FurtherDeviceArgs) -> Result<Applied, ApiError> {
        let FurtherDeviceArgs { invitation, member } = args;
        let way = way(&invitation)?;
        self.handle.command(Command::BecomeFurtherDevice { way, member: member.0 }).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    async fn invite(&self, args: InviteArgs) -> Result<Invited, ApiError> {
        self.make_invite(args).await
    }

    async fn withdraw_invites(&self, _: NoArgs) -> Result<Saved, ApiError> {
        self.save(Command::WithdrawInvites).await
    }

    async fn withdraw_invite(&self, args: InviteIdArgs) -> Result<Saved, ApiError> {
        self.save(Command::WithdrawInvite { invite: args.invite.0 }).await
    }

    async fn refuse_invite(&self, args: RefuseInviteArgs) -> Result<Saved, ApiError> {
        self.save(Command::RefuseInvite { invite: args.invite.0, reason: args.reason }).await
    }

    async fn ask(&self, args: AskArgs) -> Result<Saved, ApiError> {
        self.save(Command::Ask { device: args.device.0, text: args.text }).await
    }

    async fn pick_place(&self, args: PickPlaceArgs) -> Result<Applied, ApiError> {
        self.handle.command(Command::PickPlace(view::residence(args))).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    async fn answer_question(&self, args: AnswerQuestionArgs) -> Result<Saved, ApiError> {
        self.save(Command::AnswerQuestion { question: args.question.0, text: args.text }).await
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

    async fn forget_register(&self, _: NoArgs) -> Result<Saved, ApiError> {
        self.save(Command::ForgetRegister).await
    }

    async fn open_details(&self, args: MemberArgs) -> Result<Details, ApiError> {
        self.details_of(args.member.0).await
    }

    async fn complain(&self, args: ComplainArgs) -> Result<Saved, ApiError> {
        self.save(Command::Complain { about: args.about.0, text: args.text }).await
    }

    async fn answer_complaint(&self, args: AnswerComplaintArgs) -> Result<Saved, ApiError> {
        self.save(Command::AnswerComplaint { complaint: args.complaint.0, text: args.text }).await
    }

    async fn approve(&self, args: ApproveArgs) -> Result<Saved, ApiError> {
        self.save(Command::Approve { device: args.device.0, votes: args.votes }).await
    }

    async fn refuse(&self, args: RefuseArgs) -> Result<Saved, ApiError> {
        self.save(Command::Refuse { device: args.device.0, reason: args.reason }).await
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

    async fn agree_to_draft(&self, args: OneDraftArgs) -> Result<Saved, ApiError> {
        self.save(Command::AgreeToDraft { draft: args.draft.0 }).await
    }

    async fn lead_council(&self, _: NoArgs) -> Result<Saved, ApiError> {
        self.save(Command::LeadCouncil).await
    }

    async fn use_sheet(&self, args: SheetArgs) -> Result<Saved, ApiError> {
        self.save(Command::UseSheet { sheet: sheet(&args.digits)? }).await
    }

    async fn set_role(&self, args: RoleArgs) -> Result<Saved, ApiError> {
        self.save(Command::SetRole { member: args.member.0, role: args.role.into(), held: args.held }).await
    }

    async fn set_witness(&self, args: WitnessArgs) -> Result<Saved, ApiError> {
        self.save(Command::SetWitness { member: args.member.0, named: args.named }).await
    }

    async fn link_device(&self, args: LinkDeviceArgs) -> Result<Saved, ApiError> {
        self.save(Command::LinkDevice { device: args.device.0, seal: seal_key(&args.seal)? }).await
    }

    async fn close_device(&self, args: CloseDeviceArgs) -> Result<Saved, ApiError> {
        self.save(Command::CloseDevice { device: args.device.0, disown: args.disown }).await
    }

    async fn change_device(&self, args: DeviceArgs) -> Result<Saved, ApiError> {
        self.save(Command::ChangeDevice { to: args.device.0 }).await
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

    async fn close_by_sheet(&self, args: SheetArgs) -> Result<Saved, ApiError> {
        self.save(Command::CloseBySheet { sheet: sheet(&args.digits)? }).await
    }

    async fn reapprove(&self, args: ReapproveArgs) -> Result<Saved, ApiError> {
        self.save(Command::Reapprove { member: args.member.0, device: args.device.map(|device| device.0) }).await
    }

    async fn hand_points_over(&self, args: MemberArgs) -> Result<Saved, ApiError> {
        self.save(Command::HandPointsOver { member: args.member.0 }).await
    }

    async fn move_points(&self, args: MovePointsArgs) -> Result<Saved, ApiError> {
        self.save(Command::MovePoints { device: args.device.0, points: Points(args.points) }).await
    }

    async fn own_points(&self, _: NoArgs) -> Result<OwnPoints, ApiError> {
        self.read(|node| View::of(node)?.own_points(node)).await
    }

    async fn left_points(&self, _: NoArgs) -> Result<LeftRows, ApiError> {
        self.view(|view| view.left_points()).await
    }

    async fn fund_losses(&self, _: NoArgs) -> Result<FundLosses, ApiError> {
        self.view(|view| Ok(view.fund_losses())).await
    }

    async fn object(&self, args: ObjectArgs) -> Result<Saved, ApiError> {
        self.save(Command::Object { approval: args.approval.0 }).await
    }

    async fn set_kin(&self, args: KinArgs) -> Result<Saved, ApiError> {
        self.save(Command::SetKin { member: args.member.0, wishes: args.wishes }).await
    }

    async fn vouch(&self, VouchArgs { member, capacity, opinion }: VouchArgs) -> Result<Saved, ApiError> {
        self.save(Command::Vouch { member: member.0, capacity: capacity.into(), opinion: opinion.into() }).await
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
        match self.handle.command(Command::Post(draft(args))).await? {
            Done::Posted(listing) => Ok(Posted { listing: Hex(listing) }),
            done => Err(strange(&done)),
        }
    }

    async fn edit_listing(&self, args: EditArgs) -> Result<Saved, ApiError> {
        let EditArgs { listing, side, kind, mode, title, body, points, audience } = args;
        let draft = draft(PostArgs { side, kind, mode, title, body, points, audience });
        self.save(Command::Edit { listing: listing.0, draft }).await
    }

    async fn close_listing(&self, args: ListingArgs) -> Result<Saved, ApiError> {
        self.save(Command::CloseListing { listing: args.listing.0 }).await
    }

    async fn check_device(&self, args: CheckArgs) -> Result<Saved, ApiError> {
        self.save(Command::CheckDevice { listing: args.listing.0, by: args.by }).await
    }

    async fn answer(&self, args: AnswerArgs) -> Result<Answered, ApiError> {
        let owner = self.owner(args.owner, args.listing.0).await?;
        let command = Command::Answer {
            owner,
            listing: args.listing.0,
            points: args.points.map(Points),
            due_at: args.due_at.map(Instant),
            counterpart: args.counterpart.map(|listing| listing.0),
        };
        match self.handle.command(command).await? {
            Done::Answered(deal) => Ok(Answered { deal: Hex(deal) }),
            done => Err(strange(&done)),
        }
    }

    async fn agree(&self, args: DealArgs) -> Result<Saved, ApiError> {
        self.save(Command::Agree { deal: args.deal.0 }).await
    }

    async fn call_off(&self, args: DealArgs) -> Result<Saved, ApiError> {
        self.save(Command::CallOff { deal: args.deal.0 }).await
    }

    async fn hand_over(&self, args: DealArgs) -> Result<Saved, ApiError> {
        self.save(Command::HandOver { deal: args.deal.0 }).await
    }

    async fn r#return(&self, args: DealArgs) -> Result<Saved, ApiError> {
        self.save(Command::Return { deal: args.deal.0 }).await
    }

    async fn done(&self, args: DealArgs) -> Result<Saved, ApiError> {
        self.save(Command::Done { deal: args.deal.0 }).await
    }

    async fn review(&self, args: ReviewArgs) -> Result<Saved, ApiError> {
        self.save(Command::Review { deal: args.deal.0, stars: args.stars, text: args.text }).await
    }

    async fn reply(&self, args: ReplyArgs) -> Result<Saved, ApiError> {
        self.save(Command::Reply { deal: args.deal.0, text: args.text }).await
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

    async fn withdraw_matter(&self, args: OwnMatterArgs) -> Result<Saved, ApiError> {
        self.save(Command::Hall(HallCommand::Withdraw { matter: args.matter.0 })).await
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

    async fn offer_phone(&self, args: PhoneArgs) -> Result<Saved, ApiError> {
        self.save(Command::OfferPhone { deal: args.deal.0, number: args.number }).await
    }

    async fn withdraw_phone(&self, args: DealArgs) -> Result<Saved, ApiError> {
        self.save(Command::WithdrawPhone { deal: args.deal.0 }).await
    }

    async fn give(&self, args: GiveArgs) -> Result<Saved, ApiError> {
        self.save(Command::Give { to: args.to.0, points: Points(args.points) }).await
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

    async fn give_to_fund(&self, args: GiveToFundArgs) -> Result<Saved, ApiError> {
        self.save(Command::Fund(FundCommand::Give { points: Points(args.points) })).await
    }

    async fn grant(&self, args: GrantArgs) -> Result<Granted, ApiError> {
        let (member, purpose) = (args.member.0, told::purpose(&args)?);
        self.granted(FundCommand::Grant { member, purpose }).await
    }

    async fn list_openings(&self, args: OpeningsArgs) -> Result<Granted, ApiError> {
        let lines = args.lines.into_iter().map(|line| (line.member.0, Points(line.points))).collect();
        self.granted(FundCommand::ListOpenings { lines }).await
    }

    async fn second_grants(&self, args: GrantListArgs) -> Result<Saved, ApiError> {
        self.save(Command::Fund(FundCommand::Second { list: args.list.0 })).await
    }

    async fn unlist_grants(&self, args: GrantListArgs) -> Result<Saved, ApiError> {
        self.save(Command::Fund(FundCommand::Unlist { list: args.list.0 })).await
    }

    async fn leave(&self, args: LeaveArgs) -> Result<Saved, ApiError> {
        self.save(Command::Leave { ends_at: args.ends_at.map(Instant) }).await
    }

    async fn erase(&self, _: NoArgs) -> Result<Saved, ApiError> {
        self.save(Command::Erase).await
    }

    async fn mark(&self, args: MarkArgs) -> Result<Saved, ApiError> {
        self.save(Command::Mark { member: args.member.0, state: marked(args.state, args.until)? }).await
    }

    async fn here(&self, _: NoArgs) -> Result<Saved, ApiError> {
        self.save(Command::Here).await
    }

    async fn name_kin(&self, args: NameKinArgs) -> Result<Saved, ApiError> {
        self.save(Command::NameKin { member: args.member.map(|member| member.0) }).await
    }

    async fn set_notices(&self, args: NoticeSettings) -> Result<Saved, ApiError> {
        self.keep_notices(args).await
    }

    async fn status(&self, _: NoArgs) -> Result<Status, ApiError> {
        let (key_kept, addresses) = (self.key_kept(), self.addresses());
        self.read(move |node| Ok(view::status(node, key_kept, addresses, true))).await
    }

    async fn building(&self, _: NoArgs) -> Result<Building, ApiError> {
        self.view(|view| Ok(view.building())).await
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

    async fn members(&self, _: NoArgs) -> Result<Members, ApiError> {
        self.view(|view| Ok(view.members())).await
    }

    async fn member(&self, args: MemberArgs) -> Result<Member, ApiError> {
        self.view(move |view| view.member(&args.member.0)).await
    }

    async fn listings(&self, args: ListingsArgs) -> Result<Listings, ApiError> {
        self.view(move |view| view.listings(&args)).await
    }

    async fn needs(&self, args: ListingsArgs) -> Result<Listings, ApiError> {
        self.listings(args.of_side(Side::Need)).await
    }

    async fn offers(&self, args: ListingsArgs) -> Result<Listings, ApiError> {
        self.listings(args.of_side(Side::Offer)).await
    }

    async fn listing(&self, args: ListingArgs) -> Result<ListingDetail, ApiError> {
        self.view(move |view| view.listing_detail(args.owner.map(|owner| owner.0), &args.listing.0)).await
    }

    async fn matches(&self, args: MatchesArgs) -> Result<Matches, ApiError> {
        self.read(move |node| view::fits(node, args.owner.map(|owner| owner.0), &args.listing.0, args.limit)).await
    }

    async fn search(&self, args: SearchArgs) -> Result<Found, ApiError> {
        self.read(move |node| view::found(node, &args)).await
    }

    async fn deals(&self, args: DealsArgs) -> Result<Deals, ApiError> {
        self.view(move |view| view.deals(&args)).await
    }

    async fn deal(&self, args: DealArgs) -> Result<DealDetail, ApiError> {
        self.read(move |node| view::deal_detail(node, &args.deal.0)).await
    }

    async fn matters(&self, args: MattersArgs) -> Result<Matters, ApiError> {
        self.view(move |view| view.matters(&args)).await
    }

    async fn matter(&self, args: MatterArgs) -> Result<MatterDetail, ApiError> {
        self.view(move |view| view.matter_detail(args.asker.map(|asker| asker.0), &args.matter.0)).await
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

    async fn read_openings(&self, args: OpeningsFileArgs) -> Result<OpeningsReading, ApiError> {
        self.look_at_openings(args).await
    }

    async fn statement(&self, args: StatementArgs) -> Result<Statement, ApiError> {
        self.view(move |view| view.statement(&args)).await
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

    async fn openings(&self, _: NoArgs) -> Result<Openings, ApiError> {
        self.read(|node| view::openings(node)).await
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

    async fn returns(&self, _: NoArgs) -> Result<Returns, ApiError> {
        self.view(|view| view.returns()).await
    }

    async fn application(&self, _: NoArgs) -> Result<ApplicationNote, ApiError> {
        self.read(|node| Ok(view::application(node))).await
    }

    async fn peers(&self, _: NoArgs) -> Result<Peers, ApiError> {
        self.read(|node| Ok(view::peers(node))).await
    }

    async fn reviews(&self, args: MemberArgs) -> Result<Reviews, ApiError> {
        self.view(move |view| Ok(Reviews { rows: view.reviews(&args.member.0) })).await
    }

    async fn audit(&self, _: NoArgs) -> Result<Audit, ApiError> {
        self.read(|node| Ok(view::audit(node))).await
    }

    async fn trail(&self, args: TrailArgs) -> Result<Trail, ApiError> {
        self.view(move |view| view.trail(&args)).await
    }

    async fn verify(&self, args: VerifyArgs) -> Result<Verified, ApiError> {
        self.view(move |view| view.verify(&args)).await
    }

    async fn export(&self, _: NoArgs) -> Result<Exported, ApiError> {
        let document = self.read(|node| export::gather(node, now_ms())).await?;
        // Packing takes a while for a long life in the building, and nothing has to wait for it.
        let packed = tokio::task::spawn_blocking(move || export::packed(&document));
        packed.await.map_err(ApiError::not_reachable)?
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
}
