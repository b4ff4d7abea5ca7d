//! Asking the node, and its notebook.

use std::sync::Arc;

use kaifong_domain::hall::MatterKey;
use kaifong_node::{Command, Done, Node};

use super::NodeHost;
use crate::dto::{Changed, NoticeSettings, Notices, RespondArgs, Saved, Tag};
use crate::notices::{self, Notebook, PER_DAY_MAX};
use crate::table::Event;
use crate::view::View;
use crate::{ApiError, Code};

impl NodeHost {
    pub(crate) async fn command(&self, command: Command) -> Result<Done, ApiError> {
        Ok(self.handle.command(command).await?)
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Node) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.handle
            .read(look)
            .await
            .unwrap_or_else(|| Err(ApiError::not_reachable("节点正在关闭，或者数据目录打不开了")))
    }

    pub(super) async fn view<T: Send + 'static>(
        &self,
        look: impl FnOnce(View<'_>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.read(move |node| look(View::of(node)?)).await
    }

    /// Looks into the notebook, or writes into it, where waiting for the disk holds nothing up.
    pub(super) async fn at_notebook<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Notebook) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let notebook = Arc::clone(&self.notebook);
        tokio::task::spawn_blocking(move || look(&notebook)).await.map_err(ApiError::not_reachable)
    }

    pub(super) async fn matter_key(&self, args: &RespondArgs) -> Result<MatterKey, ApiError> {
        let (asker, matter) = (args.asker.map(|asker| asker.0), args.matter.0);
        self.view(move |view| view.matter_key(asker, &matter)).await
    }

    pub(super) async fn save(&self, command: Command) -> Result<Saved, ApiError> {
        self.handle.command(command).await?;
        Ok(Saved { saved: true })
    }

    /// Tells which notices are told, and when.
    pub(super) async fn notices_page(&self) -> Result<Notices, ApiError> {
        let today = (self.timing.clock)().day();
        let (page, told_today) = self.at_notebook(move |notebook| (notebook.page(), notebook.told_on(today))).await?;
        Ok(Notices {
            settings: page.settings,
            quiet_from_hour: notices::QUIET_FROM_HOUR,
            quiet_until_hour: notices::QUIET_UNTIL_HOUR,
            per_day_max: PER_DAY_MAX,
            told_today,
        })
    }

    /// Keeps which notices are told.
    pub(super) async fn keep_notices(&self, args: NoticeSettings) -> Result<Saved, ApiError> {
        self.at_notebook(move |notebook| notebook.set(args)).await?.map_err(|error| {
            ApiError::new(Code::STORE_UNUSABLE, format!("提醒的开关没有存上：{error}"))
                .hinted("开关还是原来的；腾出磁盘空间再试一次")
        })?;
        // Nobody may be listening.
        let _ = self.events.send(Event::Changed(Changed { tags: vec![Tag::Notices] }));
        Ok(Saved { saved: true })
    }
}
