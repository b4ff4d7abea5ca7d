//! The table answered by a node in this process.

mod told;

use std::net::SocketAddr;
use std::sync::Arc;

use kaifong_domain::record::Profile;
use kaifong_domain::{Instant, Points, Refusal};
use kaifong_node::{Application, Command, Done, EpochDraft, Handle, Node, OpenError, Options};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::dto::*;
use crate::export;
use crate::notices::{self, Notebook, Notifier, PER_DAY_MAX, Tally, Telling, Timing};
use crate::table::{Event, Host};
use crate::view::{self, View};
use crate::{ApiError, Code, Hex};

use told::{draft, now_ms, seal_key, sheet, strange, way};

/// How many events may wait for a slow listener.
const EVENTS_QUEUED_MAX: usize = 256;

/// A node in this process.
#[derive(Clone, Debug)]
pub struct NodeHost {
    handle: Handle,
    events: broadcast::Sender<Event>,
    notebook: Arc<Notebook>,
    telling: Arc<Telling>,
    timing: Timing,
}

impl NodeHost {
    /// Opens the device and starts its loop and network.
    ///
    /// # Errors
    /// `store-unusable` or `not-reachable`; nothing runs then.
    pub async fn open(options: Options) -> Result<Self, ApiError> {
        Self::open_at(options, Timing::default()).await
    }

    /// The same where another clock goes, for what notices go by.
    ///
    /// # Errors
    /// `store-unusable` or `not-reachable`; nothing runs then.
    pub async fn open_at(options: Options, timing: Timing) -> Result<Self, ApiError> {
        Self::open_among(options, timing, Arc::default()).await
    }

    /// The same beside other buildings of one installation, with which it shares the day's notices.
    pub(crate) async fn open_among(options: Options, timing: Timing, tally: Arc<Tally>) -> Result<Self, ApiError> {
        let handle = Handle::open(options).await?;
        let (events, _) = broadcast::channel(EVENTS_QUEUED_MAX);
        let notebook = Arc::new(Notebook::open(handle.private_file(notices::KEPT_NAME), tally));
        let telling = Arc::default();
        let host = Self { handle, events, notebook, telling, timing };
        tokio::spawn(forward(host.handle.changes(), host.events.clone()));
        Ok(host)
    }

    /// Gives where this device listens.
    pub fn addresses(&self) -> Vec<String> {
        self.handle.addresses().iter().map(SocketAddr::to_string).collect()
    }

    /// Tells where this device's key is kept.
    pub fn key_kept(&self) -> KeyKept {
        self.handle.key_kept().into()
    }

    /// Gives the status without the projection, for a start that keeps nobody waiting.
    ///
    /// # Errors
    /// `not-reachable` when the node is ending.
    pub async fn standing(&self) -> Result<Status, ApiError> {
        let (key_kept, addresses) = (self.key_kept(), self.addresses());
        self.read(move |node| Ok(view::status(node, key_kept, addresses, false))).await
    }

    /// Tells notices from now on, as [`Event::Notice`], until the last clone of this host is gone; for whoever can show
    /// them. To ask for it again changes nothing.
    pub fn tell_notices(&self) {
        let Self { handle, events, notebook, timing, .. } = self;
        self.telling.begin(|| Notifier {
            handle: handle.clone(),
            events: events.clone(),
            notebook: Arc::clone(notebook),
            timing: timing.clone(),
        });
    }

    /// Waits until the node has ended, in order or not.
    pub async fn ended(&self) {
        self.handle.ended().await;
    }

    /// Closes network and store in order.
    ///
    /// # Errors
    /// `store-unusable`.
    pub async fn shutdown(self) -> Result<(), ApiError> {
        self.telling.end().await;
        self.handle.shutdown().await.map_err(|error| ApiError::from(OpenError::Store(error)))
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Node) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.handle
            .read(look)
            .await
            .unwrap_or_else(|| Err(ApiError::not_reachable("节点正在关闭，或者数据目录打不开了")))
    }

    async fn view<T: Send + 'static>(
        &self,
        look: impl FnOnce(View<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.read(move |node| look(View::of(node)?)).await
    }

    /// Looks into the notebook, or writes into it, where waiting for the disk holds nothing up.
    async fn at_notebook<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Notebook) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let notebook = Arc::clone(&self.notebook);
        tokio::task::spawn_blocking(move || look(&notebook)).await.map_err(ApiError::not_reachable)
    }

    async fn save(&self, command: Command) -> Result<Saved, ApiError> {
        self.handle.command(command).await?;
        Ok(Saved { saved: true })
    }
}

