//! What this device tells outside the window.

use super::NodeHost;
use crate::dto::{Changed, NoticeSettings, Notices, Saved, Tag};
use crate::notices::{self, PER_DAY_MAX};
use crate::table::Event;
use crate::{ApiError, Code};

impl NodeHost {
    pub(super) async fn notices_set(&self, args: NoticeSettings) -> Result<Saved, ApiError> {
        self.at_notebook(move |notebook| notebook.set(args)).await?.map_err(|error| {
            ApiError::new(Code::STORE_UNUSABLE, format!("提醒的开关没有存上：{error}"))
                .hinted("开关还是原来的；腾出磁盘空间再试一次")
        })?;
        // Nobody may be listening.
        let _ = self.events.send(Event::Changed(Changed { tags: vec![Tag::Notices] }));
        Ok(Saved { saved: true })
    }

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
}
