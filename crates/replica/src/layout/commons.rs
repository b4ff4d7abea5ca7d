//! The fields of what a neighbourhood has beside offers and needs: groups and who is in them, what is owned together, stocktakes,
//! resources outside of the building, categories that were added.

use automerge::ScalarValue;
use kaifong_domain::commons::{AddedCategory, Group, Joining, Resource};
use kaifong_domain::kept::{Owning, Stocktake};
use kaifong_domain::sort::{class_name, class_of};
use kaifong_domain::{CategoryId, GroupId, Instant, ListingId, MemberId, Refusal, ResourceId, StocktakeId};

use super::reading::Fields;
use super::{Field, INSTANT_MAX, Plan, RecordKey, RecordKind, Scalar, ValueFault, ids_from};

/// One place for a scalar of such a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CommonsField {
    GroupName,
    GroupAbout,
    GroupMeets,
    GroupVenue,
    GroupFoundedAt,
    GroupClosedAt,
    JoiningFounder,
    JoiningAt,
    JoiningLeftAt,
    OwningKeeper,
    OwningAt,
    OwningLeftAt,
    StocktakeBy,
    StocktakeFound,
    StocktakeAt,
    ResourceName,
    ResourceAbout,
    ResourceContact,
    ResourceHours,
    ResourceMinutes,
    ResourcePutAt,
    ResourceOverAt,
    CategorySays,
    CategoryPutAt,
    CategoryOverAt,
}

use CommonsField::*;

pub(super) const GROUP: &[Field] = &[
    Field::Commons(GroupName),
    Field::Commons(GroupAbout),
    Field::Commons(GroupMeets),
    Field::Commons(GroupVenue),
    Field::Commons(GroupFoundedAt),
    Field::Commons(GroupClosedAt),
];
pub(super) const JOINING: &[Field] =
    &[Field::Commons(JoiningFounder), Field::Commons(JoiningAt), Field::Commons(JoiningLeftAt)];
pub(super) const OWNING: &[Field] =
    &[Field::Commons(OwningKeeper), Field::Commons(OwningAt), Field::Commons(OwningLeftAt)];
pub(super) const STOCKTAKE: &[Field] =
    &[Field::Commons(StocktakeBy), Field::Commons(StocktakeFound), Field::Commons(StocktakeAt)];
pub(super) const RESOURCE: &[Field] = &[
    Field::Commons(ResourceName),
    Field::Commons(ResourceAbout),
    Field::Commons(ResourceContact),
    Field::Commons(ResourceHours),
    Field::Commons(ResourceMinutes),
    Field::Commons(ResourcePutAt),
    Field::Commons(ResourceOverAt),
];
pub(super) const CATEGORY: &[Field] =
    &[Field::Commons(CategorySays), Field::Commons(CategoryPutAt), Field::Commons(CategoryOverAt)];

const KEYS: [(&str, CommonsField); 25] = [
    ("group", GroupName),
    ("group_about", GroupAbout),
    ("group_meets", GroupMeets),
    ("group_venue", GroupVenue),
    ("founded_at", GroupFoundedAt),
    ("group_closed_at", GroupClosedAt),
    ("founder", JoiningFounder),
    ("joined_at", JoiningAt),
    ("quit_at", JoiningLeftAt),
    ("keeper", OwningKeeper),
    ("owned_at", OwningAt),
    ("disowned_at", OwningLeftAt),
    ("counted_by", StocktakeBy),
    ("counted", StocktakeFound),
    ("counted_at", StocktakeAt),
    ("outside", ResourceName),
    ("outside_about", ResourceAbout),
    ("outside_contact", ResourceContact),
    ("outside_hours", ResourceHours),
    ("outside_minutes", ResourceMinutes),
    ("outside_at", ResourcePutAt),
    ("outside_over_at", ResourceOverAt),
    ("category_says", CategorySays),
    ("category_at", CategoryPutAt),
    ("category_over_at", CategoryOverAt),
];

