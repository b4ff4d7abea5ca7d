//! What is told of drives, as the node takes it.

use data_encoding::BASE64;
use kaifong_domain::Instant;
use kaifong_node::{CareCommand, Command, Done, DriveDraft};

use super::NodeHost;
use super::told::strange;
use crate::dto::{CallDriveArgs, Called, ReportArgs, Saved, SayArgs, thread};
use crate::{ApiError, Hex};

impl NodeHost {
    pub(super) async fn has_said(&self, args: SayArgs) -> Result<Saved, ApiError> {
        let thread = thread(args.deal, args.introduction)?;
        let picture = args.picture.unwrap_or_default();
        let read = BASE64.decode(picture.as_bytes());
        let picture = read.map_err(|_| ApiError::bad_arguments("picture 要用 base64 写"))?;
        self.save(Command::Care(CareCommand::Say { thread, text: args.text, picture })).await
    }

    pub(super) async fn has_reported(&self, args: ReportArgs) -> Result<Saved, ApiError> {
        let thread = thread(args.deal, args.introduction)?;
        let shown = args.messages.into_iter().map(|message| message.0.0).collect();
        self.save(Command::Care(CareCommand::Report { thread, shown, text: args.text })).await
    }

    pub(super) async fn has_called(&self, args: CallDriveArgs) -> Result<Called, ApiError> {
        let CallDriveArgs { title, body, target, unit, until } = args;
        let draft = DriveDraft { title, body, target, unit, until: Instant(until) };
        match self.command(Command::Care(CareCommand::CallDrive(draft))).await? {
            Done::Called(drive) => Ok(Called { drive: Hex(drive) }),
            done => Err(strange(&done)),
        }
    }
}
