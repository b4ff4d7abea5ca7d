//! An installation that is still opening: who asks meanwhile waits.

use tokio::sync::watch;

use super::Installation;
use crate::ApiError;

type Opened = Result<Installation, ApiError>;

/// An installation, from the moment when it is open; or why it does not open. A page is shown meanwhile.
#[derive(Clone, Debug)]
pub struct Opening(watch::Receiver<Option<Opened>>);

/// Says once how it went. Dropped before, it says that the process is ending.
#[derive(Debug)]
pub struct Opener(watch::Sender<Option<Opened>>);

impl Opening {
    /// Begins to wait for an installation.
    pub fn begin() -> (Opener, Self) {
        let (opener, opening) = watch::channel(None);
        (Opener(opener), Self(opening))
    }

    /// Gives the installation as soon as it is open.
    ///
    /// # Errors
    /// Why it does not open; `not-reachable` when the process ends before it does.
    pub async fn wait(&self) -> Opened {
        let mut told = self.0.clone();
        let opened = told.wait_for(Option::is_some).await.ok().and_then(|opened| opened.clone());
        opened.unwrap_or_else(|| Err(ApiError::not_reachable("还没打开就要关了")))
    }
}

impl From<Installation> for Opening {
    fn from(installation: Installation) -> Self {
        // What was told stays with the receiver.
        Self(watch::channel(Some(Ok(installation))).1)
    }
}

impl Opener {
    /// Lets those in who wait.
    pub fn done(self, opened: Opened) {
        let _ = self.0.send(Some(opened));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[tokio::test]
    async fn who_asks_early_hears_how_it_went_and_that_nothing_came_of_it() {
        let (opener, opening) = Opening::begin();
        let early = tokio::spawn({
            let opening = opening.clone();
            async move { opening.wait().await.map(|_| ()) }
        });
        opener.done(Err(ApiError::new(Code::STORE_UNUSABLE, "坏了")));
        assert_eq!(early.await.unwrap().unwrap_err().code, Code::STORE_UNUSABLE);
        assert_eq!(opening.wait().await.unwrap_err().code, Code::STORE_UNUSABLE);

        let (opener, opening) = Opening::begin();
        drop(opener);
        assert_eq!(opening.wait().await.unwrap_err().code.as_str(), "not-reachable");
    }
}
