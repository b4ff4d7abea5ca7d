#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;

const UP: u32 = 0x1;
const LOOPBACK: u32 = 0x8;
const POINT_TO_POINT: u32 = 0x10;
const RUNNING: u32 = 0x40;
const MULTICAST: u32 = 0x1000;

fn system(name: &str, flags: u32, addresses: &[&str]) -> SystemInterface {
    let mut interface = SystemInterface::dummy();
    interface.name = name.to_owned();
    interface.flags = flags;
    for address in addresses {
        match address.parse().unwrap() {
            IpNet::V4(net) => interface.ipv4.push(net),
            IpNet::V6(net) => interface.ipv6.push(net),
        }
    }
    interface
}

fn names(all: Vec<SystemInterface>, names: Option<&[&str]>, bound: Option<&str>) -> Vec<String> {
    let names = names.map(|names| names.iter().map(|&name| name.to_owned()).collect());
    let wanted = Wanted { names, bound: bound.map(|bound| bound.parse().unwrap()) };
    choose(all, &wanted).into_iter().map(|interface| interface.name).collect()
}

fn household() -> Vec<SystemInterface> {
    let lan = UP | RUNNING | MULTICAST;
    vec![
        system("lo", UP | RUNNING | LOOPBACK, &["127.0.0.1/8"]),
        system("wlan0", lan, &["192.168.1.5/24", "fe80::5/64"]),
        system("br-lan", lan, &["192.168.8.1/24"]),
        system("eth1", UP | MULTICAST, &["10.0.0.2/24"]),
        system("eth2", lan, &[]),
        system("docker0", lan, &["172.17.0.1/16"]),
        system("br-0123456789ab", lan, &["172.18.0.1/16"]),
        system("veth1a2b3c", lan, &["169.254.3.4/16"]),
        system("tun0", lan | POINT_TO_POINT, &["10.8.0.2/24"]),
        system("tailscale0", lan, &["100.64.0.9/32"]),
        system("wg0", UP | RUNNING | POINT_TO_POINT, &["10.9.0.2/24"]),
    ]
}

#[test]
fn the_lan_is_used_and_tunnels_containers_and_dead_cables_are_not() {
    assert_eq!(names(household(), None, None), ["br-lan", "wlan0"]);
}

#[test]
fn loopback_is_used_when_there_is_nothing_else_and_when_it_is_named() {
    let mut offline = household();
    offline.retain(|interface| interface.name != "wlan0" && interface.name != "br-lan");
    assert_eq!(names(offline, None, None), ["lo"]);
    assert_eq!(names(household(), Some(&["lo"]), None), ["lo"]);
    assert_eq!(names(household(), Some(&["lo", "wlan0", "absent"]), None), ["lo", "wlan0"]);
    assert_eq!(names(household(), None, Some("127.0.0.1")), ["lo"]);
}

#[test]
fn an_interface_that_is_named_is_used_whatever_it_is() {
    assert_eq!(names(household(), Some(&["tun0"]), None), ["tun0"]);
}

#[test]
fn addresses_are_those_that_the_sockets_listen_on() {
    let wanted = Wanted { names: None, bound: None };
    let interfaces = choose(household(), &wanted);
    let all: Vec<SocketAddr> = ["0.0.0.0:4000", "[::]:6000"].iter().map(|text| text.parse().unwrap()).collect();
    let given = |sockets: &[SocketAddr], interfaces: &[Interface]| -> Vec<String> {
        reachable(sockets, interfaces).iter().map(ToString::to_string).collect()
    };
    assert_eq!(given(&all, &interfaces), ["192.168.1.5:4000", "192.168.8.1:4000"]);
    let one: SocketAddr = "192.168.1.5:9".parse().unwrap();
    assert_eq!(given(&[one], &interfaces), ["192.168.1.5:9"]);
    let v6_only = choose(vec![system("eth0", UP | RUNNING | MULTICAST, &["fe80::5/64", "fd00::5/64"])], &wanted);
    assert_eq!(given(&all, &v6_only), ["[fd00::5]:6000"]);
    let no_dhcp = choose(vec![system("eth0", UP | RUNNING | MULTICAST, &["169.254.3.4/16"])], &wanted);
    assert_eq!(given(&all, &no_dhcp), ["169.254.3.4:4000"]);
}

#[test]
fn neighbours_are_told_from_the_world() {
    let interfaces = choose(household(), &Wanted { names: None, bound: None });
    let lan = |text: &str| on_lan(text.parse().unwrap(), &interfaces);
    assert!(lan("192.168.1.200") && lan("127.0.0.1") && lan("fe80::9") && lan("::ffff:192.168.1.3"));
    assert!(!lan("192.168.2.1") && !lan("1.1.1.1") && !lan("fd00::1"));
}
