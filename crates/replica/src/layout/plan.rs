//! From one edit to what it wants to stand in the document.

use automerge::{ObjType, ROOT, ScalarValue};
use kaifong_domain::Refusal;
use kaifong_domain::care::CareRecord;
use kaifong_domain::record::Edit;

use super::spelling::{
    agreed_text, asks_text, checked_text, closed_text, judgement_text, pledge_text, response_text, thanks_for_text,
    to_text, wants_text, what_text,
};
use super::{Field, RecordKey, RecordKind, Scalar, ValueFault};

/// What one edit wants to stand in the document.
pub(crate) struct Plan {
    /// The record, or `None` for the profile.
    pub(crate) record: Option<RecordKey>,
    /// Every field and what shall stand in it; `None` for nothing.
    pub(crate) values: Vec<(Field, Option<ScalarValue>)>,
}

impl Plan {
    /// Says in fields what an edit says in words.
    pub(crate) fn of(edit: &Edit) -> Self {
        let text = |text: &str| Some(ScalarValue::Str(text.into()));
        let number = |n: u64| Some(ScalarValue::Uint(n));
        let bytes = |bytes: &[u8]| Some(ScalarValue::Bytes(bytes.to_vec()));
        match edit {
            Edit::SetProfile(profile) => Self {
                record: None,
                values: vec![
                    (Field::ProfileName, text(&profile.name)),
                    (Field::ProfileBlock, text(&profile.block)),
                    (Field::ProfileAbout, text(&profile.about)),
                    (Field::ProfilePlace, profile.place.and_then(|place| number(place.0.into()))),
                ],
            },
            Edit::PutListing(listing) => Self {
                record: Some(RecordKey { kind: RecordKind::Listing, id: listing.id.0 }),
                values: vec![
                    (Field::ListingWhat, text(&what_text(listing))),
                    (Field::ListingTitle, text(&listing.title)),
                    (Field::ListingBody, text(&listing.body)),
                    (Field::ListingPoints, listing.points.and_then(|points| number(points.0.into()))),
                    (Field::ListingPostedAt, number(listing.posted_at.0)),
                    (Field::ListingClosedAt, listing.closed_at.and_then(|at| number(at.0))),
                    (Field::ListingAudience, listing.audience.and_then(|place| number(place.0.into()))),
                    (Field::ListingChecked, listing.checked.as_ref().and_then(|check| text(&checked_text(check)))),
                    (Field::ListingCategory, listing.category.and_then(|category| text(&category.to_string()))),
                    (Field::ListingBehalf, listing.behalf.as_ref().and_then(|behalf| text(behalf))),
                    (Field::ListingOwners, super::commons::ids(listing.kept.owners.iter().map(|owner| &owner.0))),
                    (Field::ListingShelf, listing.kept.shelf.as_ref().and_then(|shelf| text(shelf))),
                    (Field::ListingPlaces, listing.places.and_then(|places| number(places.into()))),
                ],
            },
            Edit::PutReview(review) => Self {
                record: Some(RecordKey { kind: RecordKind::Review, id: review.deal.0 }),
                values: vec![
                    (Field::ReviewStars, number(review.stars.into())),
                    (Field::ReviewText, text(&review.text)),
                    (Field::ReviewAt, number(review.at.0)),
                ],
            },
            Edit::PutInvite(invite) => Self {
                record: Some(RecordKey { kind: RecordKind::Invite, id: invite.id.0 }),
                values: vec![
                    (Field::InviteKey, bytes(&invite.key)),
                    (Field::InviteExpiresAt, number(invite.expires_at.0)),
                    (Field::InviteWithdrawnAt, invite.withdrawn_at.and_then(|at| number(at.0))),
                ],
            },
            Edit::PutReply(reply) => Self {
                record: Some(RecordKey { kind: RecordKind::Reply, id: reply.deal.0 }),
                values: vec![(Field::ReplyWords, text(&reply.text)), (Field::ReplySaidAt, number(reply.at.0))],
            },
            Edit::PutMatter(matter) => Self {
                record: Some(RecordKey { kind: RecordKind::Matter, id: matter.id.0 }),
                values: vec![
                    (Field::MatterAsks, text(asks_text(matter.kind))),
                    (Field::MatterText, text(&matter.text)),
                    (Field::MatterTo, matter.to.and_then(|to| text(&to_text(&to)))),
                    (Field::MatterNear, matter.place.and_then(|place| number(place.0.into()))),
                    (Field::MatterPutAt, number(matter.put_at.0)),
                    (Field::MatterTakenBackAt, matter.withdrawn_at.and_then(|at| number(at.0))),
                ],
            },
            Edit::PutJudgement(judgement) => Self {
                record: Some(RecordKey { kind: RecordKind::Judgement, id: judgement.id.0 }),
                values: vec![
                    (Field::JudgementOf, bytes(&judgement.matter.0)),
                    (Field::JudgementSays, text(&judgement_text(judgement))),
                    (Field::JudgementJudgedAt, number(judgement.at.0)),
                ],
            },
            Edit::PutResponse(response) => Self {
                record: Some(RecordKey { kind: RecordKind::Response, id: response.id.0 }),
                values: vec![
                    (Field::ResponseAnswers, bytes(&[response.asker.0, response.matter.0].concat())),
                    (Field::ResponseAfter, response.after.and_then(|after| bytes(&after.0))),
                    (Field::ResponseSays, text(&response_text(response))),
                    (Field::ResponseGivenAt, number(response.at.0)),
                ],
            },
            Edit::PutStaff(staff) => Self {
                record: Some(RecordKey { kind: RecordKind::Staff, id: staff.id.0 }),
                values: vec![
                    (Field::StaffName, text(&staff.name)),
                    (Field::StaffPost, text(&staff.post)),
                    (Field::StaffLeftAt, staff.left_at.and_then(|at| number(at.0))),
                ],
            },
            Edit::PutActivity(activity) => Self {
                record: Some(RecordKey { kind: RecordKind::Activity, id: activity.id.0 }),
                values: vec![
                    (Field::ActivityTitle, text(&activity.title)),
                    (Field::ActivityBody, text(&activity.body)),
                    (Field::ActivityVenue, text(&activity.venue)),
                    (Field::ActivityAgreed, text(&agreed_text(&activity.terms, activity.places))),
                    (Field::ActivityTeacher, activity.teacher.and_then(|teacher| bytes(&teacher.0))),
                    (
                        Field::ActivityGroup,
                        activity.group.and_then(|(founder, group)| bytes(&[founder.0, group.0].concat())),
                    ),
                    (Field::ActivityPostedAt, number(activity.posted_at.0)),
                    (Field::ActivityCalledOffAt, activity.called_off_at.and_then(|at| number(at.0))),
                ],
            },
            Edit::PutGood(good) => Self {
                record: Some(RecordKey { kind: RecordKind::Good, id: good.id.0 }),
                values: vec![
                    (Field::GoodTitle, text(&good.title)),
                    (Field::GoodBody, text(&good.body)),
                    (Field::GoodPoints, number(good.points.0.into())),
                    (Field::GoodPieces, good.pieces.and_then(|pieces| number(pieces.into()))),
                    (Field::GoodEach, good.each.and_then(|each| number(each.into()))),
                    (Field::GoodUntil, good.until.and_then(|at| number(at.0))),
                    (Field::GoodTill, bytes(&good.till.0)),
                    (Field::GoodPutAt, number(good.put_at.0)),
                    (Field::GoodWithdrawnAt, good.withdrawn_at.and_then(|at| number(at.0))),
                ],
            },
            Edit::PutCare(CareRecord::Thanks(thanks)) => Self {
                record: Some(RecordKey { kind: RecordKind::Thanks, id: thanks.id.0 }),
                values: vec![
                    (Field::ThanksFor, text(&thanks_for_text(thanks))),
                    (Field::ThanksText, text(&thanks.text)),
                    (Field::ThanksAt, number(thanks.at.0)),
                    (Field::ThanksWithdrawnAt, thanks.withdrawn_at.and_then(|at| number(at.0))),
                ],
            },
            Edit::PutCare(CareRecord::Drive(drive)) => Self {
                record: Some(RecordKey { kind: RecordKind::Drive, id: drive.id.0 }),
                values: vec![
                    (Field::DriveTitle, text(&drive.title)),
                    (Field::DriveBody, text(&drive.body)),
                    (Field::DriveWants, text(&wants_text(drive))),
                    (Field::DrivePutAt, number(drive.put_at.0)),
                    (Field::DriveClosed, drive.closed.as_ref().and_then(|closed| text(&closed_text(closed)))),
                ],
            },
            Edit::PutCare(CareRecord::Pledge(pledge)) => Self {
                record: Some(RecordKey { kind: RecordKind::Pledge, id: pledge.id.0 }),
                values: vec![
                    (Field::PledgeTo, bytes(&[pledge.owner.0, pledge.drive.0].concat())),
                    (Field::PledgeSays, text(&pledge_text(pledge))),
                    (Field::PledgeAt, number(pledge.at.0)),
                ],
            },
            Edit::PutCare(CareRecord::Receipt(receipt)) => Self {
                record: Some(RecordKey { kind: RecordKind::Receipt, id: receipt.id.0 }),
                values: vec![
                    (Field::ReceiptOf, bytes(&[receipt.drive.0, receipt.donor.0].concat())),
                    (Field::ReceiptCount, number(receipt.count.into())),
                    (Field::ReceiptAt, number(receipt.at.0)),
                ],
            },
            Edit::PutGroup(group) => super::commons::group(group),
            Edit::PutJoining(joining) => super::commons::joining(joining),
            Edit::PutOwning(owning) => super::commons::owning(owning),
            Edit::PutStocktake(stocktake) => super::commons::stocktake(stocktake),
            Edit::PutResource(resource) => super::commons::resource(resource),
            Edit::PutCategory(category) => super::commons::category(category),
        }
    }

