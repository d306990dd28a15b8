//! `nfs`: calls of the NFS client.

use std::collections::HashMap;

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Nfs;

/// Procedures of version 2, in the order of the counters.
pub(super) const V2: [&str; 18] = [
    "Null", "GetAttr", "SetAttr", "Root", "Lookup", "ReadLink", "Read", "WrCache", "Write", "Create", "Remove", "Rename", "Link",
    "SymLink", "MkDir", "RmDir", "ReadDir", "FsStat",
];
/// Procedures of version 3.
pub(super) const V3: [&str; 22] = [
    "Null",
    "GetAttr",
    "SetAttr",
    "Lookup",
    "Access",
    "ReadLink",
    "Read",
    "Write",
    "Create",
    "MkDir",
    "SymLink",
    "MkNod",
    "Remove",
    "RmDir",
    "Rename",
    "Link",
    "ReadDir",
    "ReadDirPlus",
    "FsStat",
    "FsInfo",
    "PathConf",
    "Commit",
];
/// Procedures of the client of version 4.
const V4: [&str; 59] = [
    "Null",
    "Read",
    "Write",
    "Commit",
    "Open",
    "OpenConfirm",
    "OpenNoattr",
    "OpenDowngrade",
    "Close",
    "Setattr",
    "FsInfo",
    "Renew",
    "SetClientID",
    "SetClientIDConfirm",
    "Lock",
    "Lockt",
    "Locku",
    "Access",
    "Getattr",
    "Lookup",
    "LookupRoot",
    "Remove",
    "Rename",
    "Link",
    "Symlink",
    "Create",
    "Pathconf",
    "StatFs",
    "ReadLink",
    "ReadDir",
    "ServerCaps",
    "DelegReturn",
    "GetACL",
    "SetACL",
    "FsLocations",
    "ReleaseLockowner",
    "Secinfo",
    "FsidPresent",
    "ExchangeID",
    "CreateSession",
    "DestroySession",
    "Sequence",
    "GetLeaseTime",
    "ReclaimComplete",
    "GetDeviceInfo",
    "LayoutGet",
    "LayoutCommit",
    "LayoutReturn",
    "SecinfoNoName",
    "TestStateID",
    "FreeStateID",
    "GetDeviceList",
    "BindConnToSession",
    "DestroyClientID",
    "Seek",
    "Allocate",
    "DeAllocate",
    "LayoutStats",
    "Clone",
];

/// The figures of each line, by its first word. What a kernel does not write counts as zero.
pub(super) struct Lines<'a>(HashMap<&'a str, Vec<f64>>);

impl<'a> Lines<'a> {
    pub(super) fn parse(text: &'a str, file: &str) -> Collected<Self> {
        let mut lines = HashMap::new();
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let word = fields.next().ok_or_else(|| CollectError::parse(file, "an empty line"))?;
            lines.insert(word, fields.map(|field| parse_float(field, file)).collect::<Collected<Vec<f64>>>()?);
        }
        Ok(Lines(lines))
    }

    pub(super) fn get(&self, word: &str, column: usize) -> f64 {
        self.0.get(word).and_then(|figures| figures.get(column)).copied().unwrap_or_default()
    }

    /// Adds the counters of one version's procedures. The line leads with how many there are.
    pub(super) fn procedures(
        &self,
        out: &mut Exposition,
        metric: &str,
        word: &str,
        version: &str,
        names: &[&str],
        keep: impl Fn(&str) -> bool,
    ) {
        for (number, method) in names.iter().enumerate().filter(|(_, method)| keep(method)) {
            out.counter(metric, "Calls, by version and procedure.", &[("method", method), ("proto", version)], self.get(word, number + 1));
        }
    }
}

impl Collector for Nfs {
    fn name(&self) -> &'static str {
        "nfs"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let file = "net/rpc/nfs";
        let text = ctx.proc(file).map_err(CollectError::missing_is_no_data)?;
        let lines = Lines::parse(&text, file)?;
        for (protocol, column) in [("udp", 1), ("tcp", 2)] {
            out.counter("node_nfs_packets_total", "Packets, by protocol.", &[("protocol", protocol)], lines.get("net", column));
        }
        let counters = [
            ("node_nfs_connections_total", "TCP connections made.", lines.get("net", 3)),
            ("node_nfs_rpcs_total", "Remote calls made.", lines.get("rpc", 0)),
            ("node_nfs_rpc_retransmissions_total", "Remote calls made again.", lines.get("rpc", 1)),
            ("node_nfs_rpc_authentication_refreshes_total", "How often credentials were renewed.", lines.get("rpc", 2)),
        ];
        counters.into_iter().for_each(|(name, help, value)| out.counter(name, help, &[], value));
        for (word, version, names) in [("proc2", "2", &V2[..]), ("proc3", "3", &V3), ("proc4", "4", &V4)] {
            lines.procedures(out, "node_nfs_requests_total", word, version, names, |_| true);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Exposition;
    use crate::unix::Collector;
    use crate::unix::context::Ctx;

    #[test]
    fn every_procedure_has_a_counter() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::create_dir_all(folder.path().join("net/rpc")).expect("a fixture can be written");
        std::fs::write(
            folder.path().join("net/rpc/nfs"),
            "net 70 10 60 45\nrpc 1218785755 374636 1218815394\nproc3 22 1 1061909262 48906\n",
        )
        .expect("a fixture can be written");
        let mut out = Exposition::new();
        super::Nfs.collect(&Ctx::new(&folder.path().display().to_string(), "/", "/", "/"), &mut out).expect("the fixture can be read");
        let mut page = String::new();
        out.render(&mut page);
        for line in [
            "node_nfs_packets_total{protocol=\"tcp\"} 60",
            "node_nfs_connections_total 45",
            "node_nfs_rpc_retransmissions_total 374636",
            "node_nfs_requests_total{method=\"GetAttr\",proto=\"3\"} 1.061909262e+09",
            "node_nfs_requests_total{method=\"Commit\",proto=\"3\"} 0",
            "node_nfs_requests_total{method=\"Clone\",proto=\"4\"} 0",
        ] {
            assert!(page.contains(&format!("\n{line}\n")), "{line}\n{page}");
        }
        assert_eq!(out.samples(), 2 + 4 + 18 + 22 + 59);
    }
}
