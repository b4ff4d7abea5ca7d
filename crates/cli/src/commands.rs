//! One command at a time.

use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kaifong_api::dto::*;
use kaifong_api::{ApiError, Code, DealId, Hex, Row, rows, table};
use serde_json::{Value, json};

use crate::args::{AddOrRemove, Command, GrantOrWithdraw, ListArgs, NameArgs, SheetCommand};
use crate::council;
use crate::out::Out;
use crate::road::{Meant, Road};
use crate::show;

/// Does one command, through the running node or here, and leaves.
pub(crate) async fn perform(meant: &Meant, command: Command, out: Out) -> Result<(), ApiError> {
    // What cannot be asked at all is said without opening anything.
    let command = match command {
        Command::Query(named) => Named::read(named, table::QUERIES, "query")?.into(),
        Command::Do(named) => Named::read(named, table::COMMANDS, "do")?.into(),
        command => Asked::Command(Box::new(command)),
    };
    let mut road = Road::find(meant, None).await?;
    let done = match command {
        Asked::Named(named) => match road.ask_by_name(&named.name, named.args).await {
            Ok(result) => out.tell_json(&result),
            Err(error) => Err(error),
        },
        Asked::Command(command) => one(&mut road, *command, out).await,
    };
    road.leave().await.and(done)
}

enum Asked {
    Command(Box<Command>),
    Named(Named),
}

/// A row by its name.
struct Named {
    name: String,
    args: Value,
}

impl From<Named> for Asked {
    fn from(named: Named) -> Self {
        Self::Named(named)
    }
}

impl Named {
    fn read(named: NameArgs, known: &[&str], verb: &str) -> Result<Self, ApiError> {
        let NameArgs { name, args } = named;
        if !known.contains(&name.as_str()) {
            let error = ApiError::unknown_name(&name);
            let other = if verb == "do" { "query" } else { "do" };
            let elsewhere = table::QUERIES.iter().chain(table::COMMANDS).any(|known| *known == name);
            return Err(if elsewhere { error.hinted(format!("用 kaifong {other} {name}")) } else { error });
        }
        let text = match args.as_deref() {
            Some("-") => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map_err(ApiError::bad_arguments)?;
                text
            }
            Some(text) => text.to_owned(),
            None => return Ok(Self { name, args: Value::Null }),
        };
        let args =
            serde_json::from_str(&text).map_err(|error| ApiError::bad_arguments(format_args!("JSON：{error}")))?;
        Ok(Self { name, args })
    }
}

