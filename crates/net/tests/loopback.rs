//! Devices on one host: connecting, frames, limits, ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test may")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use kaifong_net::{
    CONNECTIONS_MAX, CloseReason, ConnectionId, DeviceId, FRAME_BYTES_MAX, Net, NetEvent, NetOptions, PathKind,
};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

struct Device {
    net: Net,
    events: Receiver<NetEvent>,
}

fn options(seed: u8) -> NetOptions {
    NetOptions {
        secret: [seed; 32],
        building_tag: None,
        bind: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        lan: false,
        relay: None,
        interfaces: None,
    }
}

async fn device(seed: u8) -> Device {
    let (net, events) = Net::start(options(seed)).await.unwrap();
    Device { net, events }
}

impl Device {
    async fn next(&mut self) -> NetEvent {
        loop {
            let event = timeout(Duration::from_secs(30), self.events.recv()).await.expect("an event in time").unwrap();
            if !matches!(event, NetEvent::InterfacesChanged) {
                return event;
            }
        }
    }

    async fn connected(&mut self) -> (ConnectionId, DeviceId, bool) {
        match self.next().await {
            NetEvent::Connected { connection, device, path, dialled } => {
                assert_eq!(path, PathKind::Lan);
                (connection, device, dialled)
            }
            other => panic!("expected Connected, got {other:?}"),
        }
    }

    async fn frame(&mut self) -> Vec<u8> {
        match self.next().await {
            NetEvent::Frame { bytes, .. } => bytes,
            other => panic!("expected Frame, got {other:?}"),
        }
    }

    async fn disconnected(&mut self) -> String {
        match self.next().await {
            NetEvent::Disconnected { reason, .. } => reason,
            other => panic!("expected Disconnected, got {other:?}"),
        }
    }

    async fn dial_failed(&mut self) -> String {
        match self.next().await {
            NetEvent::DialFailed { reason, .. } => reason,
            other => panic!("expected DialFailed, got {other:?}"),
        }
    }

