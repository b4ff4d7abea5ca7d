//! What was told and asked, as the node takes it, and what the node says when it does not open.

use std::net::SocketAddr;
use std::str::FromStr;

use kaifong_domain::care::Aside;
use kaifong_domain::fund::{DAY_MAX, Purpose, TIMES_MAX};
use kaifong_domain::kept::Kept;
use kaifong_domain::{Instant, ListingId, MemberId, Points, Refusal};
use kaifong_node::register_of_units::Register;
use kaifong_node::store::StoreError;
use kaifong_node::trust::entry::{Marked, SealKey};
use kaifong_node::trust::envelope::JoinRequest;
use kaifong_node::trust::invite::{Code as TypedCode, Ticket};
use kaifong_node::trust::paper::{NotASheet, SheetSecret};
use kaifong_node::{Command, Done, Draft, EpochDraft, FundCommand, FundDraft, OpenError, Way};

use super::NodeHost;
use crate::dto::{
    Details, DraftArgs, FundDraftArgs, GrantAct, GrantArgs, Granted, InviteArgs, Invited, MarkState, OpeningsFileArgs,
    OpeningsReading, PostArgs, RateNote, RegisterFileArgs, RegisterReading,
};
use crate::{ApiError, Code, Hex, register_file, view, words};

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        let unusable = |why: String| ApiError::new(Code::STORE_UNUSABLE, why);
        match error {
            OpenError::Store(StoreError::Busy) => {
                let mut busy = unusable("另一个 kaifong 正在用这个数据目录".into());
                busy.details.insert("busy".into(), true.into());
                busy.hinted("等它做完再试")
            }
            OpenError::Store(StoreError::NewerFormat { found, known }) => {
                unusable(format!("这个数据目录是更新的版本写的（格式 {found}，这里只认到 {known}）"))
                    .hinted("请更新 kaifong；内容没有动过")
            }
            OpenError::Store(StoreError::WrongKey) => unusable("这个数据目录是用另一把钥匙封上的，这把打不开".into())
                .hinted("把原来的 device.key 放回去再试；里面的内容没有动过，也没有丢"),
            OpenError::Store(StoreError::Full) => unusable("磁盘满了".into()).hinted("腾出空间再试；已经存上的都在"),
            OpenError::Store(error) => unusable(format!("数据目录打不开：{error}")),
            OpenError::Net(error) => ApiError::not_reachable(error).hinted("换一个 --bind 地址，或看看网卡是否开着"),
            OpenError::Keychain { path, source } => {
                unusable(format!("这台设备的钥匙在系统钥匙串里，拿不到：{}", words::keychain(&source)))
                    .hinted(format!("钥匙没有丢，也没有另做一把；{} 没有动过", path.display()))
            }
            OpenError::Key { path, source } => unusable(format!("钥匙文件 {} 用不了：{source}", path.display()))
                .hinted("数据目录要是一个能读写的文件夹"),
        }
    }
}

/// A node answered with something that the command does not give.
pub(super) fn strange(done: &Done) -> ApiError {
    debug_assert!(false, "an answer that does not fit: {done:?}");
    ApiError::not_reachable("节点的回答对不上")
}

pub(crate) fn now_ms() -> u64 {
    kaifong_node::now().0
}

/// Reads what a reviewer says of a member.
pub(super) fn marked(state: MarkState, until: Option<u64>) -> Result<Marked, ApiError> {
    match (state, until) {
        (MarkState::Away, until) => Ok(Marked::Away { until: until.map(Instant) }),
        (MarkState::Deceased, None) => Ok(Marked::Deceased),
        (MarkState::Back, None) => Ok(Marked::Back),
        (MarkState::Deceased | MarkState::Back, Some(_)) => Err(ApiError::bad_arguments("until 只和 away 一起说")),
    }
}

