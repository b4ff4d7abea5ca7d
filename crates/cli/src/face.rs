//! Paying face to face, with the text of the codes.

use kaifong_api::dto::{FaceCode, FaceStage, FaceTextArgs, Faced, LineState, NoArgs, PayFaceArgs};
use kaifong_api::{ApiError, rows};

use crate::args::FaceCommand;
use crate::out::Out;
use crate::road::Road;

/// Shows a code, pays, or takes what another device shows.
pub(crate) async fn face(road: &mut Road, command: FaceCommand, out: Out) -> Result<(), ApiError> {
    match command {
        FaceCommand::Show => {
            out.tell(&road.ask(rows::face_payee, NoArgs {}).await?, |code: &FaceCode| code.text.clone())
        }
        FaceCommand::Pay { code, points } => {
            let shown = road.ask(rows::take_face, FaceTextArgs { text: code }).await?;
            let to = shown.journal.ok_or_else(|| ApiError::bad_arguments("这不是收分的码"))?;
            out.tell(&road.ask(rows::pay_face, PayFaceArgs { to, points }).await?, told)
        }
        FaceCommand::Take { code } => out.tell(&road.ask(rows::take_face, FaceTextArgs { text: code }).await?, told),
    }
}

fn told(faced: &Faced) -> String {
    let Faced { stage, person, points, state, why, text, .. } = faced;
    let who = person.as_ref().map_or("对方", |person| person.name.as_str());
    let points = points.unwrap_or_default();
    let said = match (stage, state) {
        (FaceStage::Payee, _) => format!("可以付给{who}"),
        (FaceStage::Paying, _) => format!("付给{who} {points} 分，请对方扫下面的码"),
        (FaceStage::Settled, Some(LineState::Accepted)) => format!("{who}收下了 {points} 分"),
        (FaceStage::Settled, _) => format!("{who}没有收，{points} 分会退回来"),
        (FaceStage::Taken, Some(LineState::Accepted)) => format!("收下了{who}的 {points} 分，请对方扫下面的码"),
        (FaceStage::Taken, _) => format!("没有收{who}的 {points} 分，请对方扫下面的码"),
        (FaceStage::Waiting, _) => format!("{who}的 {points} 分现在还不能收"),
        (FaceStage::Lacking, _) => format!("这台还没有{who}以前的一些记录，请对方扫下面的码"),
    };
    let why = why.as_ref().map(|why| format!("（{why}）")).unwrap_or_default();
    match text {
        Some(text) => format!("{said}{why}\n{text}"),
        None => format!("{said}{why}"),
    }
}