impl CommonsField {
    pub(super) fn parse(key: &str) -> Option<Self> {
        KEYS.iter().find(|(known, _)| *known == key).map(|(_, field)| *field)
    }

    pub(super) fn key(self) -> &'static str {
        KEYS.iter().find(|(_, field)| *field == self).map_or("", |(key, _)| key)
    }

    pub(super) fn kind(self) -> RecordKind {
        match self {
            GroupName | GroupAbout | GroupMeets | GroupVenue | GroupFoundedAt | GroupClosedAt => RecordKind::Group,
            JoiningFounder | JoiningAt | JoiningLeftAt => RecordKind::Joining,
            OwningKeeper | OwningAt | OwningLeftAt => RecordKind::Owning,
            StocktakeBy | StocktakeFound | StocktakeAt => RecordKind::Stocktake,
            ResourceName | ResourceAbout | ResourceContact | ResourceHours | ResourceMinutes | ResourcePutAt
            | ResourceOverAt => RecordKind::Resource,
            CategorySays | CategoryPutAt | CategoryOverAt => RecordKind::Category,
        }
    }

    pub(super) fn is_optional(self) -> bool {
        matches!(self, GroupClosedAt | JoiningLeftAt | OwningLeftAt | ResourceMinutes | ResourceOverAt | CategoryOverAt)
    }

    /// Checks a value by putting it into an otherwise faultless record and asking the domain.
    pub(super) fn check(self, value: Scalar<'_>) -> Result<(), ValueFault> {
        match (self, value) {
            (GroupName, Scalar::Text(s)) => Group { name: s.into(), ..faultless_group() }.check()?,
            (GroupAbout, Scalar::Text(s)) => Group { about: s.into(), ..faultless_group() }.check()?,
            (GroupMeets, Scalar::Text(s)) => Group { meets: s.into(), ..faultless_group() }.check()?,
            (GroupVenue, Scalar::Text(s)) => Group { venue: s.into(), ..faultless_group() }.check()?,
            (ResourceName, Scalar::Text(s)) => Resource { name: s.into(), ..faultless_resource() }.check()?,
            (ResourceAbout, Scalar::Text(s)) => Resource { about: s.into(), ..faultless_resource() }.check()?,
            (ResourceContact, Scalar::Text(s)) => Resource { contact: s.into(), ..faultless_resource() }.check()?,
            (ResourceHours, Scalar::Text(s)) => Resource { hours: s.into(), ..faultless_resource() }.check()?,
            (ResourceMinutes, Scalar::Number(n)) => {
                let minutes = Some(u16::try_from(n).unwrap_or(u16::MAX));
                Resource { minutes, ..faultless_resource() }.check()?;
            }
            (CategorySays, Scalar::Text(s)) => {
                let (class, name) = says_from(s).ok_or(ValueFault::Type)?;
                let (id, put_at) = (CategoryId([0; 16]), Instant(0));
                AddedCategory { id, class, name, put_at, withdrawn_at: None }.check()?;
            }
            (StocktakeBy, Scalar::Text(s)) => Stocktake { by: s.into(), ..faultless_stocktake() }.check()?,
            (StocktakeFound, Scalar::Bytes(bytes)) => {
                let found = ids_from(bytes).ok_or(ValueFault::Type)?.into_iter().map(ListingId).collect();
                Stocktake { found, ..faultless_stocktake() }.check()?;
            }
            (JoiningFounder | OwningKeeper, Scalar::Bytes(bytes)) if bytes.len() == 16 => (),
            (
                GroupFoundedAt | GroupClosedAt | JoiningAt | JoiningLeftAt | OwningAt | OwningLeftAt | StocktakeAt
                | ResourcePutAt | ResourceOverAt | CategoryPutAt | CategoryOverAt,
                Scalar::Number(n),
            ) => {
                if n > INSTANT_MAX {
                    let most = i64::try_from(INSTANT_MAX).unwrap_or(i64::MAX);
                    return Err(Refusal::OutOfRange { field: self.key(), least: 0, most }.into());
                }
            }
            _ => return Err(ValueFault::Type),
        }
        Ok(())
    }
}

