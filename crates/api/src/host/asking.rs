//! Asking the node, and its notebook.

use std::sync::Arc;

use kaifong_domain::hall::MatterKey;
use kaifong_node::{Command, Done, Node};

use super::NodeHost;
use crate::ApiError;
use crate::dto::{Exported, RespondArgs, Saved};
use crate::export;
use crate::host::told::now_ms;
use crate::notices::Notebook;
use crate::view::View;

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

    pub(super) async fn exported(&self) -> Result<Exported, ApiError> {
        let document = self.read(|node| export::gather(node, now_ms())).await?;
        // Packing takes a while for a long life in the building, and nothing has to wait for it.
        let packed = tokio::task::spawn_blocking(move || export::packed(&document));
        packed.await.map_err(ApiError::not_reachable)?
    }
}