/// Reads a ticket or a typed code.
pub(super) fn way(invitation: &str) -> Result<Way, ApiError> {
    if let Ok(ticket) = Ticket::from_str(invitation) {
        return Ok(Way::Ticket(ticket));
    }
    TypedCode::from_str(invitation).map(Way::Code).map_err(|_| {
        ApiError::bad_arguments("这不是邀请").hinted("邀请是 KAIFONG1 开头的一长串，或者 12 个字母数字的短码")
    })
}

pub(super) fn seal_key(text: &str) -> Result<SealKey, ApiError> {
    // An id of the same width is read the same way.
    let bytes: Hex<kaifong_domain::EntryHash> =
        text.parse().map_err(|_| ApiError::bad_arguments("seal 要 64 个十六进制数字"))?;
    Ok(SealKey(bytes.0.0))
}

/// Reads the digits of a recovery sheet.
pub(crate) fn sheet(digits: &str) -> Result<SheetSecret, ApiError> {
    digits.parse().map_err(|why| match why {
        NotASheet::Group { group } => Refusal::SheetMistyped { group }.into(),
        NotASheet::Length { .. } => Refusal::SheetMistyped { group: 0 }.into(),
        NotASheet::Impossible => Refusal::SheetUnknown.into(),
    })
}

pub(super) fn draft(args: PostArgs) -> Result<Draft, ApiError> {
    let PostArgs {
        side,
        kind,
        mode,
        task,
        title,
        body,
        points,
        audience,
        on_behalf,
        discreet,
        form,
        topic,
        category,
        behalf,
        owners,
        shelf,
        places,
    } = args;
    let aside = on_behalf.map(|of| Aside::OnBehalf(of.trim().to_owned())).or(discreet.then_some(Aside::Discreet));
    Ok(Draft {
        kind: kind.map(Into::into),
        mode: mode.map(Into::into),
        task: task.map(Into::into),
        body,
        points: points.map(Points),
        audience: view::place(audience),
        aside,
        form: form.map(Into::into),
        topic: topic.map(Into::into),
        category: category.map(|category| category.parse()).transpose()?,
        behalf,
        kept: Kept::of(owners.into_iter().map(|owner| owner.0).collect(), shelf),
        places,
        ..Draft::of(side.into(), title)
    })
}

/// Reads what is to be otherwise from the next epoch on.
pub(super) fn epoch_draft(args: DraftArgs) -> Result<EpochDraft, ApiError> {
    let DraftArgs { seats, roles, charter, places, fund } = args;
    Ok(EpochDraft {
        seats: seats.map(|seats| seats.into_iter().map(|seat| (seat.member.0, seat.post.into())).collect()),
        roles: roles.map(|roles| roles.into_iter().map(|hold| (hold.member.0, hold.role.into())).collect()),
        witnesses: None,
        charter: charter.map(|told| kaifong_domain::charter::Charter {
            points_per_hour: Points(told.points_per_hour),
            credit_line: Points(told.credit_line),
            quota: Points(told.quota),
        }),
        places: places.map(view::zone_drafts),
        fund: fund.map(fund_draft).transpose()?,
    })
}

