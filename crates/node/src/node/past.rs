//! What is known of a store before it is opened.

use std::path::PathBuf;

/// What the owner of a store knows about its past.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The store may have lost writes that neighbours have heard of (it was moved aside, lost or restored): nothing is
    /// appended to the old journal and actor (rule J2). A crash or a failed commit alone is no doubt, because nobody hears
    /// of a write before it is durable.
    pub doubt: bool,
    /// Where a store that would not open was put.
    pub aside: Option<PathBuf>,
    /// The genesis as kept beside the store: with it, a device whose store is lost finds its building again.
    pub genesis: Option<Vec<u8>>,
}