async fn one(road: &mut Road, command: Command, out: Out) -> Result<(), ApiError> {
    match command {
        Command::Found { building, profile } => {
            let args = FoundArgs {
                building: building.clone(),
                name: profile.name,
                block: profile.block,
                about: profile.about,
            };
            out.tell(&road.ask(rows::found, args).await?, |founded| show::founded(founded, &building))
        }
        Command::Invite { valid } => {
            let args = InviteArgs { valid_ms: millis(valid), addresses: None };
            out.tell(&road.ask(rows::invite, args).await?, show::invited)
        }
        Command::Requests => out.tell(&road.ask(rows::requests, NoArgs {}).await?, show::requests),
        Command::Approve { device, votes } => {
            let device = road.id(IdKind::Device, &device).await?;
            saved(out, &road.ask(rows::approve, ApproveArgs { device, votes }).await?, "通过了，欢迎新街坊")
        }
        Command::Refuse { device, reason } => {
            let device = road.id(IdKind::Device, &device).await?;
            saved(out, &road.ask(rows::refuse, RefuseArgs { device, reason }).await?, "告诉对方了")
        }
        Command::Ask { device, text } => {
            let device = road.id(IdKind::Device, &device).await?;
            saved(out, &road.ask(rows::ask, AskArgs { device, text }).await?, "问了，等对方回答")
        }
        Command::Register { what } => crate::register::register(road, what, out).await,
        Command::Role { what, member, role } => {
            let member = road.id(IdKind::Member, &member).await?;
            let held = what == GrantOrWithdraw::Grant;
            let words = format!("{}{}", if held { "有了职责：" } else { "收回了职责：" }, role.word());
            saved(out, &road.ask(rows::set_role, RoleArgs { member, role, held }).await?, &words)
        }
        Command::Vouch { opinion, member, capacity } => {
            let member = road.id(IdKind::Member, &member).await?;
            let words = format!("说了：{}{}", opinion.word(), capacity.word());
            saved(out, &road.ask(rows::vouch, VouchArgs { member, capacity, opinion }).await?, &words)
        }
        Command::Witness { what, member } => {
            let member = road.id(IdKind::Member, &member).await?;
            let named = what == AddOrRemove::Add;
            let words = if named { "它的设备可以盖章了" } else { "它的设备不再盖章" };
            saved(out, &road.ask(rows::set_witness, WitnessArgs { member, named }).await?, words)
        }
        Command::Offer(args) => post(road, Side::Offer, args, out).await,
        Command::Need(args) => post(road, Side::Need, args, out).await,
        Command::Close { listing } => {
            let listing = road.id(IdKind::Listing, &listing).await?;
            saved(out, &road.ask(rows::close_listing, ListingArgs { listing, owner: None }).await?, "收起了")
        }
        Command::Reply { deal, text } => {
            let deal = road.id(IdKind::Deal, &deal).await?;
            road.ask(rows::reply, ReplyArgs { deal, text }).await?;
            stepped(road, deal, out).await
        }
        Command::Hall { what } => crate::hall::hall(road, what, out).await,
        Command::Activity { what } => crate::activity::activity(road, what, out).await,
        Command::Phone { deal, number, withdraw: _ } => {
            let deal = road.id(IdKind::Deal, &deal).await?;
            match number {
                Some(number) => road.ask(rows::offer_phone, PhoneArgs { deal, number }).await?,
                None => road.ask(rows::withdraw_phone, DealArgs { deal }).await?,
            };
            let detail = road.ask(rows::deal, DealArgs { deal }).await?;
            let told = json!({ "saved": true, "phone": detail.phone });
            out.tell(&told, |_| show::phone(detail.phone.as_ref()))
        }
        Command::Export { file } => {
            let exported = road.ask(rows::export, NoArgs {}).await?;
            crate::tools::write_export(&file, &exported, out)
        }
        Command::Give { member, points } => {
            let to = road.id(IdKind::Member, &member).await?;
            saved(out, &road.ask(rows::give, GiveArgs { to, points }).await?, "谢出去了，等对方收下")
        }
        Command::Dispute { what } => crate::dispute::dispute(road, what, out).await,
        Command::Slip(command) => crate::slip::slip(road, command, out).await,
        Command::Fund(command) => crate::fund::fund(road, command, out).await,
        command @ (Command::Devices
        | Command::Staff { .. }
        | Command::CloseDevice { .. }
        | Command::ChangeDevice { .. }
        | Command::Sheet(_)
        | Command::Reapprove { .. }
        | Command::HandPointsOver { .. }
        | Command::MovePoints { .. }
        | Command::Object { .. }) => device_command(road, command, out).await,
        Command::Face(command) => crate::face::face(road, command, out).await,
        command @ (Command::Places | Command::PickPlace(_)) => crate::places::places(road, command, out).await,
        command => council::command(road, command, out).await,
    }
}

