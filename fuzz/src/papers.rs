//! A member's document, and changes to it that its owner's own devices sign: honest, bent, or forked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use automerge::legacy::{self, Key, ObjectId, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ObjType, ScalarValue};
use kaifong_domain::activity::{Activity, ActivityTerms, Payee};
use kaifong_domain::care::{Aside, CareRecord, Closing, Drive, Pledge, Receipt, Thanks};
use kaifong_domain::commons::{AddedCategory, Group, Joining, Resource};
use kaifong_domain::hall::{Addressee, Judged, Judgement, Matter, MatterKind, Response, ResponseKind};
use kaifong_domain::kept::{Kept, Owning, Stocktake};
use kaifong_domain::place::PlaceId;
use kaifong_domain::record::{Edit, Invite, Kind, Listing, Mode, Profile, Reply, Review, Side, Task};
use kaifong_domain::shop::Good;
use kaifong_domain::sort::{Category, Form, Topic};
use kaifong_domain::staff::Staff;
use kaifong_domain::{
    ActivityId, BuildingId, DealId, DeviceId, DriveId, Instant, InviteId, JudgementId, ListingId, MatterId, MemberId,
    Points, ResponseId, StaffId, ThanksId,
};
use kaifong_domain::{CategoryId, GroupId, ResourceId, StocktakeId};
use kaifong_replica::{Aftermath, Content, Delivery, Document, Owners};
use kaifong_trust::entry::{ActorKey, Head};
use kaifong_trust::{DeviceKey, Signed};
use sha2::{Digest, Sha256};

use crate::street::key;
use crate::{Unstructured, array, below, bend, chance, number, pick, text};

/// The building of these documents.
pub const BUILDING: BuildingId = BuildingId([1; 32]);
/// Whose document it is: devices 2 and 3 are the member's.
pub const OWNER: MemberId = MemberId([2; 16]);
/// The first actor's nonce.
pub const NONCE: [u8; 8] = [7; 8];

/// Devices 2 and 3 belong to the owner, 4 to a neighbour, the others to nobody.
pub struct Register;

impl Owners for Register {
    fn may_write(&self, device: &DeviceId, member: &MemberId) -> bool {
        match device {
            own if *own == key(2).id() || *own == key(3).id() => *member == OWNER,
            other if *other == key(4).id() => *member == MemberId([3; 16]),
            _ => false,
        }
    }

    fn may_name_staff(&self, member: &MemberId) -> bool {
        *member == OWNER
    }
}

/// A document in which both devices have written, and what was delivered of it.
pub fn ground() -> &'static (Document, Vec<Delivery>) {
    static GROUND: OnceLock<(Document, Vec<Delivery>)> = OnceLock::new();
    GROUND.get_or_init(|| {
        let mut document = Document::new(BUILDING, OWNER);
        let name = Profile { name: "王芳".into(), block: "3栋".into(), about: String::new(), place: None };
        let edits = [
            (2, Edit::PutListing(listing(1, "电钻".into()))),
            (2, Edit::SetProfile(name)),
            (3, Edit::PutListing(listing(2, "梯子".into()))),
            (3, Edit::PutReview(Review { deal: DealId([1; 16]), stars: 5, text: "好".into(), at: Instant(5) })),
        ];
        let write = |(device, edit): &(u8, Edit)| document.edit(&key(*device), NONCE, edit).expect("an honest edit");
        let deliveries = edits.iter().map(write).collect();
        (document, deliveries)
    })
}

/// The document after a fork of device 2, and what a neighbour heard of the two branches.
pub fn forked() -> &'static (Document, Vec<Delivery>) {
    static FORKED: OnceLock<(Document, Vec<Delivery>)> = OnceLock::new();
    FORKED.get_or_init(|| {
        let (document, _) = ground();
        let branch = |title: &str| {
            let edit = Edit::PutListing(listing(3, title.into()));
            document.clone().edit(&key(2), NONCE, &edit).expect("an honest edit")
        };
        let branches = vec![branch("椅子"), branch("桌子")];
        let mut document = document.clone();
        branches.iter().for_each(|branch| _ = document.judge(branch, &Register));
        assert_eq!(document.forks().len(), 1, "two branches are a fork");
        (document, branches)
    })
}