/// Turns the node's changes into events. Ends with the node or with the last host.
async fn forward(mut changes: broadcast::Receiver<kaifong_node::Tags>, events: broadcast::Sender<Event>) {
    loop {
        let tags: Vec<Tag> = match changes.recv().await {
            Ok(tags) => tags.into_iter().map(Tag::from).collect(),
            // What was missed may have touched anything.
            Err(RecvError::Lagged(_)) => Tag::ALL.to_vec(),
            Err(RecvError::Closed) => return,
        };
        // Nobody may be listening.
        let _ = events.send(Event::Changed(Changed { tags }));
    }
}

impl Host for NodeHost {
    async fn found(&self, args: FoundArgs) -> Result<Founded, ApiError> {
        let FoundArgs { building, name, block, about } = args;
        match self.handle.command(Command::Found { building, profile: Profile { name, block, about } }).await? {
            Done::Founded(building) => Ok(Founded { building: Hex(building) }),
            done => Err(strange(&done)),
        }
    }

    async fn apply(&self, args: ApplyArgs) -> Result<Applied, ApiError> {
        let ApplyArgs { invitation, name, block, about, household, real_name, phone, kind, of_age } = args;
        if !of_age {
            return Err(Refusal::TooYoung.into());
        }
        let (way, kind, profile) = (way(&invitation)?, kind.into(), Profile { name, block, about });
        let application = Application { way, kind, profile, household, real_name, phone };
        self.handle.command(Command::Apply(application)).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    async fn further_device(&self, args: FurtherDeviceArgs) -> Result<Applied, ApiError> {
        let FurtherDeviceArgs { invitation, member } = args;
        let way = way(&invitation)?;
        self.handle.command(Command::BecomeFurtherDevice { way, member: member.0 }).await?;
        self.read(|node| Ok(Applied { state: view::application(node).state })).await
    }

    async fn invite(&self, args: InviteArgs) -> Result<Invited, ApiError> {
        let InviteArgs { valid_ms, addresses } = args;
        let addresses = match addresses {
            Some(told) => told
                .iter()
                .map(|text| text.parse().map_err(|_| ApiError::bad_arguments(format_args!("{text} 不是 IP:端口"))))
                .collect::<Result<Vec<SocketAddr>, _>>()?,
            None => self.handle.addresses(),
        };
        let ticket = match self.handle.command(Command::Invite { valid_ms, addresses }).await? {
            Done::Invited(ticket) => ticket,
            done => return Err(strange(&done)),
        };
        // As it was signed: a page finds the invitation in the list by it.
        let key = ticket.code.key();
        let expires_at = self.read(move |node| {
            let mut made = node.home().into_iter().flat_map(|home| home.documents().invites());
            Ok(made.find(|(_, invite)| invite.key == key).map(|(_, invite)| invite.expires_at.0))
        });
        Ok(Invited {
            expires_at: expires_at.await?.unwrap_or_else(|| now_ms().saturating_add(valid_ms)),
            ticket: ticket.to_string(),
            code: ticket.code.to_string(),
            addresses: ticket.doors.iter().flat_map(|door| &door.addresses).map(SocketAddr::to_string).collect(),
            building: ticket.name,
        })
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

    async fn approve(&self, args: DeviceArgs) -> Result<Saved, ApiError> {
        self.save(Command::Approve { device: args.device.0 }).await
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
        let DraftArgs { seats, roles, charter } = args;
        let draft = EpochDraft {
            seats: seats.map(|seats| seats.into_iter().map(|seat| (seat.member.0, seat.post.into())).collect()),
            roles: roles.map(|roles| roles.into_iter().map(|hold| (hold.member.0, hold.role.into())).collect()),
            witnesses: None,
            charter: charter.map(|told| kaifong_domain::charter::Charter {
                points_per_hour: Points(told.points_per_hour),
                credit_line: Points(told.credit_line),
                quota: Points(told.quota),
            }),
        };
        match self.handle.command(Command::DraftEpoch(draft)).await? {
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

    async fn close_device(&self, args: DeviceArgs) -> Result<Saved, ApiError> {
        self.save(Command::CloseDevice { device: args.device.0 }).await
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

    async fn object(&self, args: ObjectArgs) -> Result<Saved, ApiError> {
        self.save(Command::Object { approval: args.approval.0 }).await
    }

    async fn vouch(&self, VouchArgs { member, capacity, held }: VouchArgs) -> Result<Saved, ApiError> {
        self.save(Command::Vouch { member: member.0, capacity: capacity.into(), held }).await
    }

    async fn set_profile(&self, args: ProfileArgs) -> Result<Saved, ApiError> {
        let ProfileArgs { name, block, about, show_block } = args;
        let shown = if show_block { block.clone() } else { String::new() };
        let profile = Profile { name, block: shown, about };
        profile.check()?;
        // It is kept first: what neighbours no longer see must not be lost.
        self.handle.command(Command::KeepBlock { block }).await?;
        self.save(Command::SetProfile(profile)).await
    }

    async fn post(&self, args: PostArgs) -> Result<Posted, ApiError> {
        match self.handle.command(Command::Post(draft(args))).await? {
            Done::Posted(listing) => Ok(Posted { listing: Hex(listing) }),
            done => Err(strange(&done)),
        }
    }

    async fn edit_listing(&self, args: EditArgs) -> Result<Saved, ApiError> {
        let EditArgs { listing, side, kind, mode, title, body, points } = args;
        let draft = draft(PostArgs { side, kind, mode, title, body, points });
        self.save(Command::Edit { listing: listing.0, draft }).await
    }

    async fn close_listing(&self, args: ListingArgs) -> Result<Saved, ApiError> {
        self.save(Command::CloseListing { listing: args.listing.0 }).await
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

    async fn offer_phone(&self, args: PhoneArgs) -> Result<Saved, ApiError> {
        self.save(Command::OfferPhone { deal: args.deal.0, number: args.number }).await
    }

    async fn withdraw_phone(&self, args: DealArgs) -> Result<Saved, ApiError> {
        self.save(Command::WithdrawPhone { deal: args.deal.0 }).await
    }

    async fn give(&self, args: GiveArgs) -> Result<Saved, ApiError> {
        self.save(Command::Give { to: args.to.0, points: Points(args.points) }).await
    }

    async fn set_notices(&self, args: NoticeSettings) -> Result<Saved, ApiError> {
        self.at_notebook(move |notebook| notebook.set(args)).await?.map_err(|error| {
            ApiError::new(Code::STORE_UNUSABLE, format!("提醒的开关没有存上：{error}"))
                .hinted("开关还是原来的；腾出磁盘空间再试一次")
        })?;
        // Nobody may be listening.
        let _ = self.events.send(Event::Changed(Changed { tags: vec![Tag::Notices] }));
        Ok(Saved { saved: true })
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

    async fn today(&self, args: TodayArgs) -> Result<Today, ApiError> {
        self.read(move |node| view::today(node, now_ms(), args.since)).await
    }

    async fn points(&self, _: NoArgs) -> Result<Account, ApiError> {
        self.read(|node| View::of(node)?.account(node)).await
    }

    async fn statement(&self, args: StatementArgs) -> Result<Statement, ApiError> {
        self.view(move |view| view.statement(&args)).await
    }

    async fn requests(&self, _: NoArgs) -> Result<Requests, ApiError> {
        self.read(view::requests).await
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
        self.read(|node| {
            let begun = std::time::Instant::now();
            let audit = node.audit();
            Ok(Audit {
                ok: audit.ok,
                documents: audit.documents,
                changes: audit.changes,
                signatures: audit.signatures,
                entries: audit.entries,
                ledger_sum: audit.ledger_sum,
                projection: view::hex(&audit.projection),
                ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
                first_fault: audit.first_fault,
            })
        })
        .await
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
        let packed = tokio::task::spawn_blocking(move || {
            let zip = export::pack(&document)?;
            let own: usize = document.journals.iter().map(|journal| journal.entries.len()).sum();
            Ok::<_, ApiError>(Exported {
                name: export::file_name(&document),
                bytes: zip.len() as u64,
                zip: data_encoding::BASE64.encode(&zip),
                entries: (own + document.proofs.len()) as u64,
            })
        });
        packed.await.map_err(ApiError::not_reachable)?
    }

    async fn invites(&self, _: NoArgs) -> Result<Invites, ApiError> {
        self.read(|node| view::invites(node, now_ms())).await
    }

    async fn notices(&self, _: NoArgs) -> Result<Notices, ApiError> {
        let today = (self.timing.clock)().day();
        let (page, told_today) = self.at_notebook(move |notebook| (notebook.page(), notebook.told_on(today))).await?;
        Ok(Notices {
            settings: page.settings,
            quiet_from_hour: notices::QUIET_FROM_HOUR,
            quiet_until_hour: notices::QUIET_UNTIL_HOUR,
            per_day_max: PER_DAY_MAX,
            told_today,
        })
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
