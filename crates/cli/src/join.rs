//! Joining a building, and waiting for the answer.

use kaifong_api::dto::{ApplicationNote, ApplicationState, ApplyArgs, MemberKind, NameStaffArgs, NoArgs, WaitArgs};
use kaifong_api::{ApiError, rows};
use serde_json::{Value, json};

use crate::args::JoinArgs;
use crate::out::Out;
use crate::road::{Meant, Road};

/// Sends the application; with `--wait` it stays until a reviewer has decided.
pub(crate) async fn join(meant: &Meant, args: JoinArgs, out: Out) -> Result<(), ApiError> {
    // Who waits needs the network, whether or not a process runs already.
    let net = args.wait.map(|_| &args.net);
    let mut road = Road::find(meant, net).await?;
    if road.is_running() && args.net.is_told() {
        Out::remark("已经开着的 kaifong 用它自己的网络和钥匙；这里写的选项没有用上");
    }
    let joined = apply(&mut road, &args).await;
    let online = road.is_running() || net.is_some();
    road.leave().await?;
    let note = joined?;
    out.tell(&note, |note| words(note, online))?;
    match (note.state, args.wait) {
        (ApplicationState::Refused, _) => {
            let reason = note.reason.unwrap_or_default();
            Err(ApiError::not_approved(format!("申请没有通过：{reason}")))
        }
        (ApplicationState::Searching, Some(_)) => Err(ApiError::not_reachable("还没有找到这栋楼的邻居")
            .hinted("和邻居连同一个无线网，或者用带地址的票；申请已经存下，会接着找")),
        (ApplicationState::PickPlace, Some(_)) => Err(ApiError::not_approved("这栋楼有楼图，要先说住哪一栋")
            .hinted("kaifong places 列出有哪些；kaifong pick-place 3栋 --unit 502")),
        (ApplicationState::Sent, Some(_)) => Err(ApiError::not_approved("审核人还没有看")),
        _ => Ok(()),
    }
}

async fn apply(road: &mut Road, args: &JoinArgs) -> Result<ApplicationNote, ApiError> {
    let kind = match (args.kind, args.desk, args.organisation) {
        (Some(kind), ..) => kind,
        (_, true, _) => MemberKind::Desk,
        (.., true) => MemberKind::Organisation,
        _ => MemberKind::Person,
    };
    let apply = ApplyArgs {
        invitation: args.invitation.clone(),
        name: args.profile.name.clone(),
        block: args.profile.block.clone(),
        about: args.profile.about.clone(),
        household: args.household.clone(),
        real_name: args.real_name.clone(),
        phone: args.phone.clone(),
        kind,
        of_age: true,
    };
    let applied = road.ask(rows::apply, apply).await?;
    let Some(seconds) = args.wait else {
        let (reason, refused_by, household) = (None, None, Some(args.household.clone()));
        let (questions, zones) = (Vec::new(), Vec::new());
        return Ok(ApplicationNote { state: applied.state, reason, refused_by, questions, zones, household });
    };
    let decided = WaitArgs {
        query: Some("application".into()),
        args: Value::Null,
        at: "/state".into(),
        is: None,
        one_of: vec![json!("approved"), json!("refused"), json!("pick-place")],
        least: None,
        tags: Vec::new(),
        timeout_ms: seconds.saturating_mul(1_000),
    };
    road.ask(rows::wait, decided).await?;
    let note = road.ask(rows::application, NoArgs {}).await?;
    if let (ApplicationState::Approved, Some(name)) = (note.state, &args.staff) {
        let staff = NameStaffArgs { device: None, name: name.clone(), post: args.post.clone(), left: false };
        road.ask(rows::name_staff, staff).await?;
    }
    Ok(note)
}

fn words(note: &ApplicationNote, online: bool) -> String {
    match note.state {
        ApplicationState::Approved => "通过了，你已经是这栋楼的街坊".to_owned(),
        ApplicationState::Sent => "申请送到了，等审核人看".to_owned(),
        ApplicationState::Searching if online => "申请存下了，在找这栋楼的邻居".to_owned(),
        ApplicationState::Searching => "申请存下了；kaifong run 开着的时候会送出去".to_owned(),
        other => other.word().to_owned(),
    }
}
