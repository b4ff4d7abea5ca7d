//! From a document to what it says, and to who wrote it.

use automerge::{Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, ScalarValueRef, ValueRef};
use kaifong_domain::activity::Activity;
use kaifong_domain::care::{Drive, Pledge, Receipt, Thanks};
use kaifong_domain::hall::{Judgement, Matter, Response};
use kaifong_domain::kept::Kept;
use kaifong_domain::place::PlaceId;
use kaifong_domain::record::{Invite, Listing, Records, Reply, Review};
use kaifong_domain::shop::Good;
use kaifong_domain::staff::{Hands, Staff, Written};
use kaifong_domain::{
    ActivityId, CategoryId, DealId, DeviceId, DriveId, GoodId, GroupId, Instant, InviteId, JudgementId, ListingId,
    MatterId, MemberId, PledgeId, Points, ResourceId, ResponseId, StaffId, ThanksId,
};
use kaifong_trust::entry::ActorKey;

use super::spelling::{
    What, agreed_from, asks_from, checked_from, closed_from, judgement_from, pledge_from, response_from,
    thanks_for_from, to_from, wants_from, what_from,
};
use super::{Field, RecordKey, RecordKind};

/// Reads everything that a document says.
pub(crate) fn records(doc: &Automerge) -> Records {
    let mut records = Records::default();
    let mut hands = Hands::default();
    for item in doc.map_range(ROOT, ..) {
        match (&item.value, RecordKey::parse(&item.key)) {
            (ValueRef::Scalar(ScalarValueRef::Str(text)), None) => {
                let into = match Field::parse(&item.key) {
                    Some(Field::ProfileName) => &mut records.profile.name,
                    Some(Field::ProfileBlock) => &mut records.profile.block,
                    Some(Field::ProfileAbout) => &mut records.profile.about,
                    _ => continue,
                };
                *into = text.to_string();
            }
            (ValueRef::Scalar(ScalarValueRef::Uint(number)), None)
                if Field::parse(&item.key) == Some(Field::ProfilePlace) =>
            {
                records.profile.place = u32::try_from(*number).ok().map(PlaceId);
            }
            (ValueRef::Object(ObjType::Map), Some(key)) => {
                let fields = Fields::read(doc, &item.id());
                match key.kind {
                    RecordKind::Listing => records.listings.extend(fields.listing(key.id)),
                    RecordKind::Review => records.reviews.extend(fields.review(key.id)),
                    RecordKind::Invite => records.invites.extend(fields.invite(key.id)),
                    RecordKind::Reply => records.replies.extend(fields.reply(key.id)),
                    RecordKind::Matter => records.matters.extend(fields.matter(key.id)),
                    RecordKind::Judgement => records.judgements.extend(fields.judgement(key.id)),
                    RecordKind::Response => records.responses.extend(fields.response(key.id)),
                    RecordKind::Staff => records.staff.extend(fields.staff(key.id)),
                    RecordKind::Activity => records.activities.extend(fields.activity(key.id)),
                    RecordKind::Good => records.goods.extend(fields.good(key.id)),
                    RecordKind::Thanks => records.care.thanks.extend(fields.thanks(key.id)),
                    RecordKind::Drive => records.care.drives.extend(fields.drive(key.id)),
                    RecordKind::Pledge => records.care.pledges.extend(fields.pledge(key.id)),
                    RecordKind::Receipt => records.care.receipts.extend(fields.receipt(key.id)),
                    RecordKind::Group => records.groups.extend(fields.group(key.id)),
                    RecordKind::Joining => records.joined.extend(fields.joining(key.id)),
                    RecordKind::Owning => records.owned.extend(fields.owning(key.id)),
                    RecordKind::Stocktake => records.stocktakes.extend(fields.stocktake(key.id)),
                    RecordKind::Resource => records.resources.extend(fields.resource(key.id)),
                    RecordKind::Category => records.categories.extend(fields.category(key.id)),
                }
                hands.0.extend(key.written().map(|written| (written, fields.hands(&item.id()))));
            }
            _ => (),
        }
    }
    // Automerge walks the keys in order, and hexadecimal sorts as its bytes do; but no reader depends on that.
    records.listings.sort_by_key(|listing| listing.id);
    records.reviews.sort_by_key(|review| review.deal);
    records.invites.sort_by_key(|invite| invite.id);
    records.replies.sort_by_key(|reply| reply.deal);
    records.matters.sort_by_key(|matter| matter.id);
    records.judgements.sort_by_key(|judgement| judgement.id);
    records.responses.sort_by_key(|response| response.id);
    records.staff.sort_by_key(|staff| staff.id);
    records.activities.sort_by_key(|activity| activity.id);
    records.goods.sort_by_key(|good| good.id);
    records.care.thanks.sort_by_key(|thanks| thanks.id);
    records.care.drives.sort_by_key(|drive| drive.id);
    records.care.pledges.sort_by_key(|pledge| pledge.id);
    records.care.receipts.sort_by_key(|receipt| receipt.id);
    records.groups.sort_by_key(|group| group.id);
    records.joined.sort_by_key(|joining| joining.group);
    records.owned.sort_by_key(|owning| owning.listing);
    records.stocktakes.sort_by_key(|stocktake| stocktake.id);
    records.resources.sort_by_key(|resource| resource.id);
    records.categories.sort_by_key(|category| category.id);
    if !records.staff.is_empty() {
        records.hands = hands;
    }
    records
}

