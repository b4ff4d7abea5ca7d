//! What people do about their devices: close one that is lost, change to another, keep a sheet in a drawer and come back
//! with it, or ask two reviewers; and what they say of a building that was founded anew.

use std::collections::BTreeSet;

use kaifong_domain::charter::Charter;
use kaifong_domain::{DeviceId, EntryHash, Instant, MemberId, Points};
use kaifong_node::{Application, Command, Home, Node};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::{Basis, Body, Genesis, MemberKind, Role, SealKey};
use kaifong_trust::invite::Code;
use kaifong_trust::refounding::{Following, Refounding, nonce_after};

use crate::device::{Device, Wish};
use crate::dice::Dice;
use crate::world::World;

impl World {
    /// Gives something that somebody does about devices, if there is something to do.
    pub(crate) fn device_command(&mut self, device: usize, me: MemberId) -> Option<(Wish, Command)> {
        let owner = self.devices.get(device)?.owner;
        let home = self.devices.get(device)?.node.as_ref()?.home()?;
        let own = self.devices.iter().filter(|at| {
            let known = home.roster().settled(&at.id());
            at.owner == owner && known.is_some_and(|known| known.member == me)
        });
        let others: Vec<(DeviceId, bool)> =
            own.filter(|at| Some(at.id()) != self.id_of(device)).map(|at| (at.id(), at.gone)).collect();
        let lost = others.iter().find(|(_, gone)| *gone).map(|(id, _)| *id);
        if !self.sheets.contains_key(&owner) && self.dice.chance(600) {
            return Some((Wish::Sheet, Command::MakeSheet));
        }
        match self.dice.below(10) {
            0 if self.dice.chance(200) => Some((Wish::Sheet, Command::MakeSheet)),
            1..6 if lost.is_some() => {
                Some((Wish::Said("closes the lost phone"), Command::CloseDevice { device: lost?, disown: true }))
            }
            6 if self.dice.chance(300) => {
                let (device, _) = *self.dice.pick(&others)?;
                Some((Wish::Said("closes another device"), Command::CloseDevice { device, disown: false }))
            }
            7 if self.dice.chance(300) => {
                let (to, _) = *self.dice.pick(&others)?;
                Some((Wish::Said("changes to another device"), Command::ChangeDevice { to }))
            }
            7 if self.dice.chance(500) => self.move_points(&others),
            8 => self.close_at_the_desk(device),
            0..4 => self.hand_points_over(device, me),
            9 => self.speak_of_founding_anew(device, me),
            _ => self.reapprove(device, me),
        }
    }

    fn id_of(&self, device: usize) -> Option<DeviceId> {
        self.devices.get(device).map(Device::id)
    }

    /// Whoever has lost a phone and has a sheet asks a neighbour to close everything with it.
    fn close_at_the_desk(&mut self, device: usize) -> Option<(Wish, Command)> {
        let robbed = |owner: &&usize| self.devices.iter().any(|at| at.owner == **owner && at.gone);
        let robbed: Vec<usize> = self.sheets.keys().filter(robbed).copied().collect();
        let owner = *self.dice.pick(&robbed)?;
        if self.devices.get(device)?.owner == owner || !self.dice.chance(200) {
            return None;
        }
        let sheet = self.sheets.get(&owner)?.clone();
        Some((Wish::Said("closes a neighbour's devices by their sheet"), Command::CloseBySheet { sheet }))
    }

    /// A reviewer takes up another one's word for a neighbour who has come back.
    fn reapprove(&mut self, device: usize, me: MemberId) -> Option<(Wish, Command)> {
        let node = self.devices.get(device)?.node.as_ref()?;
        let home = node.home()?;
        if !home.roster().held(&home.roster().newest_epoch(), &me, Role::Reviewer) {
            return None;
        }
        let members = home.roster().members().map(|(member, _)| *member).filter(|member| *member != me);
        let waits = |member: &MemberId| {
            home.journals().reapprovals(member).iter().any(|asked| !asked.is_decided() && !asked.by.contains(&me))
        };
        let asked: Vec<MemberId> = members.filter(waits).collect();
        let member = *self.dice.pick(&asked)?;
        let waiting: BTreeSet<DeviceId> = node.requests().iter().map(|request| request.device).collect();
        let new = home.journals().reapprovals(&member).iter().rev().find(|asked| !asked.is_decided())?.new?;
        let device = waiting.contains(&new.device).then_some(new.device)?;
        Some((Wish::Said("seconds a coming back"), Command::Reapprove { member, device: Some(device) }))
    }

    /// A reviewer hands over what a neighbour's closed device has left.
    fn hand_points_over(&mut self, device: usize, me: MemberId) -> Option<(Wish, Command)> {
        let home = self.devices.get(device)?.node.as_ref()?.home()?;
        if !home.roster().held(&home.roster().newest_epoch(), &me, Role::Reviewer) {
            return None;
        }
        let rows = home.stranded_of_all().into_iter().filter(|row| row.wants(&me));
        let members: BTreeSet<MemberId> = rows.map(|row| row.member).collect();
        let member = *self.dice.pick(&members.into_iter().collect::<Vec<_>>())?;
        Some((Wish::Said("hands a closed device's points over"), Command::HandPointsOver { member }))
    }

    /// Somebody moves points to another device of theirs.
    fn move_points(&mut self, others: &[(DeviceId, bool)]) -> Option<(Wish, Command)> {
        let (device, _) = *self.dice.pick(others)?;
        let points = Points(self.dice.between(0, 60) as u32);
        Some((Wish::Said("moves points to another device"), Command::MovePoints { device, points }))
    }