async fn device_command(road: &mut Road, command: Command, out: Out) -> Result<(), ApiError> {
    match command {
        Command::CloseDevice { device, disown } => {
            let device = road.id(IdKind::Device, &device).await?;
            let words = "关掉了：它以后签的都不算";
            saved(out, &road.ask(rows::close_device, CloseDeviceArgs { device, disown }).await?, words)
        }
        Command::Staff { name, post, device, left } => {
            let device = match device {
                Some(typed) => Some(road.id(IdKind::Device, &typed).await?),
                None => None,
            };
            let words = "记下了：这台设备签的，街坊看得到是谁";
            saved(out, &road.ask(rows::name_staff, NameStaffArgs { device, name, post, left }).await?, words)
        }
        Command::ChangeDevice { device } => {
            let device = road.id(IdKind::Device, &device).await?;
            let words = "交过去了，这台设备关掉了";
            saved(out, &road.ask(rows::change_device, DeviceArgs { device }).await?, words)
        }
        Command::Sheet(SheetCommand::New) => out.tell(&road.ask(rows::make_sheet, NoArgs {}).await?, show::sheet),
        Command::Sheet(SheetCommand::Use { invitation, digits }) => {
            let applied = road.ask(rows::recover, RecoverArgs { invitation, digits }).await?;
            out.tell(&applied, |_| "收好了，遇到街坊就交出去（要开着 kaifong run）".to_owned())
        }
        Command::Sheet(SheetCommand::Close { digits }) => {
            saved(out, &road.ask(rows::close_by_sheet, SheetArgs { digits }).await?, "他的设备都关掉了")
        }
        Command::Reapprove { member, device } => {
            let member = road.id(IdKind::Member, &member).await?;
            let device = match device {
                Some(typed) => Some(road.id(IdKind::Device, &typed).await?),
                None => None,
            };
            let words = "记下了；要两位审核人都这么说才算";
            saved(out, &road.ask(rows::reapprove, ReapproveArgs { member, device }).await?, words)
        }
        Command::HandPointsOver { member } => {
            let member = road.id(IdKind::Member, &member).await?;
            let words = "记下了；要两位审核人都这么说，对方的设备才接得到";
            saved(out, &road.ask(rows::hand_points_over, MemberArgs { member }).await?, words)
        }
        Command::MovePoints { device, points } => {
            let device = road.id(IdKind::Device, &device).await?;
            let words = "转过去了，等那台设备收下";
            saved(out, &road.ask(rows::move_points, MovePointsArgs { device, points }).await?, words)
        }
        Command::Object { approval } => {
            let approval = approval.parse().map_err(|_| ApiError::bad_arguments("编号要 64 个十六进制数字"))?;
            saved(out, &road.ask(rows::object, ObjectArgs { approval }).await?, "拦住了：要第三位审核人才过得去")
        }
        _ => out.tell(&road.ask(rows::devices, NoArgs {}).await?, show::devices),
    }
}

