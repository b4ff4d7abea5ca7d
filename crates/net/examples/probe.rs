//! A device that finds and greets others on the LAN, and says what happens, one line per event.
//!
//! `probe <seed 0-255> [--tag <0-255>] [--bind <address>] [--interface <name>]… [--wait] [--frames <count>]`
//!
//! It dials every device that it discovers (with `--wait` none), sends `--frames` frames of 1 MiB after connecting,
//! and ends when its standard input does. Times are milliseconds since the start.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::error::Error;
use std::time::Instant;

use kaifong_net::{ConnectionId, Net, NetEvent, NetOptions};
use tokio::io::AsyncReadExt;

struct Probe {
    net: Net,
    started: Instant,
    waits: bool,
    frames: u32,
    /// Bytes of large frames so far, and when the first one came.
    received: Option<(u64, Instant)>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let started = Instant::now();
    let (options, waits, frames) = arguments()?;
    let (net, mut events) = Net::start(options).await?;
    println!("{} started {} {:?}", started.elapsed().as_millis(), net.id(), net.addresses());
    let mut probe = Probe { net, started, waits, frames, received: None };
    let mut input = tokio::io::stdin();
    let mut ignored = [0; 64];
    loop {
        tokio::select! {
            Some(event) = events.recv() => probe.handle(event),
            read = input.read(&mut ignored) => if read? == 0 { break },
        }
    }
    probe.net.shutdown().await;
    Ok(())
}

fn arguments() -> Result<(NetOptions, bool, u32), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed: u8 = arguments.next().ok_or("a seed is wanted")?.parse()?;
    let mut options =
        NetOptions { secret: [seed; 32], building_tag: None, bind: None, lan: true, relay: None, interfaces: None };
    let (mut waits, mut frames) = (false, 0);
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next().ok_or("a value is wanted");
        match option.as_str() {
            "--wait" => waits = true,
            "--tag" => options.building_tag = Some([value()?.parse()?; 8]),
            "--bind" => options.bind = Some(value()?.parse()?),
            "--interface" => options.interfaces.get_or_insert_default().push(value()?),
            "--frames" => frames = value()?.parse()?,
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok((options, waits, frames))
}

impl Probe {
    fn handle(&mut self, event: NetEvent) {
        let at = self.started.elapsed().as_millis();
        match event {
            NetEvent::Discovered { device, addresses, building_tag } => {
                println!("{at} discovered {device} {building_tag:?} {addresses:?}");
                if !self.waits {
                    self.net.dial(device, addresses);
                }
            }
            NetEvent::Lost { device } => println!("{at} lost {device}"),
            NetEvent::Connected { connection, device, path, dialled } => {
                println!("{at} connected {device} {path:?} dialled={dialled}");
                self.net.send(connection, b"good day".to_vec());
                for _ in 0..self.frames {
                    self.net.send(connection, vec![0; 1024 * 1024]);
                }
            }
            NetEvent::Frame { connection, bytes } => self.frame(at, connection, &bytes),
            NetEvent::Disconnected { reason, .. } => println!("{at} disconnected {reason}"),
            NetEvent::DialFailed { device, reason } => println!("{at} dial-failed {device} {reason}"),
            NetEvent::InterfacesChanged => println!("{at} interfaces {:?}", self.net.addresses()),
        }
    }

    fn frame(&mut self, at: u128, _connection: ConnectionId, bytes: &[u8]) {
        if bytes.len() < 1024 {
            println!("{at} frame {}", String::from_utf8_lossy(bytes));
            return;
        }
        let (total, since) = self.received.unwrap_or((0, Instant::now()));
        let total = total + bytes.len() as u64;
        self.received = Some((total, since));
        let seconds = since.elapsed().as_secs_f64();
        println!("{at} received {total} {:.0} MB/s", total as f64 / 1e6 / seconds.max(1e-6));
    }
}
