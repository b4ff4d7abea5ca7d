//! Applications, as reviewers and as applicants see them.

use std::collections::BTreeMap;

use kaifong_domain::{InviteId, MemberId, Refusal};
use kaifong_node::register_of_units::skeleton;
use kaifong_node::store::StoreError;
use kaifong_node::{ApplicationState as State, Asked, Node, OpenError, WaitingRequest};

use super::View;
use crate::dto::{
    ApplicationNote, ApplicationState, CameBy, Hand, Invite, Invites, Person, Question, RefusedBy, RegisterKept,
    RegisterNote, RegisterSays, Request, Requests, Role, UnitMember,
};
use crate::{ApiError, Hex, words};

/// How many neighbours with a name that looks the same are told.
const ALIKE_MAX: usize = 4;

impl View<'_> {
    /// Tells that who looks reviews newcomers, so that an empty list is not misread.
    ///
    /// # Errors
    /// `not-yet-member`, `role-missing`.
    pub(crate) fn require_reviewer(&self) -> Result<(), ApiError> {
        let me = self.require_me()?;
        if self.is_reviewer(&me) { Ok(()) } else { Err(Refusal::RoleMissing { role: Role::Reviewer.name() }.into()) }
    }

    /// Gives the members whose name looks like this one, without one of them.
    pub(crate) fn alike(&self, name: &str, but: Option<&MemberId>) -> Vec<Person> {
        let wanted = skeleton(name);
        if wanted.is_empty() {
            return Vec::new();
        }
        let others = self.home.roster().members().map(|(id, _)| id).filter(|id| Some(*id) != but);
        let alike = others.flat_map(|id| self.faces(*id)).filter(|person| Self::look_of(person) == wanted);
        alike.take(ALIKE_MAX).collect()
    }

    /// The members by what their names look like.
    fn by_look(&self) -> BTreeMap<String, Vec<Person>> {
        let mut looks: BTreeMap<String, Vec<Person>> = BTreeMap::new();
        for (id, _) in self.home.roster().members() {
            for person in self.faces(*id) {
                let like = looks.entry(Self::look_of(&person)).or_default();
                if like.len() < ALIKE_MAX && !person.name.is_empty() {
                    like.push(person);
                }
            }
        }
        looks
    }

    /// What neighbours may take somebody for: a member, and each of those who work for an organisation.
    fn faces(&self, id: MemberId) -> impl Iterator<Item = Person> {
        let staff = self.staff(&id).into_iter().filter(|row| !row.name.is_empty());
        let hands = staff.map(|row| Hand { device: Some(row.device), name: row.name, post: row.post });
        std::iter::once(None).chain(hands.map(Some)).map(move |hand| Person { hand, ..self.person(id) })
    }

    /// What is seen of somebody. Of an organisation's staff it is 丽景物业 · 小陈: nobody else is to be called that.
    fn look_of(person: &Person) -> String {
        let hand = person.hand.as_ref().map(|hand| hand.name.as_str()).unwrap_or_default();
        skeleton(&format!("{}{hand}", person.name))
    }

    fn question(&self, asked: &Asked) -> Question {
        let by = self.home.roster().device(&asked.by).map(|device| self.person(device.member));
        let answer = asked.answer.as_ref();
        Question {
            id: Hex(asked.id),
            by,
            text: asked.text.clone(),
            at: asked.at.0,
            answer: answer.map(|(text, _)| text.clone()),
            answered_at: answer.map(|(_, at)| at.0),
        }
    }
}

