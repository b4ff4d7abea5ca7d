//! Hosts on a LAN without internet: they find each other, lose each other, and find each other again.
//!
//! Needs root for network namespaces; without, each test says that it was skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test may")]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

// The whole-system tests' own module; their package depends on all crates, which this one must not.
#[path = "../../../tests/src/lan.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a library's module, of which these tests need a part")]
mod lan;

use lan::Lan;

/// Gives a LAN, or ends the test.
macro_rules! lan_or_skip {
    ($hosts:expr) => {
        match Lan::new($hosts) {
            Ok(lan) => lan,
            Err(skipped) => {
                println!("{skipped}");
                return;
            }
        }
    };
}

/// A running `probe` on a host; killed when dropped.
struct Probe {
    process: Child,
    /// Held: the probe leaves when its input ends.
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// All lines so far; those that were waited for are emptied.
    seen: Vec<String>,
}

impl Probe {
    fn start(lan: &Lan, host: usize, arguments: &str) -> Probe {
        let tests = std::env::current_exe().unwrap();
        let program = tests.parent().and_then(|deps| deps.parent()).unwrap().join("examples/probe");
        assert!(program.exists(), "{} is missing: cargo build -p kaifong-net --examples", program.display());
        let mut process = lan
            .command(host, program)
            .args(arguments.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Probe { process, input, lines, seen: Vec::new() }
    }

    /// Waits for a line whose second word is `event`, which may have come already; gives the line, each only once.
    fn wait(&mut self, event: &str, limit: Duration) -> String {
        let started = Instant::now();
        let wanted = |line: &String| line.split_whitespace().nth(1) == Some(event);
        loop {
            if let Some(line) = self.seen.iter_mut().find(|line| wanted(line)) {
                println!("{line}");
                return std::mem::take(line);
            }
            match self.lines.recv_timeout(limit.saturating_sub(started.elapsed())) {
                Ok(line) => self.seen.push(line),
                Err(_) => panic!("no {event} within {limit:?}; seen beside what was waited for: {:#?}", self.seen),
            }
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const SOON: Duration = Duration::from_secs(10);
/// The idle timeout and some.
const LATER: Duration = Duration::from_secs(25);

#[test]
fn two_hosts_without_a_default_route_find_and_greet_each_other() {
    let lan = lan_or_skip!(2);
    let mut mei = Probe::start(&lan, 0, "1 --tag 7");
    let mut bo = Probe::start(&lan, 1, "2");
    let found = bo.wait("discovered", SOON);
    assert!(found.contains("10.77.0.1:"), "{found}");
    assert!(found.contains("[7, 7, 7, 7, 7, 7, 7, 7]"), "the building is named: {found}");
    assert!(bo.wait("connected", SOON).contains("Lan"));
    mei.wait("connected", SOON);
    assert!(mei.wait("frame", SOON).contains("good day"));
    assert!(bo.wait("frame", SOON).contains("good day"));
    bo.input = None;
    assert!(mei.wait("disconnected", SOON).contains("leaves"));
}

#[test]
fn a_pulled_cable_is_noticed_and_the_neighbour_found_again_when_it_is_back() {
    let lan = lan_or_skip!(2);
    let mut mei = Probe::start(&lan, 0, "1");
    let mut bo = Probe::start(&lan, 1, "2");
    mei.wait("connected", SOON);
    bo.wait("connected", SOON);
    lan.unplug(1);
    assert!(bo.wait("interfaces", SOON).contains("127.0.0.1"), "only the loopback interface is left");
    mei.wait("disconnected", LATER);
    lan.plug(1);
    bo.wait("interfaces", SOON);
    mei.wait("connected", SOON);
    assert!(mei.wait("frame", SOON).contains("good day"));
}

#[test]
fn a_switch_that_was_off_is_recovered_from_without_any_report_by_the_system() {
    let lan = lan_or_skip!(2);
    let mut mei = Probe::start(&lan, 0, "1");
    let mut bo = Probe::start(&lan, 1, "2");
    mei.wait("connected", SOON);
    bo.wait("connected", SOON);
    lan.cut_bridge();
    mei.wait("disconnected", LATER);
    bo.wait("disconnected", LATER);
    lan.heal();
    mei.wait("connected", SOON);
    bo.wait("connected", SOON);
}

#[test]
fn a_host_with_no_network_at_all_still_connects_its_own_programs() {
    let lan = lan_or_skip!(1);
    lan.unplug(0);
    let mut mei = Probe::start(&lan, 0, "1");
    let mut bo = Probe::start(&lan, 0, "2");
    assert!(bo.wait("discovered", SOON).contains("127.0.0.1:"));
    bo.wait("frame", SOON);
    mei.wait("frame", SOON);
}

#[test]
fn programs_on_one_host_find_each_other_over_its_lan_and_over_a_named_loopback() {
    let lan = lan_or_skip!(1);
    for options in ["", "--interface lo", "--bind 127.0.0.1:0"] {
        let mut mei = Probe::start(&lan, 0, &format!("1 {options}"));
        let mut bo = Probe::start(&lan, 0, &format!("2 {options}"));
        bo.wait("frame", SOON);
        mei.wait("frame", SOON);
    }
}

#[test]
fn twelve_hosts_that_start_at_once_all_meet() {
    let lan = lan_or_skip!(12);
    let mut probes: Vec<Probe> = (0..12).map(|host| Probe::start(&lan, host, &format!("{}", host + 1))).collect();
    for probe in &mut probes {
        for _ in 0..11 {
            probe.wait("connected", SOON);
        }
    }
    for probe in &probes {
        assert!(!probe.seen.iter().any(|line| line.contains(" disconnected ")), "{:#?}", probe.seen);
    }
}

#[test]
fn hosts_without_ipv4_find_each_other() {
    let lan = lan_or_skip!(2);
    for host in 0..2 {
        let ip = |arguments: &str| {
            assert!(lan.command(host, "ip").args(arguments.split(' ')).status().unwrap().success(), "{arguments}");
        };
        ip("-4 addr flush dev eth0");
        ip(&format!("-6 addr add fd77::{}/64 dev eth0 nodad", host + 1));
    }
    let mut mei = Probe::start(&lan, 0, "1");
    let mut bo = Probe::start(&lan, 1, "2");
    assert!(bo.wait("discovered", SOON).contains("[fd77::1]"));
    mei.wait("frame", SOON);
    bo.wait("frame", SOON);
}
