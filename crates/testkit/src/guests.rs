//! Neighbours who invite each other, sign up, come or stay away, and pay what they agreed to.

use kaifong_domain::activity::{ActivityKey, ActivityTerms, Payee};
use kaifong_domain::{Instant, MemberId, Points};
use kaifong_node::{ActivityCommand, ActivityDraft, Command, Home};

use crate::device::Wish;
use crate::dice::Dice as _;

type Dicer = rand_chacha::ChaCha8Rng;

const HOUR_MS: u64 = 3600 * 1000;

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
