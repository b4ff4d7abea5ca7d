//! Real devices on loopback, and what tests of several do with them.

use std::path::Path;
use std::time::Duration;

use kaifong_domain::record::Profile;
use kaifong_node::{Application, Command, Done, Handle, KeyPlace, Node, Options, Way};
use kaifong_trust::entry::MemberKind;
use kaifong_trust::invite::Ticket;

/// Opens a device: sled, iroh on loopback, no discovery.
pub(crate) async fn open(data: &Path) -> Handle {
    open_with(data, false).await
}

/// Opens a device that reaches nobody.
pub(crate) async fn open_without_network(data: &Path) -> Handle {
    open_with(data, true).await
}

async fn open_with(data: &Path, offline: bool) -> Handle {
    let bind = (!offline).then(|| "127.0.0.1:0".parse().unwrap());
    let (data, new_key) = (data.to_owned(), KeyPlace::File);
    let options = Options { data, new_key, lan: false, bind, interfaces: None, relay: None, offline };
    Handle::open(options).await.unwrap()
}

/// What somebody shows of themselves.
pub(crate) fn profile(name: &str) -> Profile {
    Profile { name: name.into(), block: "3栋".into(), about: String::new(), place: None }
}

/// What somebody fills in who asks to join.
pub(crate) fn application(way: Way, name: &str) -> Application {
    Application {
        way,
        kind: MemberKind::Person,
        profile: profile(name),
        household: "3栋502".into(),
        real_name: name.into(),
        phone: String::new(),
    }
}

/// Makes an invitation with a device's addresses in it.
pub(crate) async fn invite(device: &Handle) -> Ticket {
    let invite = Command::Invite { valid_ms: 3_600_000, addresses: device.addresses() };
    let Done::Invited(ticket) = device.command(invite).await.unwrap() else { panic!() };
    ticket
}

/// Waits until a look at the node gives something; looks again after every change of rows.
pub(crate) async fn until<T: Send + 'static>(
    device: &Handle,
    what: &str,
    look: impl Fn(&mut Node) -> Option<T> + Clone + Send + 'static,
) -> T {
    let mut changes = device.changes();
    let wait = async {
        loop {
            let look = look.clone();
            if let Some(found) = device.read(move |node| look(node)).await.unwrap() {
                return found;
            }
            let _ = changes.recv().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap_or_else(|_| panic!("waited for {what}"))
}

/// Gives the hash of all that a device's screens can show.
pub(crate) async fn projection(device: &Handle) -> [u8; 32] {
    device.read(|node| node.home().unwrap().projection()).await.unwrap()
}

/// Waits until one device shows what the other shows now.
pub(crate) async fn same(one: &Handle, other: &Handle) {
    let wanted = projection(one).await;
    until(other, "the same projection", move |node| (node.home()?.projection() == wanted).then_some(())).await;
}
