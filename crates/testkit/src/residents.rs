//! What people do: only what a person could ask of their device.

use kaifong_domain::care::Thread;
use kaifong_domain::hall::{Judged, MatterKind};
use kaifong_domain::record::{Kind, Mode, Profile, Side};
use kaifong_domain::rows::{DealRow, Stage, Step};
use kaifong_domain::{DealId, Instant, ListingId, MemberId, Points};
use kaifong_node::{
    Application, ApplicationState, CareCommand, Command, DisputeCommand, Draft, HallCommand, Home, Node, Way,
};
use kaifong_trust::entry::{Capacity, MemberKind, Opinion, Role};
use kaifong_trust::invite::{Code, Ticket};

use crate::device::Wish;
use crate::dice::Dice;
use crate::phones::{could_stop_reviewing, kind_of};
use crate::plan::Plan;
use crate::private;
use crate::run::Planted;
use crate::world::{Occasion, World};

const THINGS: [&str; 8] = ["梯子", "电钻", "钢琴课", "修水管", "接孩子", "会议室", "旧书", "剪头发"];
const DAY_MS: u64 = 24 * 3_600_000;

impl World {
    /// Somebody has a moment: they do one thing, if there is something to do.
    pub(crate) fn turn(&mut self, device: usize) {
        if !self.busy {
            return;
        }
        let wait_ms = self.dice.between(1, 2 * self.plan.turn_ms);
        self.after(wait_ms, Occasion::Turn { device });
        let Some(at) = self.devices.get(device).filter(|at| at.is_up()) else { return };
        let Some(node) = &at.node else { return };
        match node.me() {
            None if device == 0 => {}
            None => self.newcomer(device),
            Some(me) => {
                if self.plan.council
                    && self.dice.chance(350)
                    && let Some((wish, command)) = self.council_command(device, me)
                {
                    self.command(device, wish, command);
                } else if self.plan.changing
                    && self.dice.chance(300)
                    && let Some((wish, command)) = self.device_command(device, me)
                {
                    self.command(device, wish, command);
                } else if let Some((wish, command)) = self.next_command_of(device, me) {
                    self.command(device, wish, command);
                }
            }
        }
    }

    /// A household that does not belong yet looks for a way in.
    fn newcomer(&mut self, device: usize) {
        let Some(at) = self.devices.get(device) else { return };
        let Some(node) = &at.node else { return };
        let state = node.application_state();
        let question = node.questions().iter().find(|asked| asked.answer.is_none()).map(|asked| asked.id);
        if let Some(question) = question {
            let text = format!("{}：住这里三年了", private::for_reviewers(device));
            return self.command(device, Wish::Said("answers a reviewer"), Command::AnswerQuestion { question, text });
        }
        let patient = match state {
            ApplicationState::None => false,
            ApplicationState::Searching => self.dice.chance(700),
            ApplicationState::Refused { .. } => self.dice.chance(300),
            ApplicationState::Sent => self.dice.chance(970),
            ApplicationState::Approved
            | ApplicationState::Closed
            | ApplicationState::Disputed
            // Nobody draws a map in these buildings.
            | ApplicationState::PickPlace => true,
        };
        if !patient {
            self.looks_for_the_building(device);
        }
    }

    /// Has whoever is still looking with a code that they have mistyped type it again, as people do sooner or later.
    pub(crate) fn types_again(&mut self, device: usize) {
        let state = self.devices.get(device).and_then(|at| at.node.as_ref()).map(kaifong_node::Node::application_state);
        if state == Some(ApplicationState::Searching) && self.mistyped.contains(&device) {
            self.looks_for_the_building(device);
        }
    }

