#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::sync::Arc;

use kaifong_domain::record::Profile;
use kaifong_domain::{InviteId, QuestionId};
use kaifong_register::{Line, Register};
use kaifong_store::{MemoryStore, Space, Store};
use kaifong_trust::entry::MemberKind;
use kaifong_trust::envelope::{SealSecret, seal};
use kaifong_trust::invite::proof;
use kaifong_trust::{DeviceKey, Envelope, Signed};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::event::{Command, Effect, Event};
use crate::letters::{CARRIED_MAX, REQUESTS_PER_INVITE_MAX};
use crate::node::Past;
use crate::questions::QUESTIONS_MAX;

const NOON: Instant = Instant(1_780_000_000_000);
const DAY_MS: u64 = 24 * 3600 * 1000;

/// 李叔's device, which has founded a building and reviews.
struct Li {
    node: Node,
    store: Arc<MemoryStore>,
    rng: ChaCha20Rng,
}

impl Li {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let node = open(&store);
        let mut li = Self { node, store, rng: ChaCha20Rng::from_seed([9; 32]) };
        let profile = Profile { name: "李叔".into(), block: String::new(), about: String::new(), place: None };
        li.does(Command::Found { building: "红棉里".into(), profile }).unwrap();
        li
    }

    fn does(&mut self, command: Command) -> Result<Done, NodeError> {
        self.at(NOON, command)
    }

    fn at(&mut self, now: Instant, command: Command) -> Result<Done, NodeError> {
        self.node.handle(now, Event::Command { id: 1, command });
        let step = self.node.take();
        self.store.commit(step.batch).unwrap();
        self.node.committed();
        let reply = step.effects.into_iter().find_map(|effect| match effect {
            Effect::Reply { result, .. } => Some(result),
            _ => None,
        });
        reply.unwrap()
    }

    fn invites(&mut self) -> Ticket {
        match self.does(Command::Invite { valid_ms: DAY_MS, addresses: Vec::new() }) {
            Ok(Done::Invited(ticket)) => ticket,
            other => panic!("{other:?}"),
        }
    }

    fn id_of(&self, ticket: &Ticket) -> InviteId {
        let invites = self.node.home().unwrap().documents.invites();
        invites.map(|(_, invite)| invite).find(|invite| invite.key == ticket.code.key()).unwrap().id
    }

    /// What a newcomer with this number seals to 李叔.
    fn letter_of(&mut self, number: u32, ticket: &Ticket) -> (DeviceKey, Signed<Envelope>) {
        let key = newcomer(number);
        let request = JoinRequest {
            seal: SealSecret::of(&key).public(),
            kind: MemberKind::Person,
            display_name: format!("新来的{number}"),
            household: "3栋502".into(),
            real_name: "陈美玲".into(),
            phone: String::new(),
            salt: [1; 16],
            invite: ticket.code.key(),
        };
        let (device, public) = (self.node.device(), self.node.seal_key());
        let building = self.node.home().unwrap().id();
        let sealed = seal(&key, device, &public, building, NOON, &Letter::Join(request), &mut self.rng).unwrap();
        (key, sealed.signed().clone())
    }

    /// Somebody comes by a ticket, as over a connection.
    fn hears(&mut self, number: u32, ticket: &Ticket) -> Result<(), Refusal> {
        let (key, letter) = self.letter_of(number, ticket);
        let (building, own, guest) = (ticket.building, self.node.device(), key.id());
        let shown = proof(&ticket.code.key(), &building, &guest, &own);
        let heard = self.node.check_proof(&guest, &shown).and_then(|(_, code)| {
            if self.node.letters.admits(code, &guest) { Ok(()) } else { Err(Refusal::InboxFull) }
        });
        let taken = heard.and_then(|()| self.node.take_application(&guest, vec![letter]));
        let step = self.node.take();
        self.store.commit(step.batch).unwrap();
        taken
    }

    fn waiting(&self) -> Vec<String> {
        self.node.requests().into_iter().map(|waiting| waiting.request.display_name).collect()
    }
}