impl RecordKey {
    /// Names the record where it is told who wrote it.
    fn written(&self) -> Option<Written> {
        match self.kind {
            RecordKind::Listing => Some(Written::Listing(ListingId(self.id))),
            RecordKind::Review => Some(Written::Review(DealId(self.id))),
            RecordKind::Reply => Some(Written::Reply(DealId(self.id))),
            RecordKind::Staff => Some(Written::Staff(StaffId(self.id))),
            RecordKind::Matter => Some(Written::Matter(MatterId(self.id))),
            RecordKind::Judgement => Some(Written::Judgement(JudgementId(self.id))),
            RecordKind::Response => Some(Written::Response(ResponseId(self.id))),
            RecordKind::Activity => Some(Written::Activity(ActivityId(self.id))),
            RecordKind::Good => Some(Written::Good(GoodId(self.id))),
            RecordKind::Group => Some(Written::Group(GroupId(self.id))),
            RecordKind::Resource => Some(Written::Resource(ResourceId(self.id))),
            RecordKind::Category => Some(Written::Category(CategoryId(self.id))),
            RecordKind::Invite
            | RecordKind::Joining
            | RecordKind::Owning
            | RecordKind::Stocktake
            | RecordKind::Thanks
            | RecordKind::Drive
            | RecordKind::Pledge
            | RecordKind::Receipt => None,
        }
    }
}

/// The fields of one map, and by which operations they were put.
pub(super) struct Fields {
    values: Vec<(Field, ScalarValue)>,
    ops: Vec<ObjId>,
}

impl Fields {
    fn read(doc: &Automerge, map: &ObjId) -> Self {
        let mut fields = Self { values: Vec::with_capacity(7), ops: Vec::with_capacity(7) };
        for item in doc.map_range(map, ..) {
            fields.ops.push(item.id());
            if let (ValueRef::Scalar(value), Some(field)) = (item.value, Field::parse(&item.key)) {
                fields.values.push((field, ScalarValue::from(value)));
            }
        }
        fields
    }

    /// Gives the devices whose operations stand here, each once: first the one that made the map, then in the order of
    /// the operations. The gate has seen to it that each actor's changes are signed by the device that it names.
    fn hands(&self, map: &ObjId) -> Vec<DeviceId> {
        let mut ops: Vec<_> = self.ops.iter().filter_map(place).collect();
        ops.sort_unstable();
        let mut hands: Vec<DeviceId> = Vec::with_capacity(1);
        for (_, actor) in place(map).into_iter().chain(ops) {
            if !hands.contains(&actor.device) {
                hands.push(actor.device);
            }
        }
        hands
    }

    pub(super) fn text(&self, wanted: Field) -> Option<String> {
        self.values.iter().find_map(|(field, value)| match value {
            ScalarValue::Str(text) if *field == wanted => Some(text.to_string()),
            _ => None,
        })
    }

    pub(super) fn number(&self, wanted: Field) -> Option<u64> {
        self.values.iter().find_map(|(field, value)| match value {
            ScalarValue::Uint(number) if *field == wanted => Some(*number),
            _ => None,
        })
    }