    fn looks_for_the_building(&mut self, device: usize) {
        let Some(poster) = self.dice.pick(&self.posters).cloned() else { return };
        let Some(person) = self.plan.people.get(self.devices.get(device).map_or(0, |at| at.owner)) else { return };
        let (name, desk, further) = (person.name, person.desk, device >= self.plan.people.len());
        let wrong = self.busy && self.dice.chance(60);
        if wrong {
            self.mistyped.insert(device);
        } else {
            self.mistyped.remove(&device);
        }
        let code = if wrong { Code::generate(&mut self.dice) } else { poster.ticket.code.clone() };
        let way = if self.dice.chance(600) { Way::Ticket(Ticket { code, ..poster.ticket }) } else { Way::Code(code) };
        if further {
            let owner = self.devices.get(device).map(|at| at.owner);
            // The first device shows whose the further one is to be; before it is a neighbour it has nothing to show.
            let first = self.devices.iter().find(|at| Some(at.owner) == owner && at.me().is_some());
            // Some stay in their box until they are needed.
            if self.plan.changing && device % 2 == 1 && first.is_some() {
                return;
            }
            if let Some(member) = first.and_then(crate::device::Device::me) {
                let said = "looks for its owner's building";
                return self.command(device, Wish::Said(said), Command::BecomeFurtherDevice { way, member });
            }
        }
        let fills_in = self.options.planted == Some(Planted::FillsInNames);
        let about = if fills_in { private::for_reviewers(device) } else { String::new() };
        let profile = Profile { name: name.into(), block: "3栋".into(), about, place: None };
        let application = Application {
            way,
            kind: kind_of(desk),
            profile,
            household: format!("{}的家", private::for_reviewers(device)),
            real_name: private::for_reviewers(device),
            phone: private::number_for_reviewers(device),
        };
        if further {
            return self.come_back(device, application);
        }
        let said = if wrong { "mistypes the code and asks to join" } else { "asks to join" };
        self.command(device, Wish::Said(said), Command::Apply(Box::new(application)));
    }

    fn next_command_of(&mut self, device: usize, me: MemberId) -> Option<(Wish, Command)> {
        let known_again = if self.plan.changing { self.knocks_again(device) } else { None };
        let (at, dice) = (self.devices.get(device)?, &mut self.dice);
        let (owner, node) = (at.owner, at.node.as_ref()?);
        let home = node.home()?;
        if self.plan.funded {
            let founds = device == 0 && home.roster().now().is_founding() && dice.chance(700);
            let provided = if founds { crate::fund::provide(home, dice) } else { None };
            let dealt = || if dice.chance(500) { crate::fund::deal_with(home, me, dice) } else { None };
            if let Some(command) = provided.or_else(dealt) {
                return Some(command);
            }
            if dice.chance(150)
                && let Some(command) = crate::slips::deal_with(home, me, node.now(), dice)
            {
                return Some(command);
            }
        }
        if device == 0
            && dice.chance(300)
            && let Some(command) = council(&self.plan, &self.devices, home, node, dice)
        {
            return Some(command);
        }
        // A person who has a second device in hand links it as soon as it has found the building.
        let further = self.devices.iter().enumerate().skip(self.plan.people.len());
        let unlinked = further.filter(|(_, other)| other.owner == owner && other.me().is_none() && other.is_up());
        let unlinked: Vec<_> = unlinked
            .filter_map(|(_, other)| Some((other.id(), other.node.as_ref()?)))
            .filter(|(id, other)| {
                other.application_state() == ApplicationState::Sent && home.roster().linked_by(id, &me).is_none()
            })
            .collect();
        if let Some((id, other)) = unlinked.first()
            && dice.chance(500)
        {
            return Some((Wish::Said("links"), Command::LinkDevice { device: *id, seal: other.seal_key() }));
        }
        if let Some((device, member)) = known_again {
            return Some((Wish::Said("knows a neighbour again"), Command::Reapprove { member, device: Some(device) }));
        }
        if let Some(command) = review_request(&self.plan.people, &self.devices, home, node, dice) {
            return Some(command);
        }
        if self.plan.changing
            && dice.chance(60)
            && let Some(command) = vouch(home, me, dice)
        {
            return Some(command);
        }
        let often = if crate::recurring::waits(home, &me) { 400 } else { 60 };
        if dice.chance(often) {
            return Some(crate::recurring::recurring(node, home, (owner, me), node.now(), dice));
        }
        daily(home, me, owner, node.now(), self.plan.moving, dice)
    }
}

type Dicer = rand_chacha::ChaCha8Rng;

