//! Slips of paper in a simulated building: desks and volunteers enter them, apart or together and now and then one twice or
//! otherwise; who is said to thank pays them, or says that they are none of theirs.

use kaifong_domain::slip::{Slip, SlipNumber};
use kaifong_domain::{Instant, MemberId, Points};
use kaifong_node::{Command, Home, SlipCommand};

use crate::device::Wish;
use crate::dice::Dice;

const DAY_MS: u64 = 24 * 3600 * 1000;
/// So few numbers are drawn that one slip is often entered at two desks.
const NUMBERS: u64 = 12;

/// What somebody does with slips.
pub(crate) fn deal_with(
    home: &Home,
    me: MemberId,
    now: Instant,
    dice: &mut rand_chacha::ChaCha8Rng,
) -> Option<(Wish, Command)> {
    let done = |said, command| Some((Wish::Said(said), Command::Slip(command)));
    let numbers: Vec<_> = home.slips().of_payer(&me).collect();
    let own: Vec<_> = numbers
        .iter()
        .flat_map(|number| home.slips().versions(number))
        .filter(|(slip, version)| slip.payer == me && version.is_open())
        .flat_map(|(_, version)| version.entered.keys().copied())
        .collect();
    if dice.chance(500)
        && let Some(slip) = dice.pick(&own).copied()
    {
        let pays = dice.chance(700);
        let said = if pays { "pays a slip" } else { "says that a slip is not theirs" };
        return done(said, if pays { SlipCommand::Pay { slip } } else { SlipCommand::Disown { slip } });
    }
    if !home.may_enter_slips(&me) {
        return None;
    }
    let members: Vec<MemberId> = home.roster().members().map(|(id, _)| *id).collect();
    let (payer, payee) = (*dice.pick(&members)?, *dice.pick(&members)?);
    let (number, points) = (SlipNumber::drawn(dice.below(NUMBERS)), Points(dice.between(0, 30) as u32));
    let day = u32::try_from(now.0 / DAY_MS).unwrap_or(u32::MAX);
    done("enters a slip", SlipCommand::Enter(Slip { number, payer, payee, points, day }))
}