/// Writes the class and the name: `leisure 渔具`.
fn says_text(category: &AddedCategory) -> String {
    format!("{} {}", class_name(category.class), category.name)
}

/// Reads what [`says_text`] has written.
fn says_from(text: &str) -> Option<(u8, String)> {
    let (class, name) = text.split_once(' ')?;
    Some((class_of(class)?, name.to_owned()))
}

fn plan(kind: RecordKind, id: [u8; 16], values: Vec<(CommonsField, Option<ScalarValue>)>) -> Plan {
    let values = values.into_iter().map(|(field, value)| (Field::Commons(field), value)).collect();
    Plan { record: Some(RecordKey { kind, id }), values }
}

fn text(text: &str) -> Option<ScalarValue> {
    Some(ScalarValue::Str(text.into()))
}

fn at(instant: Instant) -> Option<ScalarValue> {
    Some(ScalarValue::Uint(instant.0))
}

pub(super) fn group(group: &Group) -> Plan {
    plan(
        RecordKind::Group,
        group.id.0,
        vec![
            (GroupName, text(&group.name)),
            (GroupAbout, text(&group.about)),
            (GroupMeets, text(&group.meets)),
            (GroupVenue, text(&group.venue)),
            (GroupFoundedAt, at(group.founded_at)),
            (GroupClosedAt, group.closed_at.and_then(at)),
        ],
    )
}

pub(super) fn joining(joining: &Joining) -> Plan {
    plan(
        RecordKind::Joining,
        joining.group.0,
        vec![
            (JoiningFounder, Some(ScalarValue::Bytes(joining.founder.0.to_vec()))),
            (JoiningAt, at(joining.at)),
            (JoiningLeftAt, joining.left_at.and_then(at)),
        ],
    )
}

/// Writes ids one after the other, as they stand in order; nothing for none.
pub(super) fn ids<'a>(ids: impl Iterator<Item = &'a [u8; 16]>) -> Option<ScalarValue> {
    let bytes: Vec<u8> = ids.flatten().copied().collect();
    (!bytes.is_empty()).then_some(ScalarValue::Bytes(bytes))
}

pub(super) fn owning(owning: &Owning) -> Plan {
    plan(
        RecordKind::Owning,
        owning.listing.0,
        vec![
            (OwningKeeper, Some(ScalarValue::Bytes(owning.keeper.0.to_vec()))),
            (OwningAt, at(owning.at)),
            (OwningLeftAt, owning.left_at.and_then(at)),
        ],
    )
}

pub(super) fn stocktake(stocktake: &Stocktake) -> Plan {
    plan(
        RecordKind::Stocktake,
        stocktake.id.0,
        vec![
            (StocktakeBy, text(&stocktake.by)),
            (StocktakeFound, ids(stocktake.found.iter().map(|listing| &listing.0))),
            (StocktakeAt, at(stocktake.at)),
        ],
    )
}

pub(super) fn resource(resource: &Resource) -> Plan {
    plan(
        RecordKind::Resource,
        resource.id.0,
        vec![
            (ResourceName, text(&resource.name)),
            (ResourceAbout, text(&resource.about)),
            (ResourceContact, text(&resource.contact)),
            (ResourceHours, text(&resource.hours)),
            (ResourceMinutes, resource.minutes.map(|minutes| ScalarValue::Uint(minutes.into()))),
            (ResourcePutAt, at(resource.put_at)),
            (ResourceOverAt, resource.withdrawn_at.and_then(at)),
        ],
    )
}

