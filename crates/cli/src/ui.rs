//! The web interface's files: in the binary in release builds, read from `ui/dist` in debug builds.

use std::borrow::Cow;

use kaifong_api::http::Pages;

/// What `make ui` has built; empty where it had not been built.
#[cfg(not(debug_assertions))]
#[derive(rust_embed::Embed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Dist;

/// The web interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ui;

impl Pages for Ui {
    #[cfg(not(debug_assertions))]
    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        Dist::get(path).map(|file| file.data)
    }

    /// Who asks has made sure that the path does not climb. Not by `rust-embed`: it wants the folder to be there when this is
    /// compiled, and it may be built later.
    #[cfg(debug_assertions)]
    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        std::fs::read(std::path::Path::new(env!("KAIFONG_UI_DIST")).join(path)).ok().map(Cow::Owned)
    }
}
