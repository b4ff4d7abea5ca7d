//! A LAN of network namespaces: one switch, `n` hosts, no route to anywhere else.
//!
//! Each host has `lo` and `eth0` (10.77.0.1, 10.77.0.2 …/24) and no default route, like phones on a router without
//! internet. Needs root and the `ip` command; without them a test says that it was skipped, and why.

use std::fmt;
use std::net::Ipv4Addr;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// Why there can be no namespaces here. A test prints it and returns; it has not passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped(pub String);

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "skipped: {}", self.0)
    }
}

/// A switch with hosts. Dropping it removes all namespaces; processes inside are not ended.
#[derive(Debug)]
pub struct Lan {
    /// Begins the name of every namespace: unique on this machine.
    prefix: String,
    hosts: usize,
}

/// Several networks may be made by one process.
static MADE: AtomicU32 = AtomicU32::new(0);

impl Lan {
    /// Makes a switch with `hosts` hosts, 1 to 250, all plugged in.
    ///
    /// Fails when this process may not make namespaces, or the `ip` command is missing.
    pub fn new(hosts: usize) -> Result<Lan, Skipped> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let lan = Lan { prefix: format!("kf{}n{number}", std::process::id()), hosts };
        // From here on dropping `lan` removes what has been made so far.
        lan.build().map_err(Skipped)?;
        Ok(lan)
    }

    /// Gives the number of hosts.
    pub fn hosts(&self) -> usize {
        self.hosts
    }

    /// Gives the address of a host's `eth0`; hosts count from 0.
    pub fn address(&self, host: usize) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 0, u8::try_from(host + 1).unwrap_or(u8::MAX))
    }

    /// Makes a command that runs a program on a host. The process is the program itself: killing it is killing that.
    pub fn command(&self, host: usize, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.host(host)]).arg(program);
        command
    }

    /// Pulls a host's cable: its `eth0` keeps its address and loses its carrier.
    pub fn unplug(&self, host: usize) {
        self.must(&["-n", &self.switch(), "link", "set", &port(host), "down"]);
    }

    /// Puts a host's cable back.
    pub fn plug(&self, host: usize) {
        self.must(&["-n", &self.switch(), "link", "set", &port(host), "up"]);
    }

    /// Stops the switch: every host still has a carrier, and nothing arrives.
    pub fn cut_bridge(&self) {
        self.must(&["-n", &self.switch(), "link", "set", "br0", "down"]);
    }

    /// Lets the switch forward again.
    pub fn heal(&self) {
        self.must(&["-n", &self.switch(), "link", "set", "br0", "up"]);
    }

    /// Lets hosts that are isolated reach only those that are not, as guest Wi-Fi does.
    pub fn isolate(&self, host: usize, isolated: bool) {
        let state = if isolated { "on" } else { "off" };
        self.must(&["-n", &self.switch(), "link", "set", &port(host), "type", "bridge_slave", "isolated", state]);
    }

    fn build(&self) -> Result<(), String> {
        let switch = self.switch();
        ip(&["netns", "add", &switch])?;
        ip(&["-n", &switch, "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0"])?;
        ip(&["-n", &switch, "link", "set", "br0", "up"])?;
        for index in 0..self.hosts {
            let host = self.host(index);
            let port = port(index);
            ip(&["netns", "add", &host])?;
            ip(&["-n", &host, "link", "set", "lo", "up"])?;
            // Both ends are made inside the namespaces: names on the machine itself cannot clash.
            ip(&["-n", &switch, "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", &host])?;
            ip(&["-n", &switch, "link", "set", &port, "master", "br0", "up"])?;
            ip(&["-n", &host, "addr", "add", &format!("{}/24", self.address(index)), "dev", "eth0"])?;
            ip(&["-n", &host, "link", "set", "eth0", "up"])?;
        }
        Ok(())
    }

    fn switch(&self) -> String {
        format!("{}-switch", self.prefix)
    }

    fn host(&self, host: usize) -> String {
        format!("{}-{host}", self.prefix)
    }

    /// Runs a step that works once the network stands.
    fn must(&self, arguments: &[&str]) {
        let done = ip(arguments);
        assert!(done.is_ok(), "{done:?}");
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for index in 0..self.hosts {
            // What was not made cannot be removed; nothing is lost.
            let _ = ip(&["netns", "del", &self.host(index)]);
        }
        let _ = ip(&["netns", "del", &self.switch()]);
    }
}

fn port(host: usize) -> String {
    format!("port{host}")
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let done = Command::new("ip").args(arguments).output();
    match done {
        Ok(Output { status, .. }) if status.success() => Ok(()),
        Ok(Output { stderr, .. }) => {
            Err(format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&stderr).trim()))
        }
        Err(error) => Err(format!("the ip command cannot be run: {error}")),
    }
}