fn listing(id: u8, title: String) -> Listing {
    Listing {
        kind: Some(Kind::Item),
        mode: Some(Mode::Share),
        points: Some(Points(5)),
        ..Listing::of(ListingId([id; 16]), Side::Offer, title, Instant(1_700_000_000_000))
    }
}

/// Draws an edit as a person would make it; some are refused.
pub fn edit(u: &mut Unstructured<'_>) -> Edit {
    match below(u, 12) {
        0 => Edit::SetProfile(Profile { name: text(u), block: text(u), about: text(u), place: place(u) }),
        1 | 2 => {
            let mut listing = listing(below(u, 4) as u8, text(u));
            listing.body = text(u);
            listing.audience = place(u);
            listing.side = *pick(u, &[Side::Offer, Side::Need]).unwrap_or(&Side::Offer);
            listing.kind = *pick(u, &[Some(Kind::Item), Some(Kind::Time), Some(Kind::Skill), None]).unwrap_or(&None);
            listing.task = *pick(u, &[Some(Task::ChildCare), None, None]).unwrap_or(&None);
            listing.mode = *pick(u, &[Some(Mode::Share), Some(Mode::Swap), None]).unwrap_or(&None);
            listing.form = *pick(u, &[None, Some(Form::Repair), Some(Form::Lecture)]).unwrap_or(&None);
            listing.topic = *pick(u, &[None, None, Some(Topic::Law)]).unwrap_or(&None);
            let added = Category::Added(CategoryId([below(u, 3) as u8; 16]));
            listing.category = *pick(u, &[None, Some(Category::Given(8)), Some(added)]).unwrap_or(&None);
            listing.behalf = if chance(u, 4) { Some(text(u)) } else { None };
            let owners = (0..below(u, 14)).map(|_| MemberId([below(u, 20) as u8; 16])).collect();
            let shelf = if chance(u, 3) { Some(text(u)) } else { None };
            listing.kept = if chance(u, 3) { Kept::of(owners, shelf) } else { Kept::default() };
            listing.places = if chance(u, 4) { Some(below(u, 120) as u16) } else { None };
            listing.points = if chance(u, 3) { Some(Points(u.arbitrary().unwrap_or(0))) } else { None };
            listing.aside = match below(u, 4) {
                0 => Some(Aside::OnBehalf(text(u))),
                1 => Some(Aside::Discreet),
                _ => None,
            };
            listing.closed_at = if chance(u, 3) { Some(Instant(number(u))) } else { None };
            Edit::PutListing(listing)
        }
        3 => {
            let (deal, stars) = (DealId([below(u, 3) as u8; 16]), below(u, 7) as u8);
            Edit::PutReview(Review { deal, stars, text: text(u), at: Instant(number(u)) })
        }
        8 => {
            let (title, body, points) = (text(u), text(u), Points(below(u, 4) as u32));
            let put_at = Instant(below(u, 3) as u64);
            let count = |u: &mut Unstructured<'_>| if chance(u, 2) { Some(below(u, 12_000) as u32) } else { None };
            let instant = |u: &mut Unstructured<'_>| if chance(u, 3) { Some(Instant(number(u))) } else { None };
            Edit::PutGood(Good {
                id: Good::id_of(&title, &body, points, put_at),
                title,
                body,
                points,
                pieces: count(u),
                each: count(u),
                until: instant(u),
                till: key(2).id(),
                put_at,
                withdrawn_at: instant(u),
            })
        }
        4 => Edit::PutReply(Reply { deal: DealId([below(u, 3) as u8; 16]), text: text(u), at: Instant(number(u)) }),
        5 => said_in_the_hall(u),
        6 => {
            let (id, left_at) = (StaffId::from(writer(u).0.id()), maybe_at(u));
            Edit::PutStaff(Staff { id, name: text(u), post: text(u), left_at })
        }
        7 => Edit::PutActivity(activity(u)),
        10 => Edit::PutCare(care(u)),
        11 => commons(u),
        _ => {
            let withdrawn_at = maybe_at(u);
            let (id, key) = (InviteId([below(u, 3) as u8; 16]), array(u));
            Edit::PutInvite(Invite { id, key, expires_at: Instant(number(u)), withdrawn_at })
        }
    }
}

