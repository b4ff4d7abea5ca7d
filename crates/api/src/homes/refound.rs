//! Founding a building anew, and following: what concerns two homes of this device at once (rule M3).
//!
//! Each of these can be asked again after it broke off half-way: it goes on where it stands.

use std::collections::BTreeMap;

use kaifong_domain::record::Profile;
use kaifong_domain::{BuildingId, DeviceId, MemberId, Refusal};
use kaifong_node::trust::invite::{Door, Ticket};
use kaifong_node::trust::refounding::{Following, Refounded, Refounding};
use kaifong_node::{Application, Command, Done, Draft, Node, Way};
use serde_json::Value;

use super::{Installation, open_row, rows, unknown};
use crate::dto::*;
use crate::table::{Answer, Host, Row, answer};
use crate::view::{self, View};
use crate::{ApiError, Code, NodeHost};

/// How long neighbours of the old building may knock at the new one, in milliseconds: a year.
const OPEN_MS: u64 = 365 * 24 * 3600 * 1000;
/// How many of one's own offers and needs are taken along at most.
const BROUGHT_MAX: usize = 500;

/// Who one is in the old building.
struct Owner {
    building: BuildingId,
    member: MemberId,
    profile: Profile,
}

fn owner(node: &Node) -> Result<Owner, ApiError> {
    let view = View::of(node)?;
    let member = view.require_me()?;
    let profile = view.home.board().profile(&member).cloned().unwrap_or_default();
    Ok(Owner { building: view.home.id(), member, profile })
}

