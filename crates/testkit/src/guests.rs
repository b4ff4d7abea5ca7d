//! Neighbours who invite each other, sign up, come or stay away, and pay what they agreed to.

use kaifong_domain::activity::{ActivityKey, ActivityTerms, Payee};
use kaifong_domain::record::{Kind, Listing, Side};
use kaifong_domain::sort::Form;
use kaifong_domain::space::Slot;
use kaifong_domain::{Instant, MemberId, Points};
use kaifong_node::{ActivityCommand, ActivityDraft, Command, CommonsCommand, Draft, Home, SpaceCommand};

use crate::device::Wish;
use crate::dice::Dice as _;

type Dicer = rand_chacha::ChaCha8Rng;

const HOUR_MS: u64 = 3600 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Somebody offers a room, asks for one by the hour or for a thing for days to come, or answers who does; founds a group or
/// joins one.
pub(crate) fn space(home: &Home, me: MemberId, now: Instant, dice: &mut Dicer) -> (Wish, Command) {
    // A space that is looked for can be booked by nobody, and is asked for all the same.
    let is_one = |listing: &Listing| listing.is_bookable() || listing.kind == Some(Kind::Space);
    let spaces: Vec<_> = home.board().listings().filter(|row| is_one(&row.listing)).collect();
    let others: Vec<_> = spaces.iter().filter(|row| row.owner != me).collect();
    let bookings = home.space_bookings();
    let asked: Vec<_> = spaces.iter().filter(|row| row.owner == me).flat_map(|row| bookings.of(&row.key())).collect();
    let mine: Vec<_> = bookings.by(&me).collect();
    let groups: Vec<_> = home.board().commons().groups().map(|(key, _)| *key).collect();
    let command = match (dice.below(10), dice.pick(&others), dice.pick(&asked), dice.pick(&mine), dice.pick(&groups)) {
        (0..=3, Some(row), ..) => {
            // Few hours of one day, or few days, so that they are asked for by several.
            let unit = if row.listing.lends() { DAY_MS } else { HOUR_MS };
            let starts_at = Instant((now.0 / DAY_MS + 1) * DAY_MS + dice.below(6) * unit);
            let ends_at = Instant(starts_at.0 + (1 + dice.below(3)) * unit);
            let slot = match row.listing.lends() {
                true => Slot::of_thing(starts_at, ends_at),
                false => Slot { starts_at, ends_at, purpose: Form::Culture, people: 6 },
            };
            Command::Space(SpaceCommand::Ask { key: row.key(), slot })
        }
        (4..=6, _, Some(row), ..) => Command::Space(SpaceCommand::Grant { booking: row.id() }),
        (7, _, Some(row), ..) => Command::Space(SpaceCommand::Decline { booking: row.id() }),
        (8, _, _, Some(row), _) => Command::Space(SpaceCommand::Cancel { booking: row.id() }),
        (9, .., Some(key)) => Command::Commons(CommonsCommand::Join { key: *key }),
        (9, ..) => {
            let (about, meets, venue) = Default::default();
            Command::Commons(CommonsCommand::Found { name: "棋友会".into(), about, meets, venue })
        }
        _ => Command::Post(Draft {
            kind: Some(Kind::Space),
            form: Some(Form::Culture),
            ..Draft::of(Side::Offer, "活动室")
        }),
    };
    (Wish::Said("does something about a space or a group"), command)
}

/// Somebody announces something, signs up for it, changes their mind, pays, or says who came.
pub(crate) fn activity(home: &Home, me: MemberId, now: Instant, dice: &mut Dicer) -> (Wish, Command) {
    let keys: Vec<ActivityKey> = home.board().activities().map(|(key, _)| *key).collect();
    let (mine, others): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.0 == me);
    let booked: Vec<ActivityKey> = home.bookings().by(&me).map(|row| row.key()).collect();
    let command = match (dice.below(8), dice.pick(&mine), dice.pick(&others), dice.pick(&booked)) {
        (0..=2, _, Some(key), _) => ActivityCommand::Book { key: *key },
        (3, _, _, Some(key)) => ActivityCommand::Cancel { key: *key },
        (4, _, _, Some(key)) => ActivityCommand::Pay { key: *key },
        (5, _, _, Some(key)) => ActivityCommand::Contest { key: *key },
        (6, Some(key), _, _) => {
            let guests: Vec<MemberId> = home.bookings().guests(key).into_iter().map(|row| row.by).collect();
            match dice.pick(&guests) {
                Some(member) => ActivityCommand::Attend { activity: key.1, member: *member, came: dice.chance(600) },
                None => ActivityCommand::CallOff { activity: key.1 },
            }
        }
        _ => ActivityCommand::Announce(Box::new(draft(now, dice))),
    };
    (Wish::Said("does something about an activity"), Command::Activity(command))
}

fn draft(now: Instant, dice: &mut Dicer) -> ActivityDraft {
    let starts_at = Instant(now.0 + dice.between(1, 2 * HOUR_MS));
    let (cost, no_show) = (Points(dice.between(0, 6) as u32), Points(0));
    ActivityDraft {
        title: "下棋".into(),
        body: String::new(),
        venue: "榕树下".into(),
        terms: ActivityTerms { starts_at, hours: 2, cost, to: Payee::Host, no_show },
        places: dice.chance(500).then(|| dice.between(1, 3) as u16),
        teacher: None,
        group: None,
    }
}