fn open(store: &Arc<MemoryStore>) -> Node {
    let (key, rng) = (DeviceKey::from_seed([200; 32]), ChaCha20Rng::from_seed([7; 32]));
    Node::open(Arc::<MemoryStore>::clone(store), key, rng, NOON, Past::default()).unwrap()
}

fn newcomer(number: u32) -> DeviceKey {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    DeviceKey::from_seed(seed)
}

#[test]
fn ten_thousand_by_one_poster_leave_room_for_who_comes_by_another() {
    let mut li = Li::new();
    let (poster, chens) = (li.invites(), li.invites());
    let taken = (0..10_000).filter(|number| li.hears(*number, &poster).is_ok()).count();
    assert_eq!(taken, REQUESTS_PER_INVITE_MAX, "the others hear that the inbox is full");
    assert_eq!(li.waiting().len(), REQUESTS_PER_INVITE_MAX);
    assert!(li.node.carried_letters() < CARRIED_MAX);
    assert_eq!(li.hears(20_000, &chens), Ok(()), "陈姨 comes by a ticket of her own");
    assert!(li.waiting().contains(&"新来的20000".to_owned()));

    let came: Vec<_> = li.node.came_by().into_iter().map(|row| (row.invite, row.came, row.waiting, row.open)).collect();
    let (poster_id, chens_id) = (li.id_of(&poster), li.id_of(&chens));
    assert_eq!(came, [(Some(poster_id), 64, 64, true), (Some(chens_id), 1, 1, true)]);

    li.does(Command::WithdrawInvite { invite: poster_id }).unwrap();
    assert_eq!(li.hears(30_000, &poster), Err(Refusal::InviteWithdrawn), "told plainly");
    li.does(Command::RefuseInvite { invite: poster_id, reason: "海报传出去了".into() }).unwrap();
    assert_eq!(li.waiting(), ["新来的20000"], "one act, and who came by another ticket still waits");
    let came: Vec<_> = li.node.came_by().into_iter().map(|row| (row.invite, row.came, row.waiting, row.open)).collect();
    assert_eq!(came, [(Some(chens_id), 1, 1, true), (Some(poster_id), 64, 0, false)], "how many came is not forgotten");
    let told = newcomer(7);
    let letters = li.node.letters.to(&told.id());
    let letter = letters.into_iter().find_map(|letter| SealSecret::of(&told).open(&letter.verify().unwrap()).ok());
    assert_eq!(letter, Some(Letter::Refused { reason: "海报传出去了".into() }));
}

#[test]
fn a_letter_by_a_refused_poster_that_comes_late_is_refused_too() {
    let mut li = Li::new();
    let poster = li.invites();
    li.hears(1, &poster).unwrap();
    let invite = li.id_of(&poster);
    li.does(Command::RefuseInvite { invite, reason: "传出去了".into() }).unwrap();
    li.hears(2, &poster).unwrap();
    assert_eq!(li.waiting(), Vec::<String>::new());
    assert_eq!(open(&li.store).came_by().len(), 1, "and it is remembered over a restart");
}

#[test]
fn an_expired_poster_and_a_withdrawn_one_are_told_apart() {
    let mut li = Li::new();
    let (expired, withdrawn) = (li.invites(), li.invites());
    let invite = li.id_of(&withdrawn);
    li.at(Instant(NOON.0 + DAY_MS + 1), Command::WithdrawInvite { invite }).unwrap();
    assert_eq!(li.hears(1, &expired), Err(Refusal::InviteExpired));
    assert_eq!(li.hears(1, &withdrawn), Err(Refusal::InviteWithdrawn));
    let unknown = Command::WithdrawInvite { invite: InviteId([9; 16]) };
    assert_eq!(li.does(unknown), Err(NodeError::Refused(Refusal::InviteUnknown)));
}