pub(super) fn category(category: &AddedCategory) -> Plan {
    plan(
        RecordKind::Category,
        category.id.0,
        vec![
            (CategorySays, text(&says_text(category))),
            (CategoryPutAt, at(category.put_at)),
            (CategoryOverAt, category.withdrawn_at.and_then(at)),
        ],
    )
}

impl Fields {
    pub(super) fn group(&self, id: [u8; 16]) -> Option<Group> {
        Some(Group {
            id: GroupId(id),
            name: self.text(Field::Commons(GroupName))?,
            about: self.text(Field::Commons(GroupAbout))?,
            meets: self.text(Field::Commons(GroupMeets))?,
            venue: self.text(Field::Commons(GroupVenue))?,
            founded_at: self.instant(Field::Commons(GroupFoundedAt))?,
            closed_at: self.instant(Field::Commons(GroupClosedAt)),
        })
    }

    pub(super) fn joining(&self, id: [u8; 16]) -> Option<Joining> {
        Some(Joining {
            group: GroupId(id),
            founder: MemberId(self.bytes(Field::Commons(JoiningFounder))?),
            at: self.instant(Field::Commons(JoiningAt))?,
            left_at: self.instant(Field::Commons(JoiningLeftAt)),
        })
    }

    pub(super) fn owning(&self, id: [u8; 16]) -> Option<Owning> {
        Some(Owning {
            listing: ListingId(id),
            keeper: MemberId(self.bytes(Field::Commons(OwningKeeper))?),
            at: self.instant(Field::Commons(OwningAt))?,
            left_at: self.instant(Field::Commons(OwningLeftAt)),
        })
    }

    pub(super) fn stocktake(&self, id: [u8; 16]) -> Option<Stocktake> {
        Some(Stocktake {
            id: StocktakeId(id),
            at: self.instant(Field::Commons(StocktakeAt))?,
            by: self.text(Field::Commons(StocktakeBy))?,
            found: self.ids(Field::Commons(StocktakeFound))?.into_iter().map(ListingId).collect(),
        })
    }

    pub(super) fn resource(&self, id: [u8; 16]) -> Option<Resource> {
        Some(Resource {
            id: ResourceId(id),
            name: self.text(Field::Commons(ResourceName))?,
            about: self.text(Field::Commons(ResourceAbout))?,
            contact: self.text(Field::Commons(ResourceContact))?,
            hours: self.text(Field::Commons(ResourceHours))?,
            minutes: self.number(Field::Commons(ResourceMinutes)).and_then(|n| u16::try_from(n).ok()),
            put_at: self.instant(Field::Commons(ResourcePutAt))?,
            withdrawn_at: self.instant(Field::Commons(ResourceOverAt)),
        })
    }

    pub(super) fn category(&self, id: [u8; 16]) -> Option<AddedCategory> {
        let (class, name) = says_from(&self.text(Field::Commons(CategorySays))?)?;
        Some(AddedCategory {
            id: CategoryId(id),
            class,
            name,
            put_at: self.instant(Field::Commons(CategoryPutAt))?,
            withdrawn_at: self.instant(Field::Commons(CategoryOverAt)),
        })
    }
}

fn faultless_group() -> Group {
    let (about, meets, venue) = Default::default();
    let (id, founded_at) = (GroupId([0; 16]), Instant(0));
    Group { id, name: String::from("x"), about, meets, venue, founded_at, closed_at: None }
}

fn faultless_stocktake() -> Stocktake {
    let (id, found) = (StocktakeId([0; 16]), vec![ListingId([0; 16])]);
    Stocktake { id, at: Instant(0), by: String::from("x"), found }
}

fn faultless_resource() -> Resource {
    Resource {
        id: ResourceId([0; 16]),
        name: String::from("x"),
        about: String::from("x"),
        contact: String::new(),
        hours: String::new(),
        minutes: None,
        put_at: Instant(0),
        withdrawn_at: None,
    }
}
