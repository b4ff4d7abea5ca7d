//! The community fund in a simulated building: the founder gives to two treasurers, who grant, apart or together, what
//! neighbours have done; others agree to what is above the limit, and some give points back.

use std::collections::BTreeMap;

use kaifong_domain::fund::{Act, Fund, Purpose};
use kaifong_domain::{MemberId, Points};
use kaifong_node::{Command, EpochDraft, FundCommand, FundDraft, Home};
use kaifong_trust::entry::{MemberKind, Role};

use crate::device::Wish;
use crate::dice::Dice;
use crate::world::World;

type Dicer = rand_chacha::ChaCha8Rng;

/// What the founder decides about the fund while the building is being founded.
pub(crate) fn provide(home: &Home, dice: &mut Dicer) -> Option<(Wish, Command)> {
    let (roster, now) = (home.roster(), home.roster().now());
    let people = roster.members().filter(|(_, member)| member.kind == MemberKind::Person && !member.devices.is_empty());
    // Whose journal is not here yet could be given nothing.
    let opened = |id: &MemberId| home.journals().journals().any(|journal| journal.member == *id);
    let treasurers: Vec<MemberId> = people.map(|(id, _)| *id).filter(opened).take(2).collect();
    let lacks = treasurers.iter().any(|member| !now.roles.contains(&(*member, Role::Treasurer)));
    if treasurers.len() < 2 || !(lacks || now.fund == Fund::default() || dice.chance(100)) {
        return None;
    }
    let mut roles = now.roles.clone();
    roles.extend(treasurers.iter().map(|member| (*member, Role::Treasurer)));
    let given = |member: &MemberId| {
        let theirs = now.fund.budgets.iter().filter(|(journal, _)| home.keeper_of(journal) == Some(*member));
        theirs.map(|(_, points)| points).sum::<u64>()
    };
    let budgets = treasurers.iter().map(|member| (*member, given(member) + dice.between(30, 150))).collect();
    let fund = FundDraft {
        starter: Points(15),
        alone: Points(30),
        quota: Points(60),
        rates: BTreeMap::from([(Act::Shift, Points(10)), (Act::Hour, Points(7))]),
        budgets,
    };
    let draft = EpochDraft { roles: Some(roles), fund: Some(fund), ..EpochDraft::default() };
    Some((Wish::Said("gives to the fund's treasurers"), Command::DraftEpoch(draft)))
}

/// What somebody does with the fund.
pub(crate) fn deal_with(home: &Home, me: MemberId, dice: &mut Dicer) -> Option<(Wish, Command)> {
    let lists = home.grant_lists();
    let done = |said, command| Some((Wish::Said(said), Command::Fund(command)));
    let waiting: Vec<_> = lists.iter().filter(|list| !list.unlisted && home.may_second(list, &me)).collect();
    if dice.chance(600)
        && let Some(list) = dice.pick(&waiting)
    {
        return done("agrees to grants", FundCommand::Second { list: list.list });
    }
    if !home.is_treasurer(&me) || dice.chance(150) {
        return done("gives to the fund", FundCommand::Give { points: Points(dice.between(0, 20) as u32) });
    }
    let own: Vec<_> = lists.iter().filter(|list| list.treasurer == me && !list.unlisted).collect();
    if dice.chance(60)
        && let Some(list) = dice.pick(&own)
    {
        return done("takes grants back", FundCommand::Unlist { list: list.list });
    }
    let members: Vec<MemberId> = home.roster().members().map(|(id, _)| *id).collect();
    let member = *dice.pick(&members)?;
    let act = *dice.pick(&[Act::Shift, Act::Hour])?;
    match dice.below(6) {
        0 => done(
            "lists opening balances",
            FundCommand::ListOpenings { lines: vec![(member, Points(dice.between(0, 90) as u32))] },
        ),
        1 => done("welcomes somebody", FundCommand::Grant { member, purpose: Purpose::Starter }),
        _ => {
            let purpose = Purpose::Act { act, day: dice.below(3) as u32, times: dice.between(0, 6) as u16 };
            done("grants", FundCommand::Grant { member, purpose })
        }
    }
}

impl World {
    /// Checks that no honest treasurer's journal has granted more than it was given, as far as this device knows (I4).
    pub(crate) fn check_fund(&mut self, device: usize) {
        let Some(home) = self.devices.get(device).and_then(|at| at.node.as_ref()).and_then(|node| node.home()) else {
            return;
        };
        let honest = |id| self.devices.iter().any(|at| at.id() == id && at.is_honest());
        let journals = home.journals().journals().filter(|journal| journal.open.is_fund() && honest(journal.device));
        let rights = |journal: &kaifong_trust::journals::Journal| {
            let tip = journal.tips().first().filter(|_| journal.forked_at().is_none())?;
            home.ledger().standing(tip).map(|standing| (journal.member, standing.rights))
        };
        let below = journals.filter_map(rights).find(|(_, rights)| *rights < 0);
        if let Some((keeper, rights)) = below {
            let name = self.name(device).to_owned();
            self.fail("I4", || format!("on {name} the fund's journal of the honest {} has {rights}", keeper.short()));
        }
    }
}