/// A group, that somebody is in one, that they own something, what was found, a resource outside of the building, or a category.
fn commons(u: &mut Unstructured<'_>) -> Edit {
    let (id, at, over) = ([below(u, 3) as u8; 16], Instant(number(u)), maybe_at(u));
    match below(u, 6) {
        4 => {
            let keeper = MemberId([below(u, 4) as u8; 16]);
            Edit::PutOwning(Owning { listing: ListingId(id), keeper, at, left_at: over })
        }
        5 => {
            let found = (0..below(u, 12) as u8).map(|n| ListingId([n; 16])).collect();
            Edit::PutStocktake(Stocktake { id: StocktakeId(id), at, by: text(u), found })
        }
        0 => {
            let (name, about, meets, venue) = (text(u), text(u), text(u), text(u));
            Edit::PutGroup(Group { id: GroupId(id), name, about, meets, venue, founded_at: at, closed_at: over })
        }
        1 => {
            let founder = MemberId([below(u, 4) as u8; 16]);
            Edit::PutJoining(Joining { group: GroupId(id), founder, at, left_at: over })
        }
        2 => Edit::PutResource(Resource {
            id: ResourceId(id),
            name: text(u),
            about: text(u),
            contact: text(u),
            hours: text(u),
            minutes: if chance(u, 2) { Some(below(u, 700) as u16) } else { None },
            put_at: at,
            withdrawn_at: over,
        }),
        _ => {
            let (class, name) = (below(u, 11) as u8, text(u));
            Edit::PutCategory(AddedCategory { id: CategoryId(id), class, name, put_at: at, withdrawn_at: over })
        }
    }
}

/// Thanks, a drive, a promise to one, or what came.
fn care(u: &mut Unstructured<'_>) -> CareRecord {
    let (member, drive) = (MemberId([below(u, 4) as u8; 16]), DriveId([below(u, 3) as u8; 16]));
    let (at, count) = (Instant(number(u)), below(u, 12_000) as u32);
    match below(u, 4) {
        0 => {
            let deal = if chance(u, 2) { Some(DealId([below(u, 3) as u8; 16])) } else { None };
            let id = ThanksId([below(u, 3) as u8; 16]);
            CareRecord::Thanks(Thanks { id, to: member, deal, text: text(u), at, withdrawn_at: maybe_at(u) })
        }
        1 => {
            let closed = maybe_at(u).map(|at| Closing { at, report: text(u) });
            let (title, body, unit, until) = (text(u), text(u), text(u), Instant(number(u)));
            CareRecord::Drive(Drive { id: drive, title, body, target: count, unit, until, put_at: at, closed })
        }
        2 => {
            let id = Pledge::id_of(&member, &drive);
            CareRecord::Pledge(Pledge { id, owner: member, drive, count, note: text(u), at })
        }
        _ => {
            let id = Receipt::id_of(&member, &drive);
            CareRecord::Receipt(Receipt { id, drive, donor: member, count, at })
        }
    }
}

/// What is put to the hall, said to it, or judged.
fn said_in_the_hall(u: &mut Unstructured<'_>) -> Edit {
    let matter = MatterId([below(u, 3) as u8; 16]);
    let member = MemberId([below(u, 4) as u8; 16]);
    let at = Instant(number(u));
    match below(u, 3) {
        0 => {
            let kinds = [MatterKind::Question, MatterKind::Complaint, MatterKind::Help, MatterKind::Suggestion];
            let kind = *pick(u, &kinds).unwrap_or(&MatterKind::Question);
            let to = [Some(Addressee::Member(member)), Some(Addressee::Officials), Some(Addressee::PropertyFirm), None];
            let to = *pick(u, &to).unwrap_or(&None);
            let (text, place, withdrawn_at) = (text(u), place(u), maybe_at(u));
            Edit::PutMatter(Matter { id: matter, kind, text, to, place, put_at: at, withdrawn_at })
        }
        1 => {
            let judged = if chance(u, 2) { Judged::Solved } else { Judged::NotYet };
            let (id, number) = (JudgementId([below(u, 3) as u8; 16]), u.arbitrary().unwrap_or(1));
            Edit::PutJudgement(Judgement { id, matter, number, judged, remark: text(u), at })
        }
        _ => {
            let kinds = [ResponseKind::TakeUp, ResponseKind::Answer, ResponseKind::Reply];
            let kind = *pick(u, &kinds).unwrap_or(&ResponseKind::Reply);
            let after = chance(u, 3).then(|| JudgementId([below(u, 3) as u8; 16]));
            let id = ResponseId([below(u, 3) as u8; 16]);
            Edit::PutResponse(Response { id, asker: member, matter, kind, after, text: text(u), at })
        }
    }
}

