#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

use super::*;
use crate::{Net, NetOptions};

fn options(seed: u8) -> NetOptions {
    NetOptions {
        secret: [seed; 32],
        building_tag: Some([seed; 8]),
        bind: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        lan: false,
        relay: None,
        interfaces: None,
    }
}

async fn lookout() -> (Net, Lookout) {
    let (net, _events) = Net::start(options(1)).await.unwrap();
    let lookout = Lookout { shared: net.shared.clone(), heard: BTreeMap::new() };
    (net, lookout)
}

fn said(device: DeviceId, address: &str) -> Announcement {
    let address: SocketAddr = address.parse().unwrap();
    Announcement { device, addresses: vec![(address.ip(), address.port())], building_tag: None }
}

fn bo() -> DeviceId {
    DeviceId(*iroh::SecretKey::from_bytes(&[2; 32]).public().as_bytes())
}

#[test]
fn a_label_fits_into_dns_with_room_for_a_port() {
    let label = label(DeviceId([0xff; 32]));
    assert_eq!(label, "7".repeat(26));
    assert!(format!("{label}-65535").len() < 63);
}

#[tokio::test]
async fn a_device_is_reported_once_and_again_when_its_addresses_change() {
    let (_net, mut lookout) = lookout().await;
    let event = lookout.hear(said(bo(), "127.0.0.1:5")).expect("news");
    assert!(matches!(event, NetEvent::Discovered { device, .. } if device == bo()));
    assert!(lookout.hear(said(bo(), "127.0.0.1:5")).is_none(), "said a moment ago");
    assert!(lookout.hear(said(bo(), "127.0.0.1:6")).is_some());
    assert_eq!(known_addresses(&lookout.shared, bo()), ["127.0.0.1:6".parse().unwrap()]);
}

#[tokio::test(start_paused = true)]
async fn a_device_is_repeated_while_unconnected_and_lost_after_silence() {
    let (_net, mut lookout) = lookout().await;
    lookout.hear(said(bo(), "127.0.0.1:5"));
    tokio::time::advance(Duration::from_millis(REPEAT_EVERY_MS)).await;
    assert!(lookout.hear(said(bo(), "127.0.0.1:5")).is_some());
    tokio::time::advance(Duration::from_millis(LOST_AFTER_MS - 1)).await;
    assert!(lookout.lost().is_empty());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(lookout.lost(), [bo()]);
    assert!(known_addresses(&lookout.shared, bo()).is_empty());
}

#[tokio::test]
async fn nonsense_is_not_reported() {
    let (_net, mut lookout) = lookout().await;
    for address in ["0.0.0.0:5", "127.0.0.1:0", "224.0.0.251:5", "[::]:5"] {
        assert!(lookout.hear(said(bo(), address)).is_none(), "{address}");
    }
    assert!(lookout.hear(said(not_a_key(), "127.0.0.1:5")).is_none(), "no point on the curve");
}

#[test]
fn the_loopback_address_of_another_host_is_not_dialled() {
    let lan = Interface { name: "eth0".to_owned(), loopback: false, networks: Vec::new() };
    let announced =
        [("127.0.0.1".parse().unwrap(), 5), ("fe80::1".parse().unwrap(), 6), ("fd00::1".parse().unwrap(), 7)];
    assert_eq!(dialable(&announced, &[lan]), ["[fd00::1]:7".parse::<SocketAddr>().unwrap()]);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_discoverer_that_is_made_anew_leaves_no_socket_behind() {
    let (net, _events) = Net::start(options(3)).await.unwrap();
    let (found, _announcements) = mpsc::channel(1);
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = open();
    let mut discoverer = None;
    for _ in 0..50 {
        discoverer = announce(&net.shared, EAGER, found.clone());
        assert!(discoverer.is_some());
    }
    drop(discoverer);
    // Its tasks end one after another; wait for that, but not for ever.
    let closed = async {
        while open() > before + 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), closed).await;
    assert!(waited.is_ok(), "{before} descriptors became {}", open());
}

/// Half of all numbers are no points on the curve.
fn not_a_key() -> DeviceId {
    let mut ids = (0..=255).map(|byte| DeviceId([byte; 32]));
    ids.find(|id| EndpointId::from_bytes(&id.0).is_err()).unwrap()
}