/// Lists what waits for this reviewer.
///
/// # Errors
/// `no-building`, `not-yet-member`; `role-missing` for who is no reviewer; `store-unusable` when the register cannot be
/// read back.
pub(crate) fn requests(node: &mut Node) -> Result<Requests, ApiError> {
    View::of(node)?.require_reviewer()?;
    let waiting = node.requests();
    let mut says = Vec::with_capacity(waiting.len());
    let map = View::of(node)?.home.roster().now().places.clone();
    let written = |WaitingRequest { request, residence, .. }: &WaitingRequest| {
        super::places::household(&map, &request.household, residence.as_ref())
    };
    for waiting in &waiting {
        let WaitingRequest { request, .. } = waiting;
        let here = node.unit_members(waiting).map_err(unusable)?;
        let says_of = node.register_says(&written(waiting), &request.real_name, &request.phone).map_err(unusable)?;
        says.push((says_of, written(waiting), here));
    }
    let view = View::of(node)?;
    let looks = view.by_look();
    let invites: BTreeMap<[u8; 32], InviteId> =
        view.home.documents().invites().map(|(_, invite)| (invite.key, invite.id)).collect();
    let rows = waiting.into_iter().zip(says).map(|(waiting, (says, household, here))| (waiting, says, household, here));
    let rows = rows.map(|(WaitingRequest { device, request, at, asked, residence }, says, household, here)| Request {
        device: Hex(device),
        kind: request.kind.into(),
        alike: looks.get(&skeleton(&request.display_name)).cloned().unwrap_or_default(),
        name: request.display_name,
        household,
        place: residence.as_ref().map(|residence| view.request_place(residence)),
        unit_members: here
            .into_iter()
            .map(|row| UnitMember { person: view.person(row.member), votes: row.votes })
            .collect(),
        real_name: request.real_name,
        phone: request.phone,
        at: at.0,
        invite: invites.get(&request.invite).copied().map(Hex),
        register: says.map(|says| RegisterSays {
            unit: says.unit.into(),
            name: says.name.into(),
            phone: says.phone.into(),
            names: says.names,
        }),
        questions: asked.iter().map(|asked| view.question(asked)).collect(),
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|request| (request.at, request.device));
    Ok(Requests { rows, by_invite: came_by(node, view) })
}

fn came_by(node: &Node, view: View<'_>) -> Vec<CameBy> {
    let rows = node.came_by().into_iter().map(|row| CameBy {
        invite: row.invite.map(Hex),
        by: row.by.map(|by| view.person(by)),
        open: row.open,
        mine: row.by.is_some() && row.by == view.me,
        came: row.came,
        waiting: row.waiting,
    });
    rows.collect()
}

/// Tells which register of units this device keeps.
///
/// # Errors
/// `store-unusable` when it cannot be read back.
pub(crate) fn register(node: &mut Node) -> Result<RegisterNote, ApiError> {
    let register = node.register().map_err(unusable)?;
    let kept = register.map(|register| RegisterKept {
        file: register.file.clone(),
        at: register.at.0,
        lines: register.lines().len() as u64,
        units: register.units() as u64,
    });
    Ok(RegisterNote { kept })
}

fn unusable(error: StoreError) -> ApiError {
    OpenError::Store(error).into()
}

pub(crate) fn application(node: &Node) -> ApplicationNote {
    let (state, refused) = match node.application_state() {
        State::None => (ApplicationState::None, None),
        State::Searching => (ApplicationState::Searching, None),
        State::Sent => (ApplicationState::Sent, None),
        State::Refused { code, reason } => (ApplicationState::Refused, Some((code, reason))),
        State::Approved => (ApplicationState::Approved, None),
        State::Closed => (ApplicationState::Closed, None),
        State::Disputed => (ApplicationState::Disputed, None),
        State::PickPlace => (ApplicationState::PickPlace, None),
    };
    let refused = refused.map(|(code, reason)| match code.as_str() {
        code if code == Refusal::InviteExpired.code() => (RefusedBy::Expired, words::refusal(&Refusal::InviteExpired)),
        code if code == Refusal::InviteWithdrawn.code() => {
            (RefusedBy::Withdrawn, words::refusal(&Refusal::InviteWithdrawn))
        }
        code if code == Refusal::InviteUnknown.code() => (RefusedBy::Unknown, words::refusal(&Refusal::InviteUnknown)),
        _ => (RefusedBy::Reviewer, reason),
    });
    let view = View::of(node).ok();
    let questions = view.map(|view| node.questions().iter().map(|asked| view.question(asked)).collect());
    ApplicationNote {
        state,
        reason: refused.as_ref().map(|(_, reason)| reason.clone()),
        refused_by: refused.map(|(by, _)| by),
        zones: node.map_to_pick_from().map(|map| super::places::zones(map, &BTreeMap::new())).unwrap_or_default(),
        household: node.told_reviewers().map(|request| request.household.clone()),
        questions: questions.unwrap_or_default(),
    }
}

/// Lists one's own invitations; `now` is in milliseconds since 1970.
pub(crate) fn invites(node: &Node, now: u64) -> Result<Invites, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let reviews = view.is_reviewer(&me);
    let came: BTreeMap<InviteId, u64> =
        node.came_by().into_iter().filter_map(|row| Some((row.invite?, row.came))).collect();
    let own = view.home.documents().invites().filter(|(member, _)| *member == me);
    let rows = own.map(|(_, invite)| Invite {
        id: Hex(invite.id),
        expires_at: invite.expires_at.0,
        withdrawn_at: invite.withdrawn_at.map(|at| at.0),
        open: invite.withdrawn_at.is_none() && invite.expires_at.0 > now,
        came: reviews.then(|| came.get(&invite.id).copied().unwrap_or_default()),
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|invite| (std::cmp::Reverse(invite.expires_at), invite.id));
    Ok(Invites { rows })
}