fn maybe_at(u: &mut Unstructured<'_>) -> Option<Instant> {
    chance(u, 2).then(|| Instant(number(u)))
}

/// An activity; now and then with terms that nobody can agree to.
fn activity(u: &mut Unstructured<'_>) -> Activity {
    let terms = ActivityTerms {
        starts_at: Instant(number(u)),
        hours: below(u, 15) as u8,
        cost: Points(below(u, 12) as u32),
        to: *pick(u, &[Payee::Host, Payee::Fund]).unwrap_or(&Payee::Host),
        no_show: Points(below(u, 120) as u32),
    };
    Activity {
        id: ActivityId([below(u, 3) as u8; 16]),
        title: text(u),
        body: text(u),
        venue: text(u),
        terms,
        places: chance(u, 2).then(|| below(u, 520) as u16),
        teacher: chance(u, 2).then(|| MemberId([below(u, 4) as u8; 16])),
        group: chance(u, 2).then(|| (MemberId([below(u, 4) as u8; 16]), GroupId([below(u, 3) as u8; 16]))),
        posted_at: Instant(number(u)),
        called_off_at: chance(u, 3).then(|| Instant(number(u))),
    }
}

/// One of the owner's devices, or now and then somebody else's, with one of few nonces.
pub fn writer(u: &mut Unstructured<'_>) -> (DeviceKey, [u8; 8]) {
    let device = if chance(u, 16) { 4 + below(u, 2) as u8 } else { 2 + below(u, 2) as u8 };
    let nonce = if chance(u, 4) { [8; 8] } else { NONCE };
    (key(device), nonce)
}

/// An honest change on a copy of a document. The document itself stays as it is, so the next one of the actor is a fork.
pub fn written(u: &mut Unstructured<'_>, document: &Document) -> Option<Delivery> {
    let (key, nonce) = writer(u);
    document.clone().edit(&key, nonce, &edit(u)).ok()
}

/// A change whose structure or operations are bent, with a head that its device has signed all the same.
pub fn bent(u: &mut Unstructured<'_>, document: &Document) -> Option<Delivery> {
    let honest = written(u, document)?;
    let Content::Changes(chunks) = &honest.content else { return None };
    let mut change = Change::try_from(chunks.first()?.as_slice()).ok()?.decode();
    let actor = ActorKey::from_bytes(change.actor_id.to_bytes())?;
    for _ in 0..=below(u, 3) {
        warp(u, &mut change, document);
    }
    let seq = change.seq;
    let device = (0..crate::street::DEVICES).map(key).find(|key| key.id() == actor.device)?;
    // Automerge does not encode everything that can be written down.
    let encoded = catch_unwind(AssertUnwindSafe(|| Change::from(change))).ok()?;
    let head = Head { building: BUILDING, document: OWNER, actor, seq, change: encoded.hash().0 };
    let mut heads = vec![device.sign(head).signed().clone()];
    heads.extend(honest.heads.iter().filter(|_| chance(u, 8)).cloned());
    let mut bytes = encoded.raw_bytes().to_vec();
    if chance(u, 8) {
        bend(u, &mut bytes);
        reseal(&mut bytes);
    }
    Some(carry(Content::Changes(vec![bytes]), heads))
}