/// What the founder does while the building is being founded.
fn council(
    plan: &Plan,
    devices: &[crate::device::Device],
    home: &Home,
    node: &Node,
    dice: &mut Dicer,
) -> Option<(Wish, Command)> {
    let me = node.me()?;
    let members: Vec<_> = devices.iter().filter_map(|at| Some((plan.people.get(at.owner)?, at.me()?))).collect();
    let now = home.roster().now();
    for (person, member) in &members {
        if home.roster().member(member).is_none() {
            continue;
        }
        let role = (*member, Role::Reviewer);
        if person.reviewer && *member != me && !now.roles.contains(&role) {
            let command = Command::SetRole { member: *member, role: Role::Reviewer, held: true };
            return Some((Wish::Said("names a reviewer"), command));
        }
        let theirs = &home.roster().member(member)?.devices;
        if person.desk && !theirs.iter().all(|device| now.witnesses.contains(device)) {
            return Some((
                Wish::Said("names the desk a witness"),
                Command::SetWitness { member: *member, named: true },
            ));
        }
    }
    match dice.below(12) {
        0 => {
            let (_, member) = dice.pick(&members)?;
            let command = Command::SetRole { member: *member, role: Role::Organiser, held: dice.chance(500) };
            Some((Wish::Said("changes a role"), command))
        }
        1 | 2 => {
            let valid_ms = if dice.chance(200) { 60_000 } else { 30 * DAY_MS };
            Some((Wish::Invite, Command::Invite { valid_ms, addresses: vec![crate::wiring::address(0)] }))
        }
        3 if dice.chance(200) => Some((Wish::Said("withdraws"), Command::WithdrawInvites)),
        4 if plan.changing => {
            let member = *dice.pick(&could_stop_reviewing(node))?;
            let command = Command::SetRole { member, role: Role::Reviewer, held: false };
            Some((Wish::Said("takes a reviewer's role"), command))
        }
        _ => None,
    }
}

/// A reviewer looks at who waits.
fn review_request(
    people: &[crate::plan::Person],
    devices: &[crate::device::Device],
    home: &Home,
    node: &Node,
    dice: &mut Dicer,
) -> Option<(Wish, Command)> {
    let me = node.me()?;
    if !home.roster().held(&home.roster().newest_epoch(), &me, Role::Reviewer) {
        return None;
    }
    let requests = node.requests();
    let request = dice.pick(&requests)?;
    let place = devices.iter().position(|at| at.id() == request.device)?;
    // The further device of a neighbour is for that neighbour to link; now and then a reviewer does not notice.
    if place >= people.len() && !dice.chance(30) {
        return None;
    }
    let device = request.device;
    if dice.chance(150) {
        let text = format!("{}，您住几楼？", private::for_reviewers(place));
        return Some((Wish::Said("asks a newcomer"), Command::Ask { device, text }));
    }
    if dice.chance(50) {
        return Some((Wish::Said("refuses"), Command::Refuse { device, reason: "请先来一趟共享间".into() }));
    }
    Some((Wish::Said("approves"), Command::Approve { device, votes: device.0[0].is_multiple_of(2) }))
}

/// A reviewer says what a neighbour is, or is not, or takes it back.
fn vouch(home: &Home, me: MemberId, dice: &mut Dicer) -> Option<(Wish, Command)> {
    let roster = home.roster();
    if !roster.held(&roster.newest_epoch(), &me, Role::Reviewer) {
        return None;
    }
    let people = roster.members().filter(|(id, member)| **id != me && member.kind == MemberKind::Person);
    let people: Vec<MemberId> = people.map(|(id, _)| *id).collect();
    let member = *dice.pick(&people)?;
    let capacity = *dice.pick(&[Capacity::Medical, Capacity::Official, Capacity::Security, Capacity::ExpertLaw])?;
    let opinion = *dice.pick(&[Opinion::For, Opinion::For, Opinion::Against, Opinion::Silent])?;
    Some((Wish::Said("says what somebody is"), Command::Vouch { member, capacity, opinion }))
}