    /// Checks every value as the gate of a neighbour will, so that no own change is refused elsewhere.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        for (field, value) in &self.values {
            let value = match value {
                None => continue,
                Some(ScalarValue::Str(text)) => Scalar::Text(text),
                Some(ScalarValue::Uint(number)) => Scalar::Number(*number),
                Some(ScalarValue::Bytes(bytes)) => Scalar::Bytes(bytes),
                Some(_) => Scalar::Other,
            };
            // The plan itself chose the type, so only the domain can object.
            if let Err(ValueFault::Refused(refusal)) = field.check(value) {
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Writes what differs from what stands there. Tells whether anything did.
    pub(crate) fn write<T: automerge::transaction::Transactable>(
        self,
        to: &mut T,
    ) -> Result<bool, automerge::AutomergeError> {
        let before = to.pending_ops();
        let at = match self.record {
            None => ROOT,
            Some(key) => match to.get(ROOT, key.text())? {
                Some((automerge::Value::Object(ObjType::Map), map)) => map,
                _ => to.put_object(ROOT, key.text(), ObjType::Map)?,
            },
        };
        for (field, wanted) in self.values {
            let found = to.get(&at, field.key())?.and_then(|(value, _)| value.into_scalar().ok());
            match wanted {
                Some(value) if found.as_ref() != Some(&value) => to.put(&at, field.key(), value)?,
                None if found.is_some() => to.delete(&at, field.key())?,
                _ => (),
            }
        }
        Ok(to.pending_ops() > before)
    }
}