fn warp(u: &mut Unstructured<'_>, change: &mut ExpandedChange, document: &Document) {
    match below(u, 12) {
        0 => change.seq = number(u),
        1 => change.start_op = std::num::NonZeroU64::new(number(u)).unwrap_or(change.start_op),
        2 => change.deps.push(ChangeHash(array(u))),
        3 => change.deps.clear(),
        4 => change.deps = document.heads().into_iter().map(ChangeHash).collect(),
        5 => change.time = u.arbitrary().unwrap_or(1),
        6 => change.message = Some(text(u)),
        7 => change.extra_bytes = crate::bytes(u, 8),
        8 => {
            let actor = ActorKey { device: writer(u).0.id(), nonce: NONCE };
            change.actor_id = ActorId::from(actor.to_bytes());
        }
        9 => {
            let at = below(u, change.operations.len());
            if at < change.operations.len() {
                change.operations.remove(at);
            }
        }
        _ => {
            let op = op(u);
            let at = below(u, change.operations.len() + 1);
            if chance(u, 2) || at >= change.operations.len() {
                change.operations.push(op);
            } else {
                change.operations[at] = op;
            }
        }
    }
}

/// An operation on something that exists, mostly.
fn op(u: &mut Unstructured<'_>) -> legacy::Op {
    const KEYS: [&str; 24] = [
        "listing:01010101010101010101010101010101",
        "listing:03030303030303030303030303030303",
        "review:01010101010101010101010101010101",
        "invite:01010101010101010101010101010101",
        "listing:zz",
        "profile.name",
        "profile.block",
        "profile.about",
        "what",
        "title",
        "body",
        "points",
        "posted_at",
        "closed_at",
        "stars",
        "text",
        "at",
        "key",
        "expires_at",
        "withdrawn_at",
        "event:01010101010101010101010101010101",
        "activity",
        "agreed",
        "called_off_at",
    ];
    let obj = if chance(u, 3) { ObjectId::Root } else { ObjectId::Id(op_id(u)) };
    let key = if chance(u, 16) { Key::Map(text(u).into()) } else { Key::Map((*pick(u, &KEYS).unwrap_or(&"")).into()) };
    let action = match below(u, 12) {
        0 => OpType::Make(
            *pick(u, &[ObjType::Map, ObjType::List, ObjType::Text, ObjType::Table]).unwrap_or(&ObjType::Map),
        ),
        1 => OpType::Delete,
        2 => OpType::Increment(u.arbitrary().unwrap_or(0)),
        3 => OpType::Put(ScalarValue::Null),
        4 => OpType::Put(ScalarValue::Boolean(true)),
        5 => OpType::Put(ScalarValue::Int(u.arbitrary().unwrap_or(0))),
        6 => OpType::Put(ScalarValue::Uint(number(u))),
        7 => OpType::Put(ScalarValue::Bytes(crate::bytes(u, 40))),
        8 => OpType::Put(ScalarValue::F64(u.arbitrary().unwrap_or(0.0))),
        9 => OpType::Put(ScalarValue::Timestamp(u.arbitrary().unwrap_or(0))),
        10 => OpType::Put(ScalarValue::counter(u.arbitrary().unwrap_or(0))),
        _ => OpType::Put(ScalarValue::Str(text(u).into())),
    };
    let pred: Vec<_> = (0..below(u, 3)).map(|_| op_id(u)).collect();
    legacy::Op { action, obj, key, pred: pred.into(), insert: chance(u, 32) }
}

fn op_id(u: &mut Unstructured<'_>) -> OpId {
    let (key, nonce) = writer(u);
    let counter = if chance(u, 32) { number(u) >> 1 } else { below(u, 30) as u64 };
    OpId::new(counter, &ActorId::from(ActorKey { device: key.id(), nonce }.to_bytes()))
}

/// Packs content that needs no aftermath.
pub fn carry(content: Content, heads: Vec<Signed<Head>>) -> Delivery {
    Delivery { document: OWNER, content, heads, aftermath: Aftermath::default() }
}

/// Sets the checksum of an Automerge chunk right, as whoever bends one on purpose would.
pub fn reseal(chunk: &mut [u8]) {
    if chunk.len() > 9 {
        let hash = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&hash[..4]);
    }
}

/// A place now and then, and now and then one that nobody may name.
fn place(u: &mut Unstructured<'_>) -> Option<PlaceId> {
    chance(u, 3).then(|| PlaceId(below(u, 4) as u32))
}