fn daily(
    home: &Home,
    me: MemberId,
    owner: usize,
    now: Instant,
    moving: bool,
    dice: &mut Dicer,
) -> Option<(Wish, Command)> {
    let board = home.board();
    let steps: Vec<(&DealRow, Step)> =
        board.deals_with(&me).filter_map(|row| Some((row, home.next_step(row, &me)?))).collect();
    if let Some(decides) = mediate(home, me) {
        return Some(decides);
    }
    // What waits for one comes first, mostly.
    if dice.chance(650)
        && let Some((row, step)) = dice.pick(&steps)
    {
        let loan = || crate::loans::deal_with(row, me, *step, now);
        let moved = quarrel(home, row, me, *step).or_else(loan);
        return Some(moved.unwrap_or_else(|| move_on(row.id, *step, row.stage, dice)));
    }
    match dice.below(100) {
        0..28 => Some((Wish::Post, Command::Post(draft(dice)))),
        28..72 => answer(home, me, now, dice),
        72..84 => {
            let members: Vec<MemberId> = home.roster().members().map(|(id, _)| *id).filter(|id| *id != me).collect();
            let to = *dice.pick(&members)?;
            let most = if dice.chance(200) { 150 } else { 30 };
            let points = if dice.chance(100) { 0 } else { dice.between(1, most) };
            Some((Wish::Said("gives"), Command::Give { to, points: Points(points as u32) }))
        }
        84..89 => {
            let live: Vec<&DealRow> = board.deals_with(&me).filter(|row| row.stage.is_live()).collect();
            Some((Wish::Said("calls off"), Command::CallOff { deal: dice.pick(&live)?.id }))
        }
        89..94 => {
            let own: Vec<ListingId> = board.listings_of(&me).map(|row| row.listing.id).collect();
            let listing = *dice.pick(&own)?;
            if dice.chance(500) {
                Some((Wish::Said("closes a listing"), Command::CloseListing { listing }))
            } else {
                Some((Wish::Said("rewords"), Command::Edit { listing, draft: draft(dice) }))
            }
        }
        94 => {
            let live: Vec<&DealRow> = board.deals_with(&me).filter(|row| row.stage.is_live()).collect();
            let (deal, number) = (dice.pick(&live)?.id, private::number_for_parties(owner));
            if dice.chance(400) {
                let said = CareCommand::Say { thread: Thread::Deal(deal), text: number, picture: Vec::new() };
                return Some((Wish::Said("says something to the other"), Command::Care(said)));
            }
            if dice.chance(100) {
                let member = dice.pick(&live)?.answerer;
                let block = CareCommand::Block { member, blocked: dice.chance(500) };
                return Some((Wish::Said("would have nothing to do with somebody"), Command::Care(block)));
            }
            if dice.chance(800) {
                Some((Wish::Said("would exchange numbers"), Command::OfferPhone { deal, number }))
            } else {
                Some((Wish::Said("takes the number back"), Command::WithdrawPhone { deal }))
            }
        }
        95 | 96 if moving => Some((Wish::Said("erases what they said"), Command::Erase)),
        97 if moving => {
            let ends_at = dice.chance(700).then(|| Instant(now.0 + dice.between(0, DAY_MS)));
            Some((Wish::Said("speaks of leaving"), Command::Leave { ends_at }))
        }
        95..97 => {
            let mut profile = board.profile(&me)?.clone();
            profile.about = THINGS.get(dice.below(8) as usize).copied().unwrap_or_default().into();
            Some((Wish::Said("changes the profile"), Command::SetProfile(profile)))
        }
        // One or the other, with no further throw.
        98 if now.0.is_multiple_of(2) => Some(crate::guests::activity(home, me, now, dice)),
        98 if now.0.is_multiple_of(3) => Some(crate::guests::space(home, me, now, dice)),
        98 => Some(hall(home, me, dice)),
        _ => Some((Wish::Invite, Command::Invite { valid_ms: 30 * DAY_MS, addresses: Vec::new() })),
    }
}

/// Somebody has a question for the hall, says something to another one's, or says whether the answer to theirs helps.
fn hall(home: &Home, me: MemberId, dice: &mut Dicer) -> (Wish, Command) {
    let (mine, others): (Vec<_>, Vec<_>) = home.board().hall().keys().into_iter().partition(|key| key.0 == me);
    let text = String::from("电梯几时修好？");
    let command = match (dice.below(4), dice.pick(&mine), dice.pick(&others)) {
        (1, _, Some(matter)) if dice.chance(400) => HallCommand::TakeUp { matter: *matter, text: String::new() },
        (1 | 2, _, Some(matter)) => HallCommand::Respond { matter: *matter, text },
        (3, Some((_, matter)), _) if dice.chance(100) => HallCommand::Withdraw { matter: *matter },
        (3, Some((_, matter)), _) => {
            let judged = if dice.chance(500) { Judged::Solved } else { Judged::NotYet };
            HallCommand::Judge { matter: *matter, judged, remark: String::new() }
        }
        _ => HallCommand::Put { kind: MatterKind::Question, text, to: None, place: None },
    };
    (Wish::Said("speaks in the hall"), Command::Hall(command))
}