fn fund_draft(args: FundDraftArgs) -> Result<FundDraft, ApiError> {
    let FundDraftArgs { starter, alone, quota, rates, budgets } = args;
    let rate = |told: RateNote| Ok((view::rated(told.act)?, Points(told.points)));
    Ok(FundDraft {
        starter: Points(starter),
        alone: Points(alone),
        quota: Points(quota),
        rates: rates.into_iter().map(rate).collect::<Result<_, ApiError>>()?,
        budgets: budgets.into_iter().map(|told| (told.member.0, u64::from(told.points))).collect(),
    })
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Reads what a grant is for; without a day it is of today.
pub(super) fn purpose(args: &GrantArgs) -> Result<Purpose, ApiError> {
    let today = u32::try_from(now_ms() / DAY_MS).unwrap_or(DAY_MAX);
    match args.act {
        GrantAct::Starter => Ok(Purpose::Starter),
        GrantAct::Opening => Err(ApiError::bad_arguments("原有积分要成一份名单，请第二个人确认")),
        act => {
            let (day, times) = (args.day.unwrap_or(today), args.times.unwrap_or(1));
            let out = |field, most| Refusal::OutOfRange { field, least: 1, most };
            if !(1..=TIMES_MAX).contains(&times) {
                return Err(out("times", i64::from(TIMES_MAX)).into());
            }
            // Of tomorrow at most: a neighbour's clock may be ahead.
            if day > today.saturating_add(1).min(DAY_MAX) {
                return Err(out("day", i64::from(today)).into());
            }
            Ok(Purpose::Act { act: view::rated(act)?, day, times })
        }
    }
}

impl NodeHost {
    /// Grants something, at once or once a second person agrees.
    pub(super) async fn granted(&self, command: FundCommand) -> Result<Granted, ApiError> {
        match self.handle.command(Command::Fund(command)).await? {
            Done::Listed(list) => Ok(Granted { list: Some(Hex(list)) }),
            Done::Saved => Ok(Granted { list: None }),
            done => Err(strange(&done)),
        }
    }

    /// Opens what a member has told the reviewers.
    pub(super) async fn details_of(&self, member: MemberId) -> Result<Details, ApiError> {
        match self.command(Command::OpenDetails { member }).await? {
            Done::Details(told) => {
                let JoinRequest { household, real_name, phone, .. } = *told;
                Ok(Details { household, real_name, phone })
            }
            done => Err(strange(&done)),
        }
    }

    /// Makes an invitation, with this device's addresses if none are told.
    pub(super) async fn make_invite(&self, args: InviteArgs) -> Result<Invited, ApiError> {
        let InviteArgs { valid_ms, addresses } = args;
        let addresses = match addresses {
            Some(told) => told
                .iter()
                .map(|text| text.parse().map_err(|_| ApiError::bad_arguments(format_args!("{text} 不是 IP:端口"))))
                .collect::<Result<Vec<SocketAddr>, _>>()?,
            None => self.handle.addresses(),
        };
        let ticket = match self.handle.command(Command::Invite { valid_ms, addresses }).await? {
            Done::Invited(ticket) => ticket,
            done => return Err(strange(&done)),
        };
        // As it was signed: a page finds the invitation in the list by it.
        let key = ticket.code.key();
        let expires_at = self.read(move |node| {
            let mut made = node.home().into_iter().flat_map(|home| home.documents().invites());
            Ok(made.find(|(_, invite)| invite.key == key).map(|(_, invite)| invite.expires_at.0))
        });
        Ok(Invited {
            expires_at: expires_at.await?.unwrap_or_else(|| now_ms().saturating_add(valid_ms)),
            ticket: ticket.to_string(),
            code: ticket.code.to_string(),
            addresses: ticket.doors.iter().flat_map(|door| &door.addresses).map(SocketAddr::to_string).collect(),
            building: ticket.name,
        })
    }

    /// Reads a register where that holds nothing up; for reviewers alone, so that nobody reads in vain.
    pub(super) async fn look_at_register(
        &self,
        args: RegisterFileArgs,
    ) -> Result<(RegisterReading, Option<Register>), ApiError> {
        self.view(|view| view.require_reviewer()).await?;
        let read = move || register_file::read(&args, Instant(now_ms()));
        tokio::task::spawn_blocking(read).await.map_err(ApiError::not_reachable)?
    }

    /// Reads a ledger of points where that holds nothing up; for treasurers alone, so that nobody reads in vain.
    pub(super) async fn look_at_openings(&self, args: OpeningsFileArgs) -> Result<OpeningsReading, ApiError> {
        self.read(|node| view::require_treasurer(node)).await?;
        let read = move || register_file::read_balances(&args);
        let read = tokio::task::spawn_blocking(read).await.map_err(ApiError::not_reachable)??;
        self.read(move |node| view::openings_read(node, &read)).await
    }

    pub(super) async fn owner(&self, told: Option<Hex<MemberId>>, listing: ListingId) -> Result<MemberId, ApiError> {
        match told {
            Some(owner) => Ok(owner.0),
            None => self.view(move |view| Ok(view.find(None, &listing)?.owner)).await,
        }
    }
}