#[test]
fn an_applicant_is_asked_three_times_at_most() {
    let mut li = Li::new();
    let ticket = li.invites();
    li.hears(1, &ticket).unwrap();
    let device = newcomer(1).id();
    let ask = |text: &str| Command::Ask { device, text: text.into() };
    assert!(matches!(li.does(ask(" ")), Err(NodeError::Refused(Refusal::TextEmpty { field: "question" }))));
    for number in 0..QUESTIONS_MAX {
        assert_eq!(li.does(ask(&format!("第{number}问"))), Ok(Done::Saved));
    }
    assert_eq!(li.does(ask("还有")), Err(NodeError::Refused(Refusal::AskedEnough { most: QUESTIONS_MAX })));
    let nobody = Command::Ask { device: newcomer(2).id(), text: "谁".into() };
    assert_eq!(li.does(nobody), Err(NodeError::Refused(Refusal::RequestUnknown)));
    let answer = Command::AnswerQuestion { question: QuestionId([1; 16]), text: "答".into() };
    assert_eq!(li.does(answer), Err(NodeError::Refused(Refusal::QuestionUnknown)), "nobody asked 李叔 anything");

    // What was asked is there after a restart, and an answer finds its question.
    li.node = open(&li.store);
    let asked = li.node.requests()[0].asked.clone();
    assert_eq!(asked.len(), QUESTIONS_MAX);
    assert!(li.node.read_answer(&device, asked[1].id, "红对联".into()));
    assert!(li.node.read_answer(&device, asked[1].id, "改了".into()));
    let answers: Vec<_> = li.node.requests()[0].asked.iter().map(|asked| asked.answer.clone()).collect();
    assert_eq!(answers, [None, Some(("红对联".into(), NOON)), None], "the first answer stays");
    assert!(!li.node.read_answer(&device, QuestionId([1; 16]), "答".into()), "its question may still come");
}

fn register(names: &[&str]) -> Register {
    let line = |(number, name): (usize, &&str)| Line {
        block: "3栋".into(),
        unit: format!("{}", 501 + number),
        name: (*name).into(),
        ..Line::default()
    };
    Register::new("住户.xlsx".into(), NOON, names.iter().enumerate().map(line).collect())
}

/// Whether anything in the store holds this text, outside the space that no sync reads or in it.
fn holds(store: &MemoryStore, text: &str, private: bool) -> bool {
    let mut found = false;
    for space in Space::ALL.into_iter().filter(|space| (*space == Space::Private) == private) {
        let look = &mut |_: &[u8], bytes: &[u8]| found |= bytes.windows(text.len()).any(|at| at == text.as_bytes());
        store.visit(space, &[], look).unwrap();
    }
    found
}

#[test]
fn a_register_stays_on_its_device_is_replaced_as_a_whole_and_goes_without_a_trace() {
    let mut li = Li::new();
    let before = li.node.home().unwrap().projection();
    let names: Vec<String> = (0..2_500).map(|number| format!("住户{number}号")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    li.node.handle(NOON, Event::Command { id: 1, command: Command::KeepRegister(register(&names)) });
    let step = li.node.take();
    li.store.commit(step.batch).unwrap();
    let leaves = step.effects.iter().any(|effect| matches!(effect, Effect::Send { .. }));
    assert!(!leaves, "nobody is told of it");
    assert!(holds(&li.store, "住户2499号", true) && !holds(&li.store, "住户", false));
    assert_eq!(li.node.home().unwrap().projection(), before);

    let mut again = open(&li.store);
    assert_eq!(again.register().unwrap().unwrap().lines().len(), 2_500);
    let says = again.register_says("3栋502", "住户1号", "").unwrap().unwrap();
    assert_eq!(says.name, kaifong_register::Likeness::Same);

    li.does(Command::KeepRegister(register(&["陈美玲"]))).unwrap();
    assert!(!holds(&li.store, "住户2499号", true), "nothing is left of the longer one");
    li.does(Command::ForgetRegister).unwrap();
    assert!(!holds(&li.store, "陈美玲", true));
    assert_eq!(open(&li.store).register().unwrap(), None);
}

#[test]
fn only_a_reviewer_keeps_a_register() {
    let store = Arc::new(MemoryStore::new());
    let mut node = open(&store);
    node.handle(NOON, Event::Command { id: 1, command: Command::KeepRegister(register(&["陈美玲"])) });
    let refused = node
        .take()
        .effects
        .into_iter()
        .any(|effect| matches!(effect, Effect::Reply { result: Err(NodeError::NoBuilding), .. }));
    assert!(refused);
}
