//! `network_route`: the routing tables.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Collector;
use super::context::{Collected, Ctx};
use super::netlink::{attributes, device, dump, u16_at, u32_at};
use crate::base::Exposition;

pub(super) struct NetworkRoute;

const RTM_GETROUTE: u16 = 26;
/// Length of the fixed part of a message, and of the part that names a next hop.
const HEAD: usize = 12;
const HOP_HEAD: usize = 8;
const UNICAST: u8 = 1;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_PRIORITY: u16 = 6;
const RTA_PREFSRC: u16 = 7;
const RTA_MULTIPATH: u16 = 9;

/// A route over one device.
#[derive(Clone, Debug, Default, PartialEq)]
struct Route {
    index: u32,
    source: String,
    destination: String,
    gateway: String,
    priority: u32,
    protocol: u8,
    weight: String,
}

impl Collector for NetworkRoute {
    fn name(&self) -> &'static str {
        "network_route"
    }

    fn collect(&self, _: &Ctx, out: &mut Exposition) -> Collected {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        dump(libc::NETLINK_ROUTE, RTM_GETROUTE, &[0; HEAD], |message| {
            for route in parse(message).unwrap_or_default() {
                let name = device(route.index);
                add(out, &route, &name);
                *counts.entry(name).or_default() += 1;
            }
        })?;
        for (device, count) in counts {
            out.gauge("node_network_routes", "Routes over the device.", &[("device", &device)], f64::from(count));
        }
        Ok(())
    }
}

fn add(out: &mut Exposition, route: &Route, device: &str) {
    let priority = route.priority.to_string();
    let labels = [
        ("dest", route.destination.as_str()),
        ("device", device),
        ("gw", &route.gateway),
        ("priority", &priority),
        ("proto", protocol(route.protocol)),
        ("src", &route.source),
        ("weight", &route.weight),
    ];
    out.gauge("node_network_route_info", "A route.", &labels, 1.0);
}

/// The routes of a message, one for each device it may take. Nothing for routes that lead to no other machine.
fn parse(message: &[u8]) -> Option<Vec<Route>> {
    let (prefix, protocol, kind) = (*message.get(1)?, *message.get(5)?, *message.get(7)?);
    if kind != UNICAST {
        return None;
    }
    let mut route = Route { protocol, destination: "default".to_owned(), ..Route::default() };
    let mut hops = Vec::new();
    for (kind, value) in attributes(message.get(HEAD..)?) {
        match kind {
            RTA_DST if prefix > 0 => route.destination = format!("{}/{prefix}", address(value)),
            RTA_OIF => route.index = u32_at(value, 0)?,
            RTA_GATEWAY => route.gateway = address(value),
            RTA_PRIORITY => route.priority = u32_at(value, 0)?,
            RTA_PREFSRC => route.source = address(value),
            RTA_MULTIPATH => hops = next_hops(value),
            _ => {}
        }
    }
    if hops.is_empty() {
        return Some(vec![route]);
    }
    let with = |(index, gateway, weight): (u32, String, u32)| Route { index, gateway, weight: weight.to_string(), ..route.clone() };
    Some(hops.into_iter().map(with).collect())
}

/// Device, gateway and weight of each hop.
fn next_hops(mut data: &[u8]) -> Vec<(u32, String, u32)> {
    let mut hops = Vec::new();
    while let (Some(length), Some(hop)) = (u16_at(data, 0).map(usize::from), data.get(3)) {
        let (Some(index), Some(rest)) = (u32_at(data, 4), data.get(HOP_HEAD..length)) else { break };
        let gateway = attributes(rest).find(|(kind, _)| *kind == RTA_GATEWAY).map(|(_, value)| address(value));
        hops.push((index, gateway.unwrap_or_default(), u32::from(*hop) + 1));
        data = data.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    hops
}

fn address(value: &[u8]) -> String {
    let four = <[u8; 4]>::try_from(value).map(IpAddr::from);
    let six = <[u8; 16]>::try_from(value).map(IpAddr::from);
    four.or(six).map(|address| address.to_string()).unwrap_or_default()
}

/// Who made the route.
fn protocol(number: u8) -> &'static str {
    match number {
        0 => "unspec",
        1 => "redirect",
        2 => "kernel",
        3 => "boot",
        4 => "static",
        8 => "gated",
        9 => "ra",
        10 => "mrt",
        11 => "zebra",
        12 => "bird",
        13 => "dnrouted",
        14 => "xorp",
        15 => "ntk",
        16 => "dhcp",
        17 => "mrouted",
        42 => "babel",
        186 => "bgp",
        187 => "isis",
        188 => "ospf",
        189 => "rip",
        192 => "eigrp",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).expect("it is short");
        [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), value, &vec![0; value.len().next_multiple_of(4) - value.len()]].concat()
    }

    #[test]
    fn single_routes_and_several_hops() {
        let head = |prefix: u8, kind: u8| vec![2, prefix, 0, 0, 254, 2, 0, kind, 0, 0, 0, 0];
        let single = [
            head(16, UNICAST),
            attribute(RTA_DST, &[172, 17, 0, 0]),
            attribute(RTA_OIF, &5_u32.to_ne_bytes()),
            attribute(RTA_PREFSRC, &[172, 17, 0, 1]),
        ]
        .concat();
        let expected =
            Route { index: 5, source: "172.17.0.1".into(), destination: "172.17.0.0/16".into(), protocol: 2, ..Route::default() };
        assert_eq!(parse(&single), Some(vec![expected]));
        let hop = |index: u32, last: u8| {
            let gateway = attribute(RTA_GATEWAY, &[10, 0, 0, last]);
            [&(16_u16.to_ne_bytes())[..], &[0, 4], &index.to_ne_bytes(), &gateway].concat()
        };
        let several = [head(0, UNICAST), attribute(RTA_MULTIPATH, &[hop(2, 1), hop(3, 2)].concat())].concat();
        let routes = parse(&several).expect("it is a route");
        let shown: Vec<(u32, &str, &str, &str)> =
            routes.iter().map(|route| (route.index, route.destination.as_str(), route.gateway.as_str(), route.weight.as_str())).collect();
        assert_eq!(shown, [(2, "default", "10.0.0.1", "5"), (3, "default", "10.0.0.2", "5")]);
        assert_eq!(parse(&head(0, 3)), None);
        assert_eq!(parse(&[]), None);
    }
}
