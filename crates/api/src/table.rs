//! The one table: every command, query and event with its arguments and its result.
//!
//! To add a row: put it into the table at the end of this file and write its answer in every [`Host`]; until then
//! nothing compiles. The schema, the dispatcher, the local socket and the command line have it by themselves.

use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::dto::*;
use crate::schema::{EventSchema, RowSchema, Schemas};
use crate::{ApiError, Code};

/// The longest request, in bytes: the arguments of one row as JSON.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// The same for the rows that take a file.
pub const FILE_REQUEST_BYTES_MAX: usize = 12 * 1024 * 1024;

/// Gives how long a request for a row may be, in bytes.
pub fn request_bytes_max(name: &str) -> usize {
    let takes_file =
        [<rows::import_register as Row>::NAME, <rows::read_register as Row>::NAME, <rows::read_openings as Row>::NAME];
    let takes_file = takes_file.contains(&name);
    if takes_file { FILE_REQUEST_BYTES_MAX } else { REQUEST_BYTES_MAX }
}

/// What [`call`] gives: the result as JSON, or why not.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value, ApiError>> + Send + 'a>>;

/// One row of the table as a type, so that a caller cannot ask with another row's arguments.
pub trait Row {
    /// The name.
    const NAME: &'static str;
    /// Whether it changes anything.
    const IS_COMMAND: bool;
    /// What it is asked with.
    type Args: Serialize + DeserializeOwned;
    /// What it gives.
    type Result: Serialize + DeserializeOwned;
}