    pub(super) fn bytes<const N: usize>(&self, wanted: Field) -> Option<[u8; N]> {
        self.values.iter().find_map(|(field, value)| match value {
            ScalarValue::Bytes(bytes) if *field == wanted => bytes.as_slice().try_into().ok(),
            _ => None,
        })
    }

    /// Gives the ids that stand one after the other.
    pub(super) fn ids(&self, wanted: Field) -> Option<Vec<[u8; 16]>> {
        self.values.iter().find_map(|(field, value)| match value {
            ScalarValue::Bytes(bytes) if *field == wanted => super::ids_from(bytes),
            _ => None,
        })
    }

    pub(super) fn instant(&self, wanted: Field) -> Option<Instant> {
        self.number(wanted).map(Instant)
    }

    fn listing(&self, id: [u8; 16]) -> Option<Listing> {
        let What { side, kind, mode, form, topic, task, aside } = what_from(&self.text(Field::ListingWhat)?)?;
        Some(Listing {
            id: ListingId(id),
            side,
            kind,
            mode,
            title: self.text(Field::ListingTitle)?,
            body: self.text(Field::ListingBody)?,
            points: self.number(Field::ListingPoints).and_then(|n| u32::try_from(n).ok()).map(Points),
            posted_at: self.instant(Field::ListingPostedAt)?,
            closed_at: self.instant(Field::ListingClosedAt),
            audience: self.number(Field::ListingAudience).and_then(|n| u32::try_from(n).ok()).map(PlaceId),
            checked: self.text(Field::ListingChecked).and_then(|text| checked_from(&text)),
            aside,
            form,
            topic,
            category: self.text(Field::ListingCategory).and_then(|text| text.parse().ok()),
            behalf: self.text(Field::ListingBehalf),
            kept: Kept {
                owners: self.ids(Field::ListingOwners).unwrap_or_default().into_iter().map(MemberId).collect(),
                shelf: self.text(Field::ListingShelf),
            },
            places: self.number(Field::ListingPlaces).and_then(|n| u16::try_from(n).ok()),
            task,
        })
    }

    fn review(&self, id: [u8; 16]) -> Option<Review> {
        Some(Review {
            deal: DealId(id),
            stars: u8::try_from(self.number(Field::ReviewStars)?).ok()?,
            text: self.text(Field::ReviewText)?,
            at: self.instant(Field::ReviewAt)?,
        })
    }

    fn reply(&self, id: [u8; 16]) -> Option<Reply> {
        let (text, at) = (self.text(Field::ReplyWords)?, self.instant(Field::ReplySaidAt)?);
        Some(Reply { deal: DealId(id), text, at })
    }

    fn matter(&self, id: [u8; 16]) -> Option<Matter> {
        Some(Matter {
            id: MatterId(id),
            kind: asks_from(&self.text(Field::MatterAsks)?)?,
            text: self.text(Field::MatterText)?,
            to: self.text(Field::MatterTo).and_then(|text| to_from(&text)),
            place: self.number(Field::MatterNear).and_then(|n| u32::try_from(n).ok()).map(PlaceId),
            put_at: self.instant(Field::MatterPutAt)?,
            withdrawn_at: self.instant(Field::MatterTakenBackAt),
        })
    }

    fn judgement(&self, id: [u8; 16]) -> Option<Judgement> {
        let (number, judged, remark) = judgement_from(&self.text(Field::JudgementSays)?)?;
        let matter = MatterId(self.bytes(Field::JudgementOf)?);
        Some(Judgement {
            id: JudgementId(id),
            matter,
            number,
            judged,
            remark,
            at: self.instant(Field::JudgementJudgedAt)?,
        })
    }

    fn response(&self, id: [u8; 16]) -> Option<Response> {
        let (asker, matter) = super::two_ids(&self.bytes::<32>(Field::ResponseAnswers)?)?;
        let (kind, text) = response_from(&self.text(Field::ResponseSays)?)?;
        Some(Response {
            id: ResponseId(id),
            asker: MemberId(asker),
            matter: MatterId(matter),
            kind,
            after: self.bytes(Field::ResponseAfter).map(JudgementId),
            text,
            at: self.instant(Field::ResponseGivenAt)?,
        })
    }