/// In every eighth deal its receiver says that half is enough when it comes to paying; the giver agrees with that in one half of
/// these. What was settled is paid.
fn quarrel(home: &Home, row: &DealRow, me: MemberId, step: Step) -> Option<(Wish, Command)> {
    let deal = row.id;
    let dispute = home.dispute(row);
    let says = |points| Command::Dispute(DisputeCommand::Say { deal, points });
    // Not drawn: the deal's own number decides.
    let quarrels = deal.0[0].is_multiple_of(8) && row.terms.points.0 > 1;
    match step {
        Step::Settle => Some((Wish::Said("settles"), Command::Dispute(DisputeCommand::Settle { deal }))),
        Step::Figure => {
            let theirs = if row.giver == me { dispute.receiver } else { dispute.giver };
            let agrees = deal.0[1].is_multiple_of(2);
            Some((Wish::Said("answers a figure"), says(if agrees { theirs } else { row.terms.points })))
        }
        Step::Done | Step::Return if quarrels && row.receiver == me && !dispute.raised => {
            Some((Wish::Said("finds it too much"), says(Points(row.terms.points.0 / 2))))
        }
        _ => None,
    }
}

/// A mediator decides a deal of which the two differ.
fn mediate(home: &Home, me: MemberId) -> Option<(Wish, Command)> {
    let roster = home.roster();
    if !roster.held(&roster.newest_epoch(), &me, Role::Mediator) {
        return None;
    }
    let rows = home.disputes().deals().filter_map(|deal| home.board().deal(deal));
    let open = |row: &&DealRow| {
        let dispute = home.dispute(row);
        dispute.raised && dispute.figure().is_none() && dispute.waits_for.is_none() && !row.is_party(&me)
    };
    let row = rows.into_iter().find(open)?;
    let points = home.dispute(row).receiver.min(row.terms.points);
    Some((Wish::Said("mediates"), Command::Dispute(DisputeCommand::Rule { deal: row.id, points })))
}

fn move_on(deal: DealId, step: Step, stage: Stage, dice: &mut Dicer) -> (Wish, Command) {
    if stage == Stage::Answered && dice.chance(100) {
        return (Wish::Said("says no to"), Command::CallOff { deal });
    }
    match step {
        Step::Agree => (Wish::Said("agrees"), Command::Agree { deal }),
        Step::HandOver => (Wish::Said("hands over"), Command::HandOver { deal }),
        Step::Return => (Wish::Said("has it back"), Command::Return { deal }),
        Step::Done => (Wish::Said("confirms"), Command::Done { deal }),
        Step::Review => {
            let stars = dice.between(1, 5) as u8;
            (Wish::Review(deal), Command::Review { deal, stars, text: "谢谢！".into() })
        }
        Step::Figure => {
            let points = Points(dice.between(0, 40) as u32);
            (Wish::Said("answers a figure"), Command::Dispute(DisputeCommand::Say { deal, points }))
        }
        Step::Settle => (Wish::Said("settles"), Command::Dispute(DisputeCommand::Settle { deal })),
        Step::Extend => crate::loans::answer_day(deal),
    }
}

fn draft(dice: &mut Dicer) -> Draft {
    let side = if dice.chance(500) { Side::Offer } else { Side::Need };
    let kind = *dice.pick(&[Kind::Item, Kind::Skill, Kind::Knowledge, Kind::Time, Kind::Space]).unwrap_or(&Kind::Skill);
    let mode = match (kind, side) {
        (Kind::Item, Side::Offer) => dice.pick(&[Mode::Share, Mode::Share, Mode::Donate, Mode::Swap]).copied(),
        (Kind::Item, Side::Need) if dice.chance(500) => Some(Mode::Share),
        _ => None,
    };
    let title = THINGS.get(dice.below(8) as usize).copied().unwrap_or_default();
    let points = dice.chance(800).then(|| Points(dice.between(0, 40) as u32));
    Draft { kind: Some(kind), mode, points, ..Draft::of(side, title) }
}

fn answer(home: &Home, me: MemberId, now: Instant, dice: &mut Dicer) -> Option<(Wish, Command)> {
    let others: Vec<_> = home.board().listings().filter(|row| row.owner != me).collect();
    let row = dice.pick(&others)?;
    let due_at = row.listing.is_loan().then(|| Instant(now.0 + 7 * DAY_MS));
    let points = dice.chance(200).then(|| Points(dice.between(0, 60) as u32));
    let command = Command::Answer { owner: row.owner, listing: row.listing.id, points, due_at, counterpart: None };
    Some((Wish::Said("answers"), command))
}