    /// Does something else for a while instead of reading events.
    async fn busy(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Nothing happens for a moment: the only way to see that an event does not come.
    async fn stays_quiet(&mut self) {
        let event = timeout(Duration::from_millis(700), self.events.recv()).await;
        assert!(event.is_err(), "expected no event, got {event:?}");
    }
}

async fn pair() -> (Device, Device, ConnectionId, ConnectionId) {
    let (mut mei, mut bo) = (device(1).await, device(2).await);
    mei.net.dial(bo.net.id(), bo.net.addresses());
    let (at_mei, _, _) = mei.connected().await;
    let (at_bo, _, _) = bo.connected().await;
    (mei, bo, at_mei, at_bo)
}

#[tokio::test]
async fn two_devices_connect_by_address_and_exchange_frames_in_order() {
    let (mut mei, mut bo) = (device(1).await, device(2).await);
    let started = Instant::now();
    mei.net.dial(bo.net.id(), bo.net.addresses());
    let (at_mei, who, dialled) = mei.connected().await;
    assert_eq!((who, dialled), (bo.net.id(), true));
    let (at_bo, who, dialled) = bo.connected().await;
    assert_eq!((who, dialled), (mei.net.id(), false));
    println!("connected in {:?}", started.elapsed());

    for number in 0..2_000_u32 {
        mei.net.send(at_mei, number.to_le_bytes().to_vec());
        bo.net.send(at_bo, vec![number as u8; number as usize * 20]);
    }
    for number in 0..2_000_u32 {
        assert_eq!(bo.frame().await, number.to_le_bytes());
    }
    for number in 0..2_000_u32 {
        assert_eq!(mei.frame().await, vec![number as u8; number as usize * 20]);
    }
    mei.net.send(at_mei, Vec::new());
    assert_eq!(bo.frame().await, Vec::<u8>::new(), "an empty frame is a frame");
    mei.net.shutdown().await;
    let reason = bo.disconnected().await;
    assert!(reason.contains("leaves"), "{reason}");
    bo.net.shutdown().await;
    assert!(bo.events.recv().await.is_none(), "the events end with the network");
}

#[tokio::test]
async fn the_longest_frame_passes_and_a_longer_one_closes_the_connection() {
    let (mei, mut bo, at_mei, _) = pair().await;
    mei.net.send(at_mei, vec![7; FRAME_BYTES_MAX]);
    assert_eq!(bo.frame().await.len(), FRAME_BYTES_MAX);
    let mut mei = mei;
    mei.net.send(at_mei, vec![7; FRAME_BYTES_MAX + 1]);
    let (here, there) = (mei.disconnected().await, bo.disconnected().await);
    assert!(here.contains("8388609 bytes was to be sent"), "{here}");
    assert!(there.contains("8388609 bytes was to be sent"), "{there}");
}

/// A host that can make keys, and does not greet with them.
async fn strange_connection(to: &Device) -> (iroh::Endpoint, iroh::endpoint::Connection) {
    use iroh::endpoint::{Endpoint, presets};
    let stranger = Endpoint::builder(presets::Minimal).bind().await.unwrap();
    let id = iroh::EndpointId::from_bytes(&to.net.id().0).unwrap();
    let address = to.net.addresses().into_iter().map(iroh::TransportAddr::Ip);
    let connection = stranger.connect(iroh::EndpointAddr::from_parts(id, address), kaifong_net::ALPN).await.unwrap();
    (stranger, connection)
}

#[tokio::test]
async fn strangers_that_do_not_greet_make_way_for_those_who_come_after() {
    let mut mei = device(1).await;
    let (stranger, first) = strange_connection(&mei).await;
    let id = iroh::EndpointId::from_bytes(&mei.net.id().0).unwrap();
    let mut idle = vec![first];
    for _ in 0..CONNECTIONS_MAX {
        let address = mei.net.addresses().into_iter().map(iroh::TransportAddr::Ip);
        let address = iroh::EndpointAddr::from_parts(id, address);
        idle.push(stranger.connect(address, kaifong_net::ALPN).await.expect("nobody is turned away at the door"));
    }
    let bo = device(2).await;
    bo.net.dial(mei.net.id(), mei.net.addresses());
    assert_eq!(mei.connected().await.1, bo.net.id());
    stranger.close().await;
}

#[tokio::test]
async fn a_stranger_that_announces_too_long_a_frame_is_cut_off() {
    let mut mei = device(1).await;
    let (stranger, connection) = strange_connection(&mei).await;
    let (mut send, mut receive) = connection.open_bi().await.unwrap();
    send.write_all(&[1]).await.unwrap();
    receive.read_exact(&mut [0]).await.unwrap();
    send.write_all(&[3]).await.unwrap();
    mei.connected().await;
    send.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
    let reason = mei.disconnected().await;
    assert!(reason.contains("4294967295 bytes was announced"), "{reason}");
    let told = connection.closed().await.to_string();
    assert!(told.contains("8388608 are allowed"), "{told}");
    stranger.close().await;
}

#[tokio::test]
async fn of_two_simultaneous_dials_one_connection_is_kept() {
    for round in 0..20_u8 {
        let (mut mei, mut bo) = (device(1).await, device(2).await);
        mei.net.dial(bo.net.id(), bo.net.addresses());
        bo.net.dial(mei.net.id(), mei.net.addresses());
        let (at_mei, _, mei_dialled) = mei.connected().await;
        let (at_bo, _, bo_dialled) = bo.connected().await;
        assert_ne!(mei_dialled, bo_dialled, "both ends speak of the same connection");
        mei.net.send(at_mei, vec![round]);
        bo.net.send(at_bo, vec![round, round]);
        assert_eq!(bo.frame().await, [round]);
        assert_eq!(mei.frame().await, [round, round]);
        if round == 0 {
            mei.stays_quiet().await;
            bo.stays_quiet().await;
        }
        tokio::join!(mei.net.shutdown(), bo.net.shutdown());
    }
}

#[tokio::test]
async fn dialling_a_connected_device_again_changes_nothing() {
    let (mut mei, mut bo, at_mei, _) = pair().await;
    mei.net.dial(bo.net.id(), bo.net.addresses());
    bo.net.dial(mei.net.id(), mei.net.addresses());
    mei.stays_quiet().await;
    mei.net.send(at_mei, vec![1]);
    assert_eq!(bo.frame().await, [1]);
}

#[tokio::test]
async fn a_dial_while_the_connection_before_is_closing_is_answered() {
    let (mut mei, bo, at_mei, _) = pair().await;
    mei.net.close(at_mei, CloseReason::new(16, "applies anew"));
    mei.net.dial(bo.net.id(), bo.net.addresses());
    assert!(mei.disconnected().await.contains("applies anew"));
    let why = mei.dial_failed().await;
    assert!(why.contains("the connection before"), "{why}");
    mei.net.dial(bo.net.id(), bo.net.addresses());
    mei.connected().await;
}

#[tokio::test]
async fn a_restarted_device_takes_the_place_of_its_former_self() {
    let mut mei = device(1).await;
    // Its tasks vanish with its runtime, without a word to anyone: a crash.
    let crashing = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let address = mei.net.addresses();
    let id = mei.net.id();
    let mut bo = crashing.spawn(device(2)).await.unwrap();
    bo.net.dial(id, address.clone());
    let (first, _, _) = mei.connected().await;
    bo.connected().await;
    std::mem::forget(bo);
    crashing.shutdown_background();

    let mut bo = device(2).await;
    bo.net.dial(id, address);
    bo.connected().await;
    match mei.next().await {
        NetEvent::Disconnected { connection, .. } => assert_eq!(connection, first),
        other => panic!("expected the old connection's end first, got {other:?}"),
    }
    let (second, who, _) = mei.connected().await;
    assert_ne!(first, second);
    assert_eq!(who, bo.net.id());
    mei.net.send(second, vec![9]);
    assert_eq!(bo.frame().await, [9]);
}

#[tokio::test]
async fn a_vanished_device_is_noticed() {
    let mut mei = device(1).await;
    let crashing = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (address, id) = (mei.net.addresses(), mei.net.id());
    let bo = crashing.spawn(device(2)).await.unwrap();
    bo.net.dial(id, address);
    mei.connected().await;
    std::mem::forget(bo);
    crashing.shutdown_background();
    let started = Instant::now();
    let reason = mei.disconnected().await;
    println!("noticed after {:?}: {reason}", started.elapsed());
    assert!(started.elapsed() < Duration::from_secs(21), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_dead_address_fails_within_the_limit() {
    let mut mei = device(1).await;
    let dead = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let nobody = device(2).await;
    let id = nobody.net.id();
    nobody.net.shutdown().await;
    let started = Instant::now();
    mei.net.dial(id, vec![dead.local_addr().unwrap()]);
    let reason = mei.dial_failed().await;
    println!("failed after {:?}: {reason}", started.elapsed());
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_dead_address_beside_a_live_one_does_no_harm() {
    let (mut mei, bo) = (device(1).await, device(2).await);
    let dead = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut addresses = vec![dead.local_addr().unwrap()];
    addresses.extend(bo.net.addresses());
    let started = Instant::now();
    mei.net.dial(bo.net.id(), addresses);
    mei.connected().await;
    println!("connected after {:?}", started.elapsed());
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn what_cannot_be_dialled_is_said_at_once() {
    let mut mei = device(1).await;
    mei.net.dial(mei.net.id(), mei.net.addresses());
    assert!(mei.dial_failed().await.contains("itself"));
    mei.net.dial(device(2).await.net.id(), Vec::new());
    assert!(mei.dial_failed().await.contains("no address"));
    // Half of all numbers are no keys: not points on the curve.
    let mut ids = (0..=255).map(|byte| DeviceId([byte; 32]));
    let not_a_key = ids.find(|id| iroh::EndpointId::from_bytes(&id.0).is_err()).unwrap();
    mei.net.dial(not_a_key, vec![SocketAddr::from(([127, 0, 0, 1], 9))]);
    assert!(mei.dial_failed().await.contains("not a key"));
}

#[tokio::test]
async fn another_device_at_the_address_is_not_taken_for_the_one_dialled() {
    let (mut mei, mut bo, impostor) = (device(1).await, device(2).await, device(3).await);
    mei.net.dial(bo.net.id(), impostor.net.addresses());
    mei.dial_failed().await;
    bo.stays_quiet().await;
}

#[tokio::test]
async fn what_was_queued_before_a_close_arrives() {
    let (mut mei, mut bo, at_mei, _) = pair().await;
    for number in 0..40_u8 {
        mei.net.send(at_mei, vec![number; 100_000]);
    }
    mei.net.close(at_mei, CloseReason::new(99, "good night"));
    mei.net.send(at_mei, vec![77]);
    for number in 0..40_u8 {
        assert_eq!(bo.frame().await, vec![number; 100_000]);
    }
    let (here, there) = (mei.disconnected().await, bo.disconnected().await);
    assert!(here.contains("good night"), "{here}");
    assert!(there.contains("99") && there.contains("good night"), "{there}");
}

#[tokio::test]
async fn a_device_that_does_not_read_stops_the_sender_and_not_the_memory() {
    let (mut mei, bo, at_mei, _) = pair().await;
    // Nobody reads Bo's events. What the windows and channels hold is far below what is offered.
    let mut sent = 0;
    let reason = loop {
        mei.net.send(at_mei, vec![0; 1024 * 1024]);
        sent += 1;
        if let Ok(Some(event)) = timeout(Duration::from_millis(1), mei.events.recv()).await {
            match event {
                NetEvent::Disconnected { reason, .. } => break reason,
                other => panic!("expected Disconnected, got {other:?}"),
            }
        }
        assert!(sent < 200, "the queue has no end");
    };
    println!("cut off after {sent} MiB: {reason}");
    assert!(reason.contains("wait to be sent"), "{reason}");
    drop(bo);
}

#[tokio::test]
async fn a_busy_reader_loses_neither_frames_nor_the_connection() {
    // Both broke the connection ("too many gaps in stream buffer"): a window of megabytes, and many small packets.
    for (count, length) in [(40, 1_000_000), (5_000, 100)] {
        let (mei, mut bo, at_mei, _) = pair().await;
        for number in 0..count {
            mei.net.send(at_mei, vec![number as u8; length]);
            // Each frame leaves in its own packet.
            tokio::time::sleep(Duration::from_micros(if length < 1_000 { 50 } else { 0 })).await;
        }
        bo.busy(Duration::from_millis(500)).await;
        for number in 0..count {
            assert_eq!(bo.frame().await, vec![number as u8; length]);
        }
    }
}

#[tokio::test]
async fn a_bad_relay_and_a_taken_port_are_named() {
    let wrong = NetOptions { relay: Some("not a url".to_owned()), ..options(1) };
    assert!(Net::start(wrong).await.unwrap_err().to_string().contains("not a url"));
    let taken = device(1).await;
    let again = NetOptions { bind: taken.net.addresses().first().copied(), ..options(2) };
    let error = Net::start(again).await.unwrap_err().to_string();
    assert!(error.contains("cannot listen on 127.0.0.1:"), "{error}");
}

#[tokio::test]
async fn throughput_in_frames_of_a_mebibyte() {
    let (mei, mut bo, at_mei, _) = pair().await;
    let started = Instant::now();
    for _ in 0..60 {
        mei.net.send(at_mei, vec![5; 1024 * 1024]);
    }
    for _ in 0..60 {
        bo.frame().await;
    }
    println!("{:.0} MB/s", 60.0 * 1.048_576 / started.elapsed().as_secs_f64());
    let started = Instant::now();
    for _ in 0..100 {
        mei.net.send(at_mei, vec![1]);
        bo.frame().await;
    }
    println!("one small frame: {:?}", started.elapsed() / 100);
}