    fn staff(&self, id: [u8; 16]) -> Option<Staff> {
        let (name, post) = (self.text(Field::StaffName)?, self.text(Field::StaffPost)?);
        Some(Staff { id: StaffId(id), name, post, left_at: self.instant(Field::StaffLeftAt) })
    }

    fn activity(&self, id: [u8; 16]) -> Option<Activity> {
        let (terms, places) = agreed_from(&self.text(Field::ActivityAgreed)?)?;
        Some(Activity {
            id: ActivityId(id),
            title: self.text(Field::ActivityTitle)?,
            body: self.text(Field::ActivityBody)?,
            venue: self.text(Field::ActivityVenue)?,
            terms,
            places,
            teacher: self.bytes(Field::ActivityTeacher).map(MemberId),
            group: self
                .bytes::<32>(Field::ActivityGroup)
                .and_then(|bytes| super::two_ids(&bytes))
                .map(|(founder, group)| (MemberId(founder), GroupId(group))),
            posted_at: self.instant(Field::ActivityPostedAt)?,
            called_off_at: self.instant(Field::ActivityCalledOffAt),
        })
    }

    fn good(&self, id: [u8; 16]) -> Option<Good> {
        let narrow = |field| self.number(field).and_then(|n| u32::try_from(n).ok());
        Some(Good {
            id: GoodId(id),
            title: self.text(Field::GoodTitle)?,
            body: self.text(Field::GoodBody)?,
            points: Points(narrow(Field::GoodPoints)?),
            pieces: narrow(Field::GoodPieces),
            each: narrow(Field::GoodEach),
            until: self.instant(Field::GoodUntil),
            till: DeviceId(self.bytes(Field::GoodTill)?),
            put_at: self.instant(Field::GoodPutAt)?,
            withdrawn_at: self.instant(Field::GoodWithdrawnAt),
        })
    }

    fn thanks(&self, id: [u8; 16]) -> Option<Thanks> {
        let (to, deal) = thanks_for_from(&self.text(Field::ThanksFor)?)?;
        let (text, at) = (self.text(Field::ThanksText)?, self.instant(Field::ThanksAt)?);
        Some(Thanks { id: ThanksId(id), to, deal, text, at, withdrawn_at: self.instant(Field::ThanksWithdrawnAt) })
    }

    fn drive(&self, id: [u8; 16]) -> Option<Drive> {
        let (target, until, unit) = wants_from(&self.text(Field::DriveWants)?)?;
        Some(Drive {
            id: DriveId(id),
            title: self.text(Field::DriveTitle)?,
            body: self.text(Field::DriveBody)?,
            target,
            unit,
            until,
            put_at: self.instant(Field::DrivePutAt)?,
            closed: self.text(Field::DriveClosed).and_then(|text| closed_from(&text)),
        })
    }

    fn pledge(&self, id: [u8; 16]) -> Option<Pledge> {
        let (owner, drive) = super::two_ids(&self.bytes::<32>(Field::PledgeTo)?)?;
        let (count, note) = pledge_from(&self.text(Field::PledgeSays)?)?;
        let (owner, drive) = (MemberId(owner), DriveId(drive));
        Some(Pledge { id: PledgeId(id), owner, drive, count, note, at: self.instant(Field::PledgeAt)? })
    }

    fn receipt(&self, id: [u8; 16]) -> Option<Receipt> {
        let (drive, donor) = super::two_ids(&self.bytes::<32>(Field::ReceiptOf)?)?;
        let count = u32::try_from(self.number(Field::ReceiptCount)?).ok()?;
        let (drive, donor) = (DriveId(drive), MemberId(donor));
        Some(Receipt { id: PledgeId(id), drive, donor, count, at: self.instant(Field::ReceiptAt)? })
    }

    fn invite(&self, id: [u8; 16]) -> Option<Invite> {
        let key = self.bytes(Field::InviteKey)?;
        Some(Invite {
            id: InviteId(id),
            key,
            expires_at: self.instant(Field::InviteExpiresAt)?,
            withdrawn_at: self.instant(Field::InviteWithdrawnAt),
        })
    }
}

/// Gives the place of an operation in the order of all.
fn place(op: &ObjId) -> Option<(u64, ActorKey)> {
    match op {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some((*counter, ActorKey::from_bytes(actor.to_bytes())?)),
    }
}