impl Installation {
    /// Asks one of the rows of this file.
    pub(super) fn ask_about_two<'a>(&'a self, name: &str, args: Value) -> Answer<'a> {
        match name {
            rows::refound::NAME => answer(args, |args| self.refound(args)),
            rows::follow::NAME => answer(args, |args| self.follow(args)),
            rows::followers::NAME => answer(args, |args| self.followers(args)),
            rows::admit_follower::NAME => answer(args, |args| self.admit_follower(args)),
            rows::bring_over::NAME => answer(args, |args| self.bring_over(args)),
            _ => Box::pin(std::future::ready(Err(ApiError::unknown_name(name)))),
        }
    }

    /// Founds a building in the place of an old one, and tells the old one.
    pub(super) async fn refound(&self, args: RefoundArgs) -> Result<Home, ApiError> {
        let (_, old) = self.home(Some(&args.home.to_string()))?;
        let Owner { building, member, profile } = old.read(|node| owner(node)).await?;
        // The new building draws a map of its own.
        let profile = Profile { place: None, ..profile };
        if let Some((home, host)) = self.founded_after(building, member).await {
            self.tell_of(&old, &host, building, member).await?;
            return open_row(home, &host, true).await;
        }
        let room = self.add().await?;
        let (home, host) = self.home(Some(&room.home.to_string()))?;
        host.command(Command::FoundAnew { building: args.name, profile, old: building, member }).await?;
        self.tell_of(&old, &host, building, member).await?;
        open_row(home, &host, true).await
    }

    /// Gives the home with the building that this device has founded in the place of an old one.
    async fn founded_after(&self, building: BuildingId, member: MemberId) -> Option<(HomeId, NodeHost)> {
        for (home, host) in self.open_homes() {
            let genesis = host.read(move |node| Ok(node.founded_after(&building, &member))).await;
            if matches!(genesis, Ok(Some(_))) {
                return Some((home, host));
            }
        }
        None
    }

    async fn tell_of(
        &self,
        old: &NodeHost,
        new: &NodeHost,
        building: BuildingId,
        member: MemberId,
    ) -> Result<(), ApiError> {
        let genesis = new.read(move |node| Ok(node.founded_after(&building, &member))).await?.ok_or_else(unknown)?;
        let id = BuildingId(genesis.hash());
        let told =
            old.read(move |node| Ok(view::refoundings(node)?.rows.iter().any(|row| row.building.0 == id))).await?;
        if told {
            return Ok(());
        }
        // Where to knock, neighbours on the LAN hear by themselves: an address would stand in the journal for ever.
        let invite = match new.command(Command::Invite { valid_ms: OPEN_MS, addresses: Vec::new() }).await? {
            Done::Invited(ticket) => ticket.code,
            done => return Err(ApiError::not_reachable(format!("{done:?}"))),
        };
        old.command(Command::Refound(Refounding { genesis, invite })).await?;
        Ok(())
    }

    /// Says in the old building that one follows, and knocks at the new one.
    pub(super) async fn follow(&self, args: RefoundingArgs) -> Result<Home, ApiError> {
        let (_, old) = self.home(Some(&args.home.to_string()))?;
        let entry = args.refounding.0;
        let (told, owner, said) = old
            .read(move |node| {
                let told = node.refounded(&entry)?;
                Ok((told, owner(node)?, node.told_reviewers().cloned()))
            })
            .await?;
        if told.by == owner.member {
            return Err(Refusal::AlreadyMember.into());
        }
        let there = self.home_of(told.building).await;
        let (home, host) = match there {
            Some(there) => there,
            None => {
                let room = self.add().await?;
                self.home(Some(&room.home.to_string()))?
            }
        };
        let device = host.read(|node| Ok(node.device())).await?;
        old.command(Command::Follow(Following { refounding: entry, device })).await?;
        let state = host.application(NoArgs {}).await?.state;
        if matches!(state, ApplicationState::None | ApplicationState::Refused) {
            let ticket = knock(&told)?;
            let Profile { name, block, .. } = &owner.profile;
            let or = |text: &str| if text.is_empty() { name.clone() } else { text.to_owned() };
            let (household, real_name, phone, kind) = match said {
                Some(said) => (said.household, said.real_name, said.phone, said.kind),
                None => (or(block), name.clone(), String::new(), MemberKind::Person.into()),
            };
            // The new building draws a map of its own.
            let (way, profile) = (Way::Ticket(ticket), Profile { place: None, ..owner.profile.clone() });
            let application = Application { way, kind, profile, household, real_name, phone };
            host.command(Command::Apply(Box::new(application))).await?;
        }
        open_row(home, &host, true).await
    }

    async fn home_of(&self, building: BuildingId) -> Option<(HomeId, NodeHost)> {
        for (home, host) in self.open_homes() {
            if matches!(host.read(move |node| Ok(view::lives_in(node, &building))).await, Ok(true)) {
                return Some((home, host));
            }
        }
        None
    }

    /// Lists who follows into a building that was founded on this device.
    pub(super) async fn followers(&self, args: RefoundingArgs) -> Result<Followers, ApiError> {
        let (old, new, told) = self.both(args).await?;
        let arrivals = new.read(|node| Ok(view::arrivals(node))).await?;
        let mut devices: BTreeMap<MemberId, Vec<DeviceId>> = BTreeMap::new();
        for (member, device) in told.followers.into_values() {
            devices.entry(member).or_default().push(device);
        }
        let rows = old.read(move |node| {
            let view = View::of(node)?;
            let row = |(member, devices): (MemberId, Vec<DeviceId>)| view.follower(member, &devices, &arrivals);
            Ok(devices.into_iter().map(row).collect())
        });
        Ok(Followers { rows: rows.await? })
    }

    /// Certifies somebody in the new building on the strength of what they are in the old one: once, with one device.
    pub(super) async fn admit_follower(&self, args: FollowerArgs) -> Result<Saved, ApiError> {
        let FollowerArgs { home, refounding, member, votes } = args;
        let (old, new, _) = self.both(RefoundingArgs { home, refounding }).await?;
        let arrivals = new.read(|node| Ok(view::arrivals(node))).await?;
        let (certified, theirs) = old.read(move |node| Ok(node.follows_with(&refounding.0, &member.0)?)).await?;
        if theirs.iter().any(|device| arrivals.there.contains(device)) {
            return Ok(Saved { saved: true });
        }
        let device = theirs.into_iter().find(|device| arrivals.waiting.contains_key(device));
        let device = device.ok_or(Refusal::RequestUnknown)?;
        // The certificate does not say for which unit: whether it is the one that they name now, the founder has compared.
        let votes = votes && certified.household.votes_for.is_some();
        new.command(Command::Approve { device, votes }).await?;
        Ok(Saved { saved: true })
    }

    /// Posts one's own offers and needs that are open in the old building in the new one too. What stands there already is
    /// left as it is.
    pub(super) async fn bring_over(&self, args: RefoundingArgs) -> Result<Brought, ApiError> {
        let (old, new, _) = self.both(args).await?;
        let mine = old.read(|node| open_listings(node)).await?;
        let there = new.read(|node| open_listings(node)).await?;
        let mut listings = 0_u32;
        for draft in mine.into_iter().filter(|draft| !there.contains(draft)).take(BROUGHT_MAX) {
            new.command(Command::Post(draft)).await?;
            listings = listings.saturating_add(1);
        }
        Ok(Brought { listings })
    }

    /// Gives the homes of the old and of the new building, where both are on this device.
    async fn both(&self, args: RefoundingArgs) -> Result<(NodeHost, NodeHost, Refounded), ApiError> {
        let (_, old) = self.home(Some(&args.home.to_string()))?;
        let entry = args.refounding.0;
        let told = old.read(move |node| Ok(node.refounded(&entry)?)).await?;
        let none = || ApiError::new(Code::HOME_UNKNOWN, "新的那栋还不在这台设备上").hinted("先跟过去，再来看");
        let (_, new) = self.home_of(told.building).await.ok_or_else(none)?;
        Ok((old, new, told))
    }
}

fn knock(told: &Refounded) -> Result<Ticket, ApiError> {
    let doors = vec![Door { device: told.door, addresses: Vec::new() }];
    Ticket::new(told.building, told.name.clone(), told.invite.clone(), doors).map_err(ApiError::bad_arguments)
}

fn open_listings(node: &Node) -> Result<Vec<Draft>, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let open = view.home.board().listings_of(&me).filter(|row| row.listing.closed_at.is_none());
    // Who may post for somebody else is for the new building to say.
    let open = open.filter(|row| !row.listing.is_on_behalf());
    let draft = |listing: &kaifong_domain::record::Listing| Draft {
        side: listing.side,
        kind: listing.kind,
        mode: listing.mode,
        task: listing.task,
        title: listing.title.clone(),
        body: listing.body.clone(),
        points: listing.points,
        // Whom it was for stands in the old building's map.
        audience: None,
        aside: listing.aside.clone(),
        form: listing.form,
        topic: listing.topic,
        // What the old building's organisers have added stands in its documents.
        category: listing.category.filter(|one| matches!(one, kaifong_domain::sort::Category::Given(_))),
        behalf: None,
        // Those who own it, too, are others there, and say so anew.
        kept: kaifong_domain::kept::Kept::of(Vec::new(), listing.kept.shelf.clone()),
        places: listing.places,
    };
    Ok(open.map(|row| draft(&row.listing)).collect())
}
