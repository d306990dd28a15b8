//! `nfsd`: calls to the NFS server.

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use super::nfs::{Lines, V2, V3};
use crate::base::Exposition;

pub(super) struct Nfsd;

/// Operations of the server of version 4, in the order of the counters.
const V4: [&str; 40] = [
    "Op0Unused",
    "Op1Unused",
    "Op2Future",
    "Access",
    "Close",
    "Commit",
    "Create",
    "DelegPurge",
    "DelegReturn",
    "GetAttr",
    "GetFH",
    "Link",
    "Lock",
    "Lockt",
    "Locku",
    "Lookup",
    "LookupRoot",
    "Nverify",
    "Open",
    "OpenAttr",
    "OpenConfirm",
    "OpenDgrd",
    "PutFH",
    "PutPubFH",
    "PutRootFH",
    "Read",
    "ReadDir",
    "ReadLink",
    "Remove",
    "Rename",
    "Renew",
    "RestoreFH",
    "SaveFH",
    "SecInfo",
    "SetAttr",
    "SetClientID",
    "SetClientIDConfirm",
    "Verify",
    "Write",
    "RelLockOwner",
];
/// Procedures that are not reported.
const SKIPPED: [&str; 8] = ["Null", "Op0Unused", "Op1Unused", "Op2Future", "PutPubFH", "PutRootFH", "SetClientID", "SetClientIDConfirm"];

/// Word of the line, column, metric and help text of single counters.
const COUNTERS: [(&str, usize, &str, &str); 9] = [
    ("rc", 0, "node_nfsd_reply_cache_hits_total", "Answers that were sent again from the cache."),
    ("rc", 1, "node_nfsd_reply_cache_misses_total", "Calls whose answer was put into the cache."),
    ("rc", 2, "node_nfsd_reply_cache_nocache_total", "Calls whose answer need not be kept."),
    ("fh", 0, "node_nfsd_file_handles_stale_total", "File handles that were stale."),
    ("io", 0, "node_nfsd_disk_bytes_read_total", "Bytes read."),
    ("io", 1, "node_nfsd_disk_bytes_written_total", "Bytes written."),
    ("ra", 11, "node_nfsd_read_ahead_cache_not_found_total", "Reads that the read-ahead cache did not know."),
    ("net", 3, "node_nfsd_connections_total", "TCP connections accepted."),
    ("rpc", 0, "node_nfsd_server_rpcs_total", "Remote calls served."),
];

impl Collector for Nfsd {
    fn name(&self) -> &'static str {
        "nfsd"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let file = "net/rpc/nfsd";
        let text = ctx.proc(file).map_err(CollectError::missing_is_no_data)?;
        let lines = Lines::parse(&text, file)?;
        for (word, column, name, help) in COUNTERS {
            out.counter(name, help, &[], lines.get(word, column));
        }
        out.gauge("node_nfsd_server_threads", "Threads that serve.", &[], lines.get("th", 0));
        out.gauge("node_nfsd_read_ahead_cache_size_blocks", "Blocks of the read-ahead cache.", &[], lines.get("ra", 0));
        for (protocol, column) in [("udp", 1), ("tcp", 2)] {
            out.counter("node_nfsd_packets_total", "Packets, by protocol.", &[("proto", protocol)], lines.get("net", column));
        }
        for (error, column) in [("fmt", 2), ("auth", 3), ("cInt", 4)] {
            out.counter(
                "node_nfsd_rpc_errors_total",
                "Remote calls that were wrong, by kind.",
                &[("error", error)],
                lines.get("rpc", column),
            );
        }
        for (word, version, names) in [("proc2", "2", &V2[..]), ("proc3", "3", &V3), ("proc4ops", "4", &V4)] {
            lines.procedures(out, "node_nfsd_requests_total", word, version, names, |method| !SKIPPED.contains(&method));
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
    fn every_operation_has_a_counter() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::create_dir_all(folder.path().join("net/rpc")).expect("a fixture can be written");
        let text =
            "rc 0 6 18622\nio 157286400 72864\nth 8 0 0.000 0.000\nra 32 0 0 0 0 0 0 0 0 0 0 7\nrpc 18628 3 1 2 0\nproc4ops 4 0 0 0 1098\n";
        std::fs::write(folder.path().join("net/rpc/nfsd"), text).expect("a fixture can be written");
        let mut out = Exposition::new();
        super::Nfsd.collect(&Ctx::new(&folder.path().display().to_string(), "/", "/", "/"), &mut out).expect("the fixture can be read");
        let mut page = String::new();
        out.render(&mut page);
        for line in [
            "node_nfsd_reply_cache_nocache_total 18622",
            "node_nfsd_server_threads 8",
            "node_nfsd_read_ahead_cache_not_found_total 7",
            "node_nfsd_rpc_errors_total{error=\"auth\"} 2",
            "node_nfsd_requests_total{method=\"Access\",proto=\"4\"} 1098",
            "node_nfsd_requests_total{method=\"GetAttr\",proto=\"2\"} 0",
        ] {
            assert!(page.contains(&format!("\n{line}\n")), "{line}\n{page}");
        }
        assert_eq!(out.samples(), 9 + 2 + 2 + 3 + 17 + 21 + 33);
    }
}