pub(crate) async fn deal_command(road: &mut Road, command: Command, out: Out) -> Result<(), ApiError> {
    match command {
        Command::Answer { listing, points, due, counterpart } => {
            let listing = road.id(IdKind::Listing, &listing).await?;
            let counterpart = match counterpart {
                Some(typed) => Some(road.id(IdKind::Listing, &typed).await?),
                None => None,
            };
            let due_at = due.map(|due| now_ms().saturating_add(millis(due)));
            let args = AnswerArgs { listing, owner: None, points, due_at, counterpart };
            out.tell(&road.ask(rows::answer, args).await?, show::answered)
        }
        Command::Agree(arg) => step(road, rows::agree, &arg.deal, out).await,
        Command::CallOff(arg) => step(road, rows::call_off, &arg.deal, out).await,
        Command::HandOver(arg) => step(road, rows::hand_over, &arg.deal, out).await,
        Command::Return(arg) => step(road, rows::r#return, &arg.deal, out).await,
        Command::Done(arg) => step(road, rows::done, &arg.deal, out).await,
        Command::Review { deal, stars, text } => {
            let deal = road.id(IdKind::Deal, &deal).await?;
            road.ask(rows::review, ReviewArgs { deal, stars, text }).await?;
            stepped(road, deal, out).await
        }
        command => question(road, command, out).await,
    }
}

async fn question(road: &mut Road, command: Command, out: Out) -> Result<(), ApiError> {
    match command {
        Command::Listings(args) => out.tell(&road.ask(rows::listings, wanted(args)).await?, show::listings),
        Command::Search { text, limit } => {
            out.tell(&road.ask(rows::search, SearchArgs { text, side: None, limit }).await?, show::found)
        }
        Command::Matches { listing, limit } => {
            let listing = road.id(IdKind::Listing, &listing).await?;
            let args = MatchesArgs { listing, owner: None, limit };
            out.tell(&road.ask(rows::matches, args).await?, show::matches)
        }
        Command::Points => out.tell(&road.ask(rows::points, NoArgs {}).await?, show::points),
        Command::Deals { all, live } => {
            let args = DealsArgs { all, live: live.then_some(true), listing: None, member: None, limit: None };
            out.tell(&road.ask(rows::deals, args).await?, show::deals)
        }
        Command::Deal { deal } => {
            let deal = road.id(IdKind::Deal, &deal).await?;
            out.tell(&road.ask(rows::deal, DealArgs { deal }).await?, show::deal)
        }
        Command::Members => out.tell(&road.ask(rows::members, NoArgs {}).await?, show::members),
        Command::Member { member } => {
            let member = road.id(IdKind::Member, &member).await?;
            out.tell(&road.ask(rows::member, MemberArgs { member }).await?, show::member)
        }
        Command::Today => out.tell(&road.ask(rows::today, TodayArgs { since: None }).await?, show::today),
        Command::Peers => out.tell(&road.ask(rows::peers, NoArgs {}).await?, show::peers),
        Command::Status => out.tell(&road.ask(rows::status, NoArgs {}).await?, show::status),
        Command::Audit => {
            let audit = road.ask(rows::audit, NoArgs {}).await?;
            out.tell(&audit, show::audit)?;
            let fault = audit.first_fault.unwrap_or_default();
            if audit.ok { Ok(()) } else { Err(ApiError::new(Code::STORE_UNUSABLE, format!("对不上：{fault}"))) }
        }
        // The rest was taken before the road was found.
        other => Err(ApiError::unknown_name(&format!("{other:?}"))),
    }
}

async fn post(road: &mut Road, side: Side, args: crate::args::PostArgs, out: Out) -> Result<(), ApiError> {
    let crate::args::PostArgs {
        kind,
        mode,
        task,
        title,
        body,
        points,
        audience,
        form,
        topic,
        category,
        behalf,
        with,
        shelf,
        places,
    } = args;
    let mut owners = Vec::new();
    for typed in with {
        owners.push(road.id(IdKind::Member, &typed).await?);
    }
    let (on_behalf, discreet) = (None, false);
    let draft = PostArgs {
        side,
        kind,
        mode,
        task,
        title: title.clone(),
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
    };
    out.tell(&road.ask(rows::post, draft).await?, |posted| show::posted(posted, &title))
}

/// Takes one step of a deal, then tells where the deal stands.
pub(crate) async fn step<R>(road: &mut Road, row: R, typed: &str, out: Out) -> Result<(), ApiError>
where
    R: Row<Args = DealArgs, Result = Saved>,
{
    let deal = road.id(IdKind::Deal, typed).await?;
    road.ask(row, DealArgs { deal }).await?;
    stepped(road, deal, out).await
}

pub(crate) async fn stepped(road: &mut Road, deal: Hex<DealId>, out: Out) -> Result<(), ApiError> {
    let detail = road.ask(rows::deal, DealArgs { deal }).await?;
    out.tell(&json!({ "saved": true, "deal": detail.deal }), |_| show::stepped(&detail.deal))
}

pub(crate) fn saved(out: Out, saved: &Saved, words: &str) -> Result<(), ApiError> {
    out.tell(saved, |_| words.to_owned())
}

fn wanted(args: ListArgs) -> ListingsArgs {
    let ListArgs { offers, needs, kind, mode, text, mine, open, limit, after, before } = args;
    let side = match (offers, needs) {
        (true, _) => Some(Side::Offer),
        (_, true) => Some(Side::Need),
        _ => None,
    };
    ListingsArgs { side, kind, mode, text, mine, open, limit, after, before, ..ListingsArgs::newest() }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn now_ms() -> u64 {
    millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}
