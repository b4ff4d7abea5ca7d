//! Where an application stands.

use serde::{Deserialize, Serialize};

/// Where this device's application stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApplicationState {
    /// None was made.
    None,
    /// A building with this code is being looked for.
    Searching,
    /// A neighbour has taken the request; a reviewer will decide.
    Sent,
    /// The building said no.
    Refused {
        /// A closed code, or `reviewer` when a person decided.
        code: String,
        /// Why.
        reason: String,
    },
    /// A reviewer has certified this device.
    Approved,
    /// This device was closed.
    Closed,
    /// This device came back with a sheet that was used for another one, too: two reviewers have to decide.
    Disputed,
    /// The building has a map: before the request is sealed, the newcomer picks where they live.
    PickPlace,
}
