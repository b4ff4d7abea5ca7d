//! The buildings on this device, and the lock of its screens.

use kaifong_api::dto::{Home, HomeArgs, Homes, NoArgs, RemoveLockArgs};
use kaifong_api::homes::rows;
use kaifong_api::{ApiError, Code};

use crate::args::Command;
use crate::out::Out;
use crate::road::{Meant, Road};
use crate::show::layout;

/// Lists, adds or forgets a building or takes the screens' PIN off, through the running node or here.
pub(crate) async fn perform(meant: &Meant, command: Command, out: Out) -> Result<(), ApiError> {
    let meant = Meant { data: meant.data.clone(), building: None };
    let mut road = Road::find(&meant, None).await?;
    let done = one(&mut road, command, out).await;
    road.leave().await.and(done)
}

async fn one(road: &mut Road, command: Command, out: Out) -> Result<(), ApiError> {
    match command {
        Command::AddBuilding => {
            let home = road.ask(rows::add_home, NoArgs {}).await?;
            out.tell(&home, |home| {
                let Home { home, .. } = home;
                format!("留好了地方（{home}）\n接着：kaifong --building {home} join … 或 found …")
            })
        }
        Command::ForgetBuilding { which, yes } => {
            let home = road.home_of(&which).await?;
            if !yes {
                let why = format!("收起「{which}」以后，这台设备不再和那里的街坊同步，你的钥匙也跟着收起");
                return Err(
                    ApiError::new(Code::BAD_ARGUMENTS, why).hinted("文件夹只是挪到一边，不删；想好了加上 --yes")
                );
            }
            let forgotten = road.ask(rows::forget_home, HomeArgs { home }).await?;
            out.tell(&forgotten, |forgotten| format!("收起来了，原样放在 {}", forgotten.aside))
        }
        Command::Unlock => {
            let saved = road.ask(rows::remove_lock, RemoveLockArgs { pin: None }).await?;
            out.tell(&saved, |_| "密码取下来了，页面自己会打开".to_owned())
        }
        _ => out.tell(&road.ask(rows::homes, NoArgs {}).await?, listed),
    }
}

fn listed(homes: &Homes) -> String {
    let rows = homes.rows.iter().map(|row| {
        let name = row.name.clone().unwrap_or_else(|| "还没有进楼".to_owned());
        let own = row.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
        let turns = if row.turns > 0 { format!("轮到你 {} 件", row.turns) } else { String::new() };
        let shut = row.shut.clone().map(|why| format!("打不开：{why}")).unwrap_or_default();
        vec![row.home.to_string(), name, own, turns, shut]
    });
    layout::table(rows.collect())
}
