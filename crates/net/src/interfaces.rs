//! Which network interfaces fit a LAN, and under which addresses this device can be reached there.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use netdev::interface::interface::Interface as SystemInterface;
use netdev::ipnet::IpNet;

/// Interfaces of virtual machines, containers and tunnels. Their addresses mean nothing to a neighbour, and every dead
/// address costs a dial time. Matched at the start of the name; a digit, or nothing, must follow.
const VIRTUAL_NAMES: &[&str] =
    &["docker", "virbr", "vmnet", "vboxnet", "vnet", "tun", "tap", "utun", "wg", "ppp", "zt", "awdl", "llw"];

/// The same, matched anywhere in the name.
const VIRTUAL_WORDS: &[&str] =
    &["tailscale", "zerotier", "wireguard", "vethernet", "virtualbox", "vmware", "rmnet", "ccmni", "pdp_ip"];

/// An interface that is used: its name, number and addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interface {
    pub(crate) name: String,
    pub(crate) loopback: bool,
    pub(crate) networks: Vec<IpNet>,
}

/// What decides which interfaces are used.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// By name; `None` for all that fit.
    pub(crate) names: Option<Vec<String>>,
    /// The address listened on, if it is a single one.
    pub(crate) bound: Option<IpAddr>,
}

/// Lists the interfaces to use now, sorted. Takes some milliseconds of system calls.
pub(crate) fn list(wanted: &Wanted) -> Vec<Interface> {
    choose(netdev::get_interfaces(), wanted)
}

fn choose(all: Vec<SystemInterface>, wanted: &Wanted) -> Vec<Interface> {
    let usable = |interface: &SystemInterface| match &wanted.names {
        Some(names) => interface.is_up() && names.contains(&interface.name),
        None => interface.is_loopback() || fits_lan(interface),
    };
    let mut chosen: Vec<Interface> = all
        .iter()
        .filter(|interface| usable(interface))
        .map(describe)
        .filter(|interface| !interface.networks.is_empty())
        .filter(|interface| wanted.bound.is_none_or(|bound| interface.networks.iter().any(|net| net.addr() == bound)))
        .collect();
    // With no cable and no Wi-Fi, programs on this host can still find each other.
    if wanted.names.is_none() && chosen.iter().any(|interface| !interface.loopback) {
        chosen.retain(|interface| !interface.loopback);
    }
    chosen.sort();
    chosen
}

fn fits_lan(interface: &SystemInterface) -> bool {
    interface.is_up()
        && interface.is_running()
        && interface.is_multicast()
        && !interface.is_point_to_point()
        && !interface.is_tun()
        && !is_virtual(&interface.name)
        && !interface.friendly_name.as_deref().is_some_and(is_virtual)
}

fn is_virtual(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let by_start = VIRTUAL_NAMES.iter().any(|start| {
        name.strip_prefix(start).is_some_and(|rest| rest.chars().next().is_none_or(|next| next.is_ascii_digit()))
    });
    // Docker names the bridges of its networks br-<12 hexadecimal digits>; br-lan is a router's LAN and stays.
    let docker_bridge =
        name.strip_prefix("br-").is_some_and(|rest| rest.len() == 12 && rest.chars().all(|c| c.is_ascii_hexdigit()));
    // veth pairs end in random letters.
    let veth = name.starts_with("veth");
    by_start || docker_bridge || veth || VIRTUAL_WORDS.iter().any(|word| name.contains(word))
}

fn describe(interface: &SystemInterface) -> Interface {
    let v4 = interface.ipv4.iter().copied().map(IpNet::V4);
    let v6 = interface.ipv6.iter().copied().map(IpNet::V6);
    let mut networks: Vec<IpNet> = v4.chain(v6).collect();
    networks.sort();
    networks.dedup();
    Interface { name: interface.name.clone(), loopback: interface.is_loopback(), networks }
}

/// One IPv4 address per interface, to send multicast from.
pub(crate) fn multicast_sources_v4(interfaces: &[Interface]) -> Vec<Ipv4Addr> {
    interfaces
        .iter()
        .filter_map(|interface| {
            interface.networks.iter().find_map(|network| match network.addr() {
                IpAddr::V4(address) => Some(address),
                IpAddr::V6(_) => None,
            })
        })
        .collect()
}

/// Gives the addresses under which the sockets can be reached through the interfaces, IPv4 first, none twice. Without
/// link-local IPv6: dialled with the right scope, between two hosts on one switch, iroh 1.4 gets no answer there.
pub(crate) fn reachable(sockets: &[SocketAddr], interfaces: &[Interface]) -> Vec<SocketAddr> {
    let mut addresses = BTreeSet::new();
    for socket in sockets {
        for address in interfaces.iter().flat_map(|interface| interface.networks.iter().map(IpNet::addr)) {
            let any = socket.ip().is_unspecified() && socket.is_ipv4() == address.is_ipv4();
            let v6_link_local = address.is_ipv6() && is_link_local(address);
            if (any && !v6_link_local) || socket.ip() == address {
                addresses.insert(SocketAddr::new(address, socket.port()));
            }
        }
    }
    addresses.into_iter().collect()
}

/// Whether an address lies on the LAN: in a network of one of the interfaces, or on this host.
pub(crate) fn on_lan(address: IpAddr, interfaces: &[Interface]) -> bool {
    let address = address.to_canonical();
    address.is_loopback()
        || is_link_local(address)
        || interfaces.iter().any(|interface| interface.networks.iter().any(|network| network.contains(&address)))
}

/// Whether an address is of fe80::/10 or 169.254.0.0/16.
fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests;
