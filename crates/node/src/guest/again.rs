//! Asking again when the certificate fell: whoever had signed it was removed as a reviewer, apart from the council.

use kaifong_net::ConnectionId;
use kaifong_sync::Message;

use super::{ApplicationState, Guest, Purpose};
use crate::event::Tag;
use crate::node::Node;
use crate::own_devices::Told;

/// What a device hears from neighbours whose certificate counts no longer.
pub(crate) const UNCERTIFIED_CODE: &str = "certificate-uncounted";

impl Node {
    /// Tells a device whose certificate counts no longer that it is so. It may not have heard of the epoch, and nobody hands
    /// a stranger entries.
    pub(crate) fn tell_uncertified(&mut self, connection: ConnectionId) {
        let device = self.links.get(&connection).map(|link| link.device);
        let roster = self.home().map(crate::Home::roster);
        if device.is_some_and(|device| roster.is_some_and(|roster| roster.is_uncertified(&device))) {
            let sentence = "its certificate counts no longer".to_owned();
            self.send(connection, &Message::Refused { code: UNCERTIFIED_CODE.to_owned(), sentence });
        }
    }

    /// Hears from a neighbour that this device's certificate counts no longer. That alone changes nothing; the request of
    /// before is handed in again, sealed to the reviewers whom the neighbour's page proves.
    pub(crate) fn told_uncertified(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.get(&connection).filter(|link| !link.asked_again) else { return };
        let (device, shown) = (link.device, link.shown.clone());
        let known = self.home().is_some_and(|home| home.roster().settled(&device).is_some());
        let newcomer = self.told_reviewers().is_some();
        if known && self.told.is_none() {
            self.note_told(Some(Told::Uncertified));
        }
        if let Some(building) = shown.filter(|_| known && newcomer && self.me().is_some()) {
            self.links.get_mut(&connection).into_iter().for_each(|link| link.asked_again = true);
            self.hand_in(connection, &building, true);
        }
    }

    /// Applies again by itself when the certificate of this device counts no longer: no person has said no, and another
    /// reviewer decides.
    pub(crate) fn apply_again(&mut self) {
        let own = self.key.id();
        let fallen = self.home.as_ref().is_some_and(|home| home.roster().is_uncertified(&own));
        let approved = |guest: &&mut Guest| {
            guest.state == ApplicationState::Approved && matches!(guest.purpose, Purpose::Newcomer { .. })
        };
        let Some(guest) = self.guest.as_mut().filter(approved).filter(|_| fallen && self.me.is_none()) else { return };
        guest.state = ApplicationState::Searching;
        guest.building = self.home.as_ref().map(|home| home.id());
        guest.keep(&mut self.step.batch);
        self.arrival.tags.insert(Tag::Application);
        self.ask_anew();
    }
}