macro_rules! api_table {
    (
        commands { $($(#[doc = $cdoc:literal])+ $cname:ident($cargs:ty) -> $cresult:ty;)+ }
        queries { $($(#[doc = $qdoc:literal])+ $qname:ident($qargs:ty) -> $qresult:ty [$($qtag:ident)*];)+ }
        events { $($(#[doc = $edoc:literal])+ $ename:literal $event:ident($payload:ty) [$($etag:ident)*];)+ }
    ) => {
        /// What answers the table. Every row has one method; a host that lacks one does not compile.
        pub trait Host: Send + Sync {
            $($(#[doc = $cdoc])+
            fn $cname(&self, args: $cargs) -> impl Future<Output = Result<$cresult, ApiError>> + Send;)+
            $($(#[doc = $qdoc])+
            fn $qname(&self, args: $qargs) -> impl Future<Output = Result<$qresult, ApiError>> + Send;)+

            /// Gives the events from now on. Who falls behind misses some and should read everything again.
            fn events(&self) -> tokio::sync::broadcast::Receiver<Event>;
        }

        /// Something that happened.
        #[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
        #[serde(tag = "event", content = "payload")]
        pub enum Event {
            $($(#[doc = $edoc])+ #[serde(rename = $ename)] $event($payload),)+
        }

        /// The rows as types: what `Road::ask` and the like are told.
        #[allow(non_camel_case_types)]
        pub mod rows {
            use super::*;

            $($(#[doc = $cdoc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $cname;
            impl Row for $cname {
                const NAME: &'static str = wire_name(stringify!($cname));
                const IS_COMMAND: bool = true;
                type Args = $cargs;
                type Result = $cresult;
            })+
            $($(#[doc = $qdoc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $qname;
            impl Row for $qname {
                const NAME: &'static str = wire_name(stringify!($qname));
                const IS_COMMAND: bool = false;
                type Args = $qargs;
                type Result = $qresult;
            })+
        }

        /// The names of all commands, in the table's order.
        pub const COMMANDS: &[&str] = &[$(<rows::$cname as Row>::NAME),+];
        /// The names of all queries, in the table's order.
        pub const QUERIES: &[&str] = &[$(<rows::$qname as Row>::NAME),+];
        /// The names of all events, in the table's order.
        pub const EVENTS: &[&str] = &[$($ename),+];

        /// Calls one row by its name.
        ///
        /// # Errors
        /// `unknown-name`, `bad-arguments`, or what the row's own answer says.
        pub fn call<'a, H: Host>(host: &'a H, name: &str, args: Value) -> Answer<'a> {
            $(if name == <rows::$cname as Row>::NAME {
                return answer(args, |args| host.$cname(args));
            })+
            $(if name == <rows::$qname as Row>::NAME {
                return answer(args, |args| host.$qname(args));
            })+
            let error = ApiError::unknown_name(name);
            Box::pin(std::future::ready(Err(error)))
        }

        pub(crate) fn row_schemas(schemas: &mut Schemas) -> (Vec<RowSchema>, Vec<RowSchema>, Vec<EventSchema>) {
            let commands = vec![$(schemas.row::<rows::$cname>(&[$($cdoc),+], &[])),+];
            let queries = vec![$(schemas.row::<rows::$qname>(&[$($qdoc),+], &[$(Tag::$qtag),*])),+];
            let events = vec![$(schemas.event::<$payload>($ename, &[$($edoc),+], &[$(Tag::$etag),*])),+];
            (commands, queries, events)
        }
    };
}

/// A name that is a word of Rust is written `r#name` in the table.
const fn wire_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => match name.split_at_checked(2) {
            Some((_, rest)) => rest,
            None => name,
        },
        _ => name,
    }
}

pub(crate) fn answer<'a, A, R, F>(args: Value, ask: impl FnOnce(A) -> F) -> Answer<'a>
where
    A: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, ApiError>> + Send + 'a,
{
    // Nothing to tell may be left out altogether.
    let args = if args.is_null() { Value::Object(serde_json::Map::new()) } else { args };
    let asked = match serde_json::from_value(args) {
        Ok(args) => ask(args),
        Err(error) => return Box::pin(std::future::ready(Err(ApiError::bad_arguments(error.to_string())))),
    };
    Box::pin(async move {
        let result = asked.await?;
        serde_json::to_value(result).map_err(|error| ApiError::new(Code::NOT_REACHABLE, error.to_string()))
    })
}

api_table! {
    commands {
        /// Founds a building; this household is its first.
        found(FoundArgs) -> Founded;
        /// Asks to join a building, by a ticket or by a typed code.
        apply(ApplyArgs) -> Applied;
        /// Looks for the building of the member whose further device this one is to be.
        further_device(FurtherDeviceArgs) -> Applied;
        /// Makes an invitation: the ticket for a QR and the short code.
        invite(InviteArgs) -> Invited;
        /// Withdraws all of one's invitations.
        withdraw_invites(NoArgs) -> Saved;
        /// Withdraws one of one's invitations; who came by it before still waits.
        withdraw_invite(InviteIdArgs) -> Saved;
        /// Refuses all who came by an invitation, and all who still come by it; for reviewers.
        refuse_invite(RefuseInviteArgs) -> Saved;
        /// Asks the newcomer with this device something before deciding; for reviewers.
        ask(AskArgs) -> Saved;
        /// Picks where one lives, of the map that the building one asks to join has shown; the request is sealed only then.
        pick_place(PickPlaceArgs) -> Applied;
        /// Answers a reviewer's question about one's own application.
        answer_question(AnswerQuestionArgs) -> Saved;
        /// Keeps a register of units on this device alone, in the place of any before it; for reviewers.
        import_register(RegisterFileArgs) -> RegisterReading;
        /// Forgets the register of units.
        forget_register(NoArgs) -> Saved;
        /// Opens what a member has told the reviewers, and tells the member who did; for reviewers.
        open_details(MemberArgs) -> Details;
        /// Complains about a member, to all who review, mediate or sit in the council but that member.
        complain(ComplainArgs) -> Saved;
        /// Answers a complaint that one hears or has made.
        answer_complaint(AnswerComplaintArgs) -> Saved;
        /// Certifies the newcomer with this device; for reviewers.
        approve(ApproveArgs) -> Saved;
        /// Refuses the newcomer with this device; for reviewers.
        refuse(RefuseArgs) -> Saved;
        /// Says that one would sit in the council, with this device; gives the key on paper.
        stand(NoArgs) -> Sheet;
        /// Writes the next epoch: the founder's counts at once, a seat's is laid before the council.
        draft_epoch(DraftArgs) -> Drafted;
        /// Lets this device's seat sign a draft, now or as soon as its turn comes.
        agree_to_draft(OneDraftArgs) -> Saved;
        /// Takes the lead in the council where the seat whose turn it is does not.
        lead_council(NoArgs) -> Saved;
        /// Lets this device speak for the seat whose key on paper this is.
        use_sheet(SheetArgs) -> Saved;
        /// Gives or takes a role: at once by the founder, as a draft by a seat of the council.
        set_role(RoleArgs) -> Saved;
        /// Names a member's devices as witnesses, or no longer: at once by the founder, as a draft by a seat of the council.
        set_witness(WitnessArgs) -> Saved;
        /// Lets another device write for this member.
        link_device(LinkDeviceArgs) -> Saved;
        /// Closes a device of this member: what it signs from now on counts for nothing.
        close_device(CloseDeviceArgs) -> Saved;
        /// Hands over to another device of this member, its points with it, and closes this one.
        change_device(DeviceArgs) -> Saved;
        /// Makes a new recovery sheet, to be printed; the one before is worth nothing from then on.
        make_sheet(NoArgs) -> SheetPaper;
        /// Comes back on a new installation with one's recovery sheet.
        recover(RecoverArgs) -> Applied;
        /// Closes all devices of the member whose recovery sheet this is, at somebody else's device.
        close_by_sheet(SheetArgs) -> Saved;
        /// Lets a member go on with the device of a request, and closes those that are lost; takes two reviewers.
        reapprove(ReapproveArgs) -> Saved;
        /// Hands what a member's closed devices have left over to one that goes on; takes two reviewers.
        hand_points_over(MemberArgs) -> Saved;
        /// Objects to a re-approval of oneself that somebody else wants.
        object(ObjectArgs) -> Saved;
        /// Would be shown as one household with another member, or no longer; they see it once both would, and nobody else does.
        set_kin(KinArgs) -> Saved;
        /// Says as a reviewer what a member is known as or is not, or takes it back; some take two reviewers.
        vouch(VouchArgs) -> Saved;
        /// Changes what neighbours see of this member.
        set_profile(ProfileArgs) -> Saved;
        /// Says who works at one of the organisation's devices: what it signs is shown with their name.
        name_staff(NameStaffArgs) -> Saved;
        /// Posts an offer or a need.
        post(PostArgs) -> Posted;
        /// Replaces the words of an own listing.
        edit_listing(EditArgs) -> Saved;
        /// Closes an own listing.
        close_listing(ListingArgs) -> Saved;
        /// Records that an own medical device was cleaned and checked.
        check_device(CheckArgs) -> Saved;
        /// Says that one owns a thing together with its keeper, who has named one, or that one does not.
        step_on_owning(OwningArgs) -> Saved;
        /// Says which of one's own things were found where they lie.
        count_things(CountArgs) -> Saved;
        /// Answers a listing: 我可以帮助你, or 我想要.
        answer(AnswerArgs) -> Answered;
        /// Accepts an answer to one's own listing.
        agree(DealArgs) -> Saved;
        /// Says no, or calls off what has not begun.
        call_off(DealArgs) -> Saved;
        /// Confirms that the lent thing changed hands.
        hand_over(DealArgs) -> Saved;
        /// Confirms that the lent thing is back; the borrower's also pays what was agreed.
        r#return(DealArgs) -> Saved;
        /// Confirms that the help was given; the receiver's also pays what was agreed.
        done(DealArgs) -> Saved;
        /// Does what a loan takes beyond a word: enters a step late, says how the thing came back, extends it, passes somebody over.
        step_on_loan(LoanStepArgs) -> Saved;
        /// Says how it was.
        review(ReviewArgs) -> Saved;
        /// Answers what the other party of a finished deal said.
        reply(ReplyArgs) -> Saved;
        /// Puts a question, a complaint, a call for help or a suggestion to the hall.
        put_matter(PutMatterArgs) -> PutMatter;
        /// Takes a matter of one's own back.
        withdraw_matter(OwnMatterArgs) -> Saved;
        /// Takes a neighbour's matter up; for those who answer in the hall.
        take_up_matter(RespondArgs) -> Saved;
        /// Answers a neighbour's matter; who does not answer in the hall replies as a neighbour.
        respond_to_matter(RespondArgs) -> Saved;
        /// Says of a matter of one's own that it is solved, or not yet.
        judge_matter(JudgeArgs) -> Saved;
        /// Says how many points are right for a deal of one's own; while the two differ nothing is paid for it.
        say_points(FigureArgs) -> Saved;
        /// Says so for a deal of which the two say different numbers; for mediators.
        rule_points(FigureArgs) -> Saved;
        /// Pays what one still owes for a finished deal, or back what was too much.
        settle(DealArgs) -> Saved;
        /// Says something in a conversation.
        say(SayArgs) -> Saved;
        /// Shows the mediators some of what the other has said in a conversation.
        report(ReportArgs) -> Saved;
        /// Answers a report to both: who made it, and whom it is about; for mediators.
        answer_both(AnswerBothArgs) -> Saved;
        /// Would have nothing to do with a neighbour, or would again; nobody else learns of it.
        block(BlockMemberArgs) -> Saved;
        /// Asks an organiser or a reviewer to introduce one to a neighbour.
        ask_introduction(AskIntroductionArgs) -> Saved;
        /// Asks a neighbour whether they would meet somebody; for whoever was asked to introduce.
        introduce(IntroduceArgs) -> Saved;
        /// Says yes or no to an introduction.
        reply_introduction(ReplyIntroductionArgs) -> Saved;
        /// Tells the one who asked that an introduction does not work out.
        fail_introduction(IntroductionArgs) -> Saved;
        /// Thanks a neighbour on the wall.
        thank(ThankArgs) -> Saved;
        /// Takes own thanks off the wall.
        take_thanks(ThanksArgs) -> Saved;
        /// Calls for things that are to come together.
        call_drive(CallDriveArgs) -> Called;
        /// Closes an own drive and tells what was made of it.
        close_drive(CloseDriveArgs) -> Saved;
        /// Promises something to a drive, or takes it back.
        pledge(PledgeArgs) -> Saved;
        /// Says how many have come from a donor of an own drive.
        receive(ReceiveArgs) -> Saved;
        /// Offers the other party of an agreed deal to exchange phone numbers.
        offer_phone(PhoneArgs) -> Saved;
        /// Takes that back: nothing more is sent, and neither number stays on one's own devices.
        withdraw_phone(DealArgs) -> Saved;
        /// Gives points without a deal.
        give(GiveArgs) -> Saved;
        /// Moves points to another device of one's own.
        move_points(MovePointsArgs) -> Saved;
        /// Gives points to the device in front of this one, with no network; it is then shown the code.
        pay_face(PayFaceArgs) -> Faced;
        /// Takes the code that the device in front of this one shows.
        take_face(FaceTextArgs) -> Faced;
        /// Gives points to the community fund.
        give_to_fund(GiveToFundArgs) -> Saved;
        /// Grants points from the fund by the table of rates, or lays that before a second person; for treasurers.
        grant(GrantArgs) -> Granted;
        /// Lays opening balances from a ledger on paper before a second person; for treasurers.
        list_openings(OpeningsArgs) -> Granted;
        /// Agrees as a second person to a list of grants; the treasurer's device grants them then.
        second_grants(GrantListArgs) -> Saved;
        /// Takes back a list of grants of one's own.
        unlist_grants(GrantListArgs) -> Saved;
        /// Announces an activity.
        announce_activity(AnnounceArgs) -> Announced;
        /// Signs up for an activity or takes that back, pays what is due, says that one was there, or calls off one's own.
        step_on_activity(ActivityStepArgs) -> Saved;
        /// Says as the host of an activity whether who has a place came, or lets them off.
        mark_guest(MarkGuestArgs) -> Saved;
        /// Asks for a space by the hour; its owner agrees or says no.
        ask_space(AskSpaceArgs) -> AskedSpace;
        /// Agrees to who asks for one's own space or says no, or takes back what one has asked for.
        step_on_space(SpaceStepArgs) -> Saved;
        /// Founds an interest group.
        found_group(FoundGroupArgs) -> GroupFounded;
        /// Joins a group, leaves it, or closes one's own.
        step_on_group(GroupStepArgs) -> Saved;
        /// Lists a resource outside of the building; for who organises.
        list_resource(ListResourceArgs) -> Saved;
        /// Takes a resource of one's own off the list.
        unlist_resource(ResourceArgs) -> Saved;
        /// Adds a category to the tree; for who organises.
        add_category(AddCategoryArgs) -> Saved;
        /// Takes a category of one's own out of the tree again.
        remove_category(CategoryArgs) -> Saved;
        /// Invites a neighbour with whom one has finished a deal to an activity or a group; nobody else hears of it.
        invite_neighbour(InviteNeighbourArgs) -> Saved;
        /// Lays an invitation aside.
        dismiss_invitation(InviteNeighbourArgs) -> Saved;
        /// Proposes help on the same days of every week, or other terms for it.
        propose_help(ProposeHelpArgs) -> Proposed;
        /// Agrees to recurring help, tells or confirms days, pauses it, ends it.
        step_on_help(HelpStepArgs) -> Saved;
        /// As a guardian, says who may collect a child or look after it.
        give_pass(GivePassArgs) -> PassGiven;
        /// Revokes that.
        revoke_pass(PassArgs) -> Saved;
        /// As one who is named, ticks that a child came or left.
        tick_child(TickChildArgs) -> Saved;
        /// As one of the two of a deal, says when the other one comes to one's home.
        plan_visit(PlanVisitArgs) -> Saved;
        /// As who comes, says that one is there, or has gone.
        visited(VisitedArgs) -> Saved;
        /// Enters a slip of paper, as whoever keeps the desk; its payer is asked to pay it.
        enter_slip(EnterSlipArgs) -> EnteredSlip;
        /// Pays a slip of paper of one's own that was entered.
        pay_slip(SlipArgs) -> Saved;
        /// Says of a slip of paper that was entered that it is none of one's own.
        disown_slip(SlipArgs) -> Saved;
        /// As the desk, makes a key for somebody without a phone and asks reviewers to certify it; gives the card.
        enrol(EnrolArgs) -> CardPaper;
        /// At the desk, takes what waits for somebody with a card, and shows their account.
        open_card(CardArgs) -> CardAccount;
        /// At the desk, gives points of somebody with a card.
        card_give(CardGiveArgs) -> CardAccount;
        /// At the desk, pays a slip of somebody with a card, or says that it is none of theirs.
        card_slip(CardSlipArgs) -> CardAccount;
        /// As the desk, forgets the key of a card.
        forget_card(CardDeviceArgs) -> Saved;
        /// Offers a good for points, or says anew how many there are and until when; for shops and the desk.
        put_good(PutGoodArgs) -> PutGood;
        /// Takes a good of one's own back; what was ordered before stays ordered.
        withdraw_good(OwnGoodArgs) -> Saved;
        /// Orders a good of a shop and pays it.
        order_good(OrderGoodArgs) -> Ordered;
        /// Calls an order off before it is picked up, as its buyer or its shop; the points come back.
        call_off_order(OrderArgs) -> Saved;
        /// Takes the code that a buyer shows, and tells which order it opens; for shops and the desk.
        read_pick_up(PickUpArgs) -> PickUpRead;
        /// Hands an order out against its code.
        hand_out(HandOutArgs) -> OrderDetail;
        /// Says when one leaves the building, or that one stays after all.
        leave(LeaveArgs) -> Saved;
        /// Erases all that one has said, on every device and for good; what one has done stays.
        erase(NoArgs) -> Saved;
        /// Says that a member is away, deceased or back; takes two reviewers.
        mark(MarkArgs) -> Saved;
        /// Says that one is here, whatever reviewers have said.
        here(NoArgs) -> Saved;
        /// Names who is family: they see what is on loan when one cannot.
        name_kin(NameKinArgs) -> Saved;
        /// Sets which kinds of notices this device tells.
        set_notices(NoticeSettings) -> Saved;
    }
    queries {
        /// Tells the state of this device.
        status(NoArgs) -> Status [Building Members Listings Deals Reviews Points Application Peers Matters Shop Activities];
        /// Tells about the building.
        building(NoArgs) -> Building [Building Members];
        /// Tells who sits in the council, and what lies before it.
        council(NoArgs) -> Council [Building Members];
        /// Lists the buildings that this one was founded anew as, with who follows.
        refoundings(NoArgs) -> Refoundings [Building Members];
        /// Tells who one is here.
        me(NoArgs) -> Me [Building Members Application];
        /// Lists the members with their credit records.
        members(NoArgs) -> Members [Building Members Deals Reviews];
        /// Shows one member.
        member(MemberArgs) -> Member [Building Members Listings Deals Reviews];
        /// Lists offers and needs, page by page.
        listings(ListingsArgs) -> Listings [Listings Deals Members];
        /// Lists needs, page by page.
        needs(ListingsArgs) -> Listings [Listings Deals Members];
        /// Lists offers, page by page.
        offers(ListingsArgs) -> Listings [Listings Deals Members];
        /// Shows one listing.
        listing(ListingArgs) -> ListingDetail [Listings Deals Members];
        /// Lists one's own things with where they lie, when they were last found, and who has them.
        shelf(NoArgs) -> Shelf [Listings Deals Members];
        /// Tells what fits a listing, and why.
        matches(MatchesArgs) -> Matches [Listings Deals Members Building];
        /// Searches offers and needs that can still be answered.
        search(SearchArgs) -> Found [Listings Deals Members];
        /// Lists deals.
        deals(DealsArgs) -> Deals [Deals Listings Members];
        /// Shows one deal with its 凭证.
        deal(DealArgs) -> DealDetail [Deals Listings Members Points Reviews];
        /// Lists deals of which the two say different numbers of points: one's own, and for mediators all.
        disputes(NoArgs) -> Deals [Deals Listings Members Points Building];
        /// Lists what is before the hall, without an answer first.
        matters(MattersArgs) -> Matters [Matters Members Building];
        /// Shows one matter with all that was said of it.
        matter(MatterArgs) -> MatterDetail [Matters Members Building];
        /// Lists what neighbours are invited to.
        activities(ActivitiesArgs) -> Activities [Activities Members Points Building];
        /// Shows one activity; its host sees who has signed up.
        activity(ActivityArgs) -> ActivityDetail [Activities Members Points];
        /// Lists classes whose teachers the fund can thank; for treasurers.
        classes(NoArgs) -> Classes [Activities Members Points Building];
        /// Shows when a space is taken, and for its owner who asks.
        space(SpaceArgs) -> SpaceCalendar [Activities Listings Members];
        /// Lists interest groups.
        groups(NoArgs) -> Groups [Activities Members];
        /// Shows one group with who is in it and what it does.
        group(GroupArgs) -> GroupDetail [Activities Members Points];
        /// Lists resources outside of the building.
        resources(NoArgs) -> Resources [Activities Members Building];
        /// Lists what was added to the tree of categories, and what one may enter.
        categories(NoArgs) -> Categories [Activities Building Members];
        /// Lists recurring help of one's own.
        arrangements(NoArgs) -> Arrangements [Deals Members Points];
        /// Shows one arrangement of one's own.
        arrangement(ArrangementArgs) -> Arrangement [Deals Members Points];
        /// Lists who may collect a child or look after it, as one has said oneself or is named.
        passes(NoArgs) -> Passes [Deals Members];
        /// Tells whether a code on a card is good on a day; for the guardian.
        check_pass(CheckPassArgs) -> PassChecked [Deals Members];
        /// Lists visits at home that concern oneself.
        visits(NoArgs) -> Visits [Deals Listings Members];
        /// Tells what is up today: one's turn, what fits, what is new.
        today(TodayArgs) -> Today [Deals Listings Members Reviews Requests Matters Building Points Activities];
        /// Shows one's account.
        points(NoArgs) -> Account [Points Building Deals Shop Activities Members];
        /// Tells what each of one's own devices can spend, and what closed ones have left.
        own_points(NoArgs) -> OwnPoints [Points Building Members];
        /// Lists what neighbours' closed devices have left, to be handed over; for reviewers.
        left_points(NoArgs) -> LeftRows [Points Building Members];
        /// Lists what the fund has borne for closed devices.
        fund_losses(NoArgs) -> FundLosses [Points Members];
        /// Shows the community fund.
        fund(NoArgs) -> FundNote [Points Building Members Activities];
        /// Reads a ledger of points from a file and keeps nothing of it; for treasurers.
        read_openings(OpeningsFileArgs) -> OpeningsReading [Points Members];
        /// Lists one's transfers.
        statement(StatementArgs) -> Statement [Points Deals Shop Activities Members];
        /// Tells how points flow in the building, added up over everybody.
        flows(FlowsArgs) -> Flows [Points Deals Listings Members Activities Shop];
        /// Draws numbers for blank slips of paper, to be printed.
        blank_slips(BlankSlipsArgs) -> BlankSlips [Building];
        /// Lists slips of paper that were entered: one's own, and for whoever keeps the desk all.
        slips(NoArgs) -> Slips [Points Members Building];
        /// Lists the cards that this desk has given out, and who may help.
        cards(NoArgs) -> Cards [Points Members Building];
        /// Shows where this device can be paid face to face.
        face_payee(NoArgs) -> FaceCode [Points Members];
        /// Tells how a payment face to face stands.
        face(FaceArgs) -> Faced [Points Members];
        /// Lists what shops and the desk give for points.
        goods(NoArgs) -> Goods [Shop Points Members];
        /// Lists one's own orders, or those at one's own shop.
        orders(OrdersArgs) -> Orders [Shop Points Members];
        /// Shows one order, with its code on the device that ordered.
        order(OrderArgs) -> OrderDetail [Shop Points Members];
        /// Lists requests to join; for reviewers.
        requests(NoArgs) -> Requests [Requests Members];
        /// Tells who has opened what one has told the reviewers.
        openings(NoArgs) -> Openings [Members Requests Building];
        /// Shows a conversation.
        talk(TalkArgs) -> Talk [Care Deals Members Building];
        /// Lists introductions that one asks for, is asked for or makes.
        introductions(NoArgs) -> Introductions [Care Members Building];
        /// Tells whom one has blocked.
        blocked(NoArgs) -> Blocked [Care Members];
        /// Lists donation drives.
        drives(NoArgs) -> Drives [Care Members];
        /// Shows one drive with its donors.
        drive(DriveArgs) -> DriveDetail [Care Members];
        /// Shows the thanks on the wall.
        wall(NoArgs) -> Wall [Care Deals Listings Members];
        /// Lists complaints that one has made or hears, and who hears them.
        complaints(NoArgs) -> Complaints [Requests Building Members];
        /// Tells which register of units this device keeps.
        register(NoArgs) -> RegisterNote [Requests];
        /// Reads a register of units and keeps nothing of it; for reviewers.
        read_register(RegisterFileArgs) -> RegisterReading [Building Members];
        /// Lists one's own devices, and who wants to come back as oneself.
        devices(NoArgs) -> Devices [Members Application Peers Points];
        /// Tells how it stands with one's own leaving: what is open, what goes, what remains.
        leaving(NoArgs) -> Leaving [Building Members Listings Deals Reviews Points Matters Activities Shop];
        /// Lists members who come back with a new device and for whom reviewers are asked.
        returns(NoArgs) -> Returns [Members Requests];
        /// Tells where one's own application stands.
        application(NoArgs) -> ApplicationNote [Application];
        /// Lists neighbours in reach.
        peers(NoArgs) -> Peers [Peers Members];
        /// Lists what was said of a member.
        reviews(MemberArgs) -> Reviews [Reviews Members];
        /// Verifies everything on this device.
        audit(NoArgs) -> Audit [Building Members Listings Deals Reviews Points Matters Activities Shop];
        /// Verifies once more what was signed about one deal or one payment.
        verify(VerifyArgs) -> Verified [Deals Points Members];
        /// Lists all that one has signed, the newest first, and verifies it once more.
        trail(TrailArgs) -> Trail [Building Members Deals Points Requests Activities Shop];
        /// Packs all that this device holds of its owner into a `.zip` for people and programs.
        export(NoArgs) -> Exported [Building Members Listings Deals Reviews Points Matters Activities Shop];
        /// Lists one's own invitations.
        invites(NoArgs) -> Invites [Members Requests];
        /// Tells which notices this device tells, and when.
        notices(NoArgs) -> Notices [Notices];
        /// Finds the id that a shortened one stands for.
        resolve(ResolveArgs) -> Resolved [Listings Deals Members Requests Matters Activities];
        /// Waits until a query's result is as asked, or rows change.
        wait(WaitArgs) -> Waited [];
    }
    events {
        /// Rows changed: what their tags name is read again.
        "changed" Changed(Changed) [Building Members Listings Deals Reviews Points Requests Application Peers Notices Lock Matters Activities Shop Care];
        /// Something is told outside the window, where a window runs.
        "notice" Notice(Notice) [];
        /// Something would be told outside the window, but its screen is locked: that is all that is said.
        "hidden" Hidden(NoArgs) [];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_once() {
        let names: Vec<_> = COMMANDS.iter().chain(QUERIES).chain(EVENTS).collect();
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        assert!(COMMANDS.contains(&"return"), "a word of Rust has its plain name on the wire");
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')), "{names:?}");
    }
}