    /// Somebody says that they have founded the building anew, or that they follow.
    fn speak_of_founding_anew(&mut self, device: usize, me: MemberId) -> Option<(Wish, Command)> {
        if !self.dice.chance(150) {
            return None;
        }
        let home = self.devices.get(device)?.node.as_ref()?.home()?;
        let old = home.id();
        let told: Vec<_> = home.journals().refoundings().into_keys().collect();
        if let Some(refounding) = self.dice.pick(&told).copied()
            && self.dice.chance(700)
        {
            let following = Following { refounding, device: DeviceKey::from_seed(self.dice.seed()).id() };
            return Some((Wish::Said("follows into another building"), Command::Follow(following)));
        }
        let genesis = Genesis {
            name: "红叶又一村".into(),
            founded_at: Instant(self.now_ms),
            founder_seal: SealKey([9; 32]),
            charter: Charter::default(),
            nonce: nonce_after(&old, &me),
        };
        let genesis = DeviceKey::from_seed(self.dice.seed()).sign(genesis).signed().clone();
        let refounding = Refounding { genesis, invite: Code::generate(&mut self.dice) };
        Some((Wish::Said("founds the building anew"), Command::Refound(refounding)))
    }

    /// A further device whose owner has no other one in hand comes back with the sheet, or knocks like a newcomer.
    pub(crate) fn come_back(&mut self, device: usize, application: Application) {
        let owner = self.devices.get(device).map_or(0, |at| at.owner);
        let lost = self.devices.iter().any(|at| at.owner == owner && at.gone);
        if !lost || !self.plan.changing {
            return;
        }
        match self.sheets.get(&owner).cloned() {
            Some(sheet) => {
                let said = "comes back with the sheet";
                self.command(device, Wish::Said(said), Command::Recover { way: application.way, sheet });
            }
            None => self.command(device, Wish::Said("asks to be let in again"), Command::Apply(Box::new(application))),
        }
    }

    /// Gives a device that knocks at a reviewer's, and the neighbour whom they know again.
    pub(crate) fn knocks_again(&self, device: usize) -> Option<(DeviceId, MemberId)> {
        let node = self.devices.get(device)?.node.as_ref()?;
        let (me, home) = (node.me()?, node.home()?);
        if !home.roster().held(&home.roster().newest_epoch(), &me, Role::Reviewer) {
            return None;
        }
        node.requests().iter().find_map(|request| {
            let place = self.devices.iter().position(|at| at.id() == request.device)?;
            let member = self.neighbour_of(home, place).filter(|member| *member != me)?;
            // Said once is enough.
            let said = home.journals().reapprovals(&member);
            let said = said
                .iter()
                .any(|asked| asked.by.contains(&me) && asked.new.is_some_and(|new| new.device == request.device));
            (!said).then_some((request.device, member))
        })
    }

    /// Gives the neighbour whose device knocks: known by the other devices that they have had.
    fn neighbour_of(&self, home: &Home, place: usize) -> Option<MemberId> {
        let owner = self.devices.get(place)?.owner;
        let theirs = self.devices.iter().filter(|at| at.owner == owner);
        theirs.filter_map(|at| home.roster().device(&at.id())).map(|device| device.member).next()
    }

    /// Tells whether a device was closed, as anybody here has heard: it is a neighbour's no longer, what it had not handed
    /// on may stay with it, and it need not hear what the others hear.
    pub(crate) fn is_closed(&self, device: &Device) -> bool {
        let id = device.id();
        let mut homes = self.nodes().filter_map(|(_, _, node)| node.home());
        homes.any(|home: &Home| home.roster().is_shut(&id))
    }
}

impl World {
    /// Tells whether a device came in by the word of one that was closed and has not heard of it: to others it may be a
    /// stranger, and who hands strangers nothing cannot tell it so. Whoever has heard of it and is still a neighbour's is one
    /// to everybody.
    pub(crate) fn was_let_in_by_a_closed_one(&self, device: &Device) -> bool {
        let Some(home) = device.node.as_ref().and_then(Node::home) else { return false };
        let basis = home.roster().device(&device.id()).map(|known| known.basis);
        let Some(Basis::Certificate(word) | Basis::Link(word) | Basis::Recover(word) | Basis::Reapprove(word)) = basis
        else {
            return false;
        };
        let entry = |hash: &EntryHash| home.journals().entry(hash);
        let seconds = entry(&word).and_then(|entry| match &entry.value().body {
            Body::Reapprove(approval) => approval.seconds,
            _ => None,
        });
        let words = [Some(word), seconds].into_iter().flatten();
        let signers: Vec<DeviceId> = words.filter_map(|word| Some(entry(&word)?.signer())).collect();
        let unheard_of = |at: &Device| self.is_closed(at) && !home.roster().is_shut(&at.id());
        self.devices.iter().any(|at| signers.contains(&at.id()) && unheard_of(at))
    }
}

/// Which kind of household asks to be let in.
pub(crate) fn kind_of(desk: bool) -> MemberKind {
    if desk { MemberKind::Desk } else { MemberKind::Person }
}

/// Gives the members whose role as reviewers somebody could take away: not one's own, and somebody has to be left.
pub(crate) fn could_stop_reviewing(node: &Node) -> Vec<MemberId> {
    let Some(now) = node.home().map(|home| home.roster().now()) else { return Vec::new() };
    let reviewers = now.roles.iter().filter(|(_, role)| *role == Role::Reviewer).map(|(member, _)| *member);
    let mut others: Vec<MemberId> = reviewers.filter(|member| Some(*member) != node.me()).collect();
    if !now.is_founding() && others.len() == now.roles.iter().filter(|(_, role)| *role == Role::Reviewer).count() {
        others.pop();
    }
    others
}
