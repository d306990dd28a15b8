//! The collectors of a machine: what the kernel says in procfs and sysfs, under the names that node_exporter gave it.

pub(crate) mod component;
pub mod config;
pub mod context;

mod arp;
mod bcache;
mod bonding;
mod btrfs;
mod buddyinfo;
mod cgroups;
mod conntrack;
mod cpu;
mod cpufreq;
mod diskstats;
mod dmi;
mod drbd;
mod drm;
mod edac;
mod entropy;
mod fibrechannel;
mod filefd;
mod filesystem;
mod hwmon;
mod infiniband;
mod interrupts;
mod ipvs;
mod ksmd;
mod lnstat;
mod loadavg;
mod mdadm;
mod meminfo;
mod meminfo_numa;
mod netclass;
mod netdev;
mod netlink;
mod netstat;
mod network_route;
mod nfs;
mod nfsd;
mod nvme;
mod os;
mod powersupplyclass;
mod pressure;
mod processes;
mod qdisc;
mod rapl;
mod runit;
mod schedstat;
mod selinux;
mod slabinfo;
mod sockstat;
mod softirqs;
mod softnet;
mod stat;
mod sysctl;
mod tapestats;
mod tcpstat;
mod textfile;
mod thermal_zone;
mod time;
mod timex;
mod udp_queues;
mod uname;
mod vmstat;
mod xfs;
mod zfs;
mod zoneinfo;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::time::Instant;

use crate::base::Exposition;
use config::{ConfigError, UnixConfig};
use context::{CollectError, Collected, Ctx};
use value::{ValidateError, ValidateErrors};

/// One source of metrics. It is built once, keeps what it must remember itself, and is asked once per scrape.
pub trait Collector: Send {
    /// The name in the options and in the `collector` label.
    fn name(&self) -> &'static str;
    /// Adds the samples of one scrape. What was added before an error stays on the page.
    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected;
}

type Make = fn(&UnixConfig) -> Result<Box<dyn Collector>, ConfigError>;

/// A collector, whether it runs unless told otherwise, and how it is built.
struct Entry {
    name: &'static str,
    default: bool,
    make: Make,
}

const fn on(name: &'static str, make: Make) -> Entry {
    Entry { name, default: true, make }
}

const fn off(name: &'static str, make: Make) -> Entry {
    Entry { name, default: false, make }
}

/// Every collector, by name.
static COLLECTORS: &[Entry] = &[
    on("arp", arp::make),
    on("bcache", bcache::make),
    on("bonding", |_| Ok(Box::new(bonding::Bonding))),
    on("btrfs", |_| Ok(Box::new(btrfs::Btrfs))),
    off("buddyinfo", |_| Ok(Box::new(buddyinfo::Buddyinfo))),
    off("cgroups", |_| Ok(Box::new(cgroups::Cgroups))),
    on("conntrack", |_| Ok(Box::new(conntrack::Conntrack))),
    on("cpu", cpu::make),
    on("cpufreq", |_| Ok(Box::new(cpufreq::Cpufreq))),
    on("diskstats", diskstats::make),
    on("dmi", |_| Ok(Box::new(dmi::Dmi))),
    off("drbd", |_| Ok(Box::new(drbd::Drbd))),
    off("drm", |_| Ok(Box::new(drm::Drm))),
    on("edac", |_| Ok(Box::new(edac::Edac))),
    on("entropy", |_| Ok(Box::new(entropy::Entropy))),
    on("fibrechannel", |_| Ok(Box::new(fibrechannel::Fibrechannel))),
    on("filefd", |_| Ok(Box::new(filefd::Filefd))),
    on("filesystem", filesystem::make),
    on("hwmon", hwmon::make),
    on("infiniband", |_| Ok(Box::new(infiniband::Infiniband))),
    off("interrupts", |_| Ok(Box::new(interrupts::Interrupts))),
    on("ipvs", ipvs::make),
    off("ksmd", |_| Ok(Box::new(ksmd::Ksmd))),
    off("lnstat", |_| Ok(Box::new(lnstat::Lnstat))),
    on("loadavg", |_| Ok(Box::new(loadavg::Loadavg))),
    on("mdadm", |_| Ok(Box::new(mdadm::Mdadm))),
    on("meminfo", |_| Ok(Box::new(meminfo::Meminfo))),
    off("meminfo_numa", |_| Ok(Box::new(meminfo_numa::MeminfoNuma))),
    on("netclass", netclass::make),
    on("netdev", netdev::make),
    on("netstat", netstat::make),
    off("network_route", |_| Ok(Box::new(network_route::NetworkRoute))),
    on("nfs", |_| Ok(Box::new(nfs::Nfs))),
    on("nfsd", |_| Ok(Box::new(nfsd::Nfsd))),
    on("nvme", |_| Ok(Box::new(nvme::Nvme))),
    on("os", |_| Ok(Box::new(os::Os))),
    on("powersupplyclass", powersupplyclass::make),
    on("pressure", |_| Ok(Box::new(pressure::Pressure))),
    on("processes", |_| Ok(Box::new(processes::Processes))),
    off("qdisc", |_| Ok(Box::new(qdisc::Qdisc))),
    on("rapl", |_| Ok(Box::new(rapl::Rapl))),
    off("runit", runit::make),
    on("schedstat", |_| Ok(Box::new(schedstat::Schedstat))),
    on("selinux", |_| Ok(Box::new(selinux::Selinux))),
    off("slabinfo", |_| Ok(Box::new(slabinfo::Slabinfo))),
    on("sockstat", |_| Ok(Box::new(sockstat::Sockstat))),
    off("softirqs", |_| Ok(Box::new(softirqs::Softirqs))),
    on("softnet", |_| Ok(Box::new(softnet::Softnet))),
    on("stat", |_| Ok(Box::new(stat::Stat))),
    off("sysctl", sysctl::make),
    on("tapestats", tapestats::make),
    off("tcpstat", |_| Ok(Box::new(tcpstat::Tcpstat))),
    on("textfile", textfile::make),
    on("thermal_zone", |_| Ok(Box::new(thermal_zone::ThermalZone))),
    on("time", |_| Ok(Box::new(time::Time))),
    on("timex", |_| Ok(Box::new(timex::Timex))),
    on("udp_queues", |_| Ok(Box::new(udp_queues::UdpQueues))),
    on("uname", |_| Ok(Box::new(uname::Uname))),
    on("vmstat", vmstat::make),
    on("xfs", |_| Ok(Box::new(xfs::Xfs))),
    on("zfs", |_| Ok(Box::new(zfs::Zfs))),
    off("zoneinfo", |_| Ok(Box::new(zoneinfo::Zoneinfo))),
];

/// The chosen collectors over the chosen roots.
pub struct UnixExporter {
    ctx: Ctx,
    collectors: Vec<Box<dyn Collector>>,
}

impl std::fmt::Debug for UnixExporter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("UnixExporter").field("ctx", &self.ctx).field("collectors", &self.names()).finish()
    }
}

impl UnixExporter {
    /// Builds the collectors that `config` asks for. Names nobody knows are passed over, as collectors of other systems are.
    pub fn new(config: &UnixConfig) -> Result<Self, ConfigError> {
        let collectors = COLLECTORS
            .iter()
            .filter(|entry| config.runs(entry.name, entry.default))
            .map(|entry| (entry.make)(config))
            .collect::<Result<_, _>>()?;
        let ctx = Ctx::new(&config.procfs_path, &config.sysfs_path, &config.rootfs_path, &config.udev_data_path);
        Ok(UnixExporter { ctx, collectors })
    }

    /// The names of the collectors that run.
    pub fn names(&self) -> Vec<&'static str> {
        self.collectors.iter().map(|collector| collector.name()).collect()
    }

    /// Asks every collector and adds how long each took, in seconds, and whether it succeeded. Blocks on file reads: call it where blocking is allowed.
    pub fn collect(&self, out: &mut Exposition) {
        for collector in &self.collectors {
            let began = Instant::now();
            let outcome = collector.collect(&self.ctx, out);
            let seconds = began.elapsed().as_secs_f64();
            let labels = [("collector", collector.name())];
            out.gauge("node_scrape_collector_duration_seconds", "How long the collector took.", &labels, seconds);
            let success = f64::from(u8::from(outcome.is_ok()));
            out.gauge("node_scrape_collector_success", "Whether the collector succeeded.", &labels, success);
            match outcome {
                Ok(()) => {}
                Err(CollectError::NoData(reason)) => tracing::debug!(collector = collector.name(), reason, "collector has no data"),
                Err(error) => tracing::error!(collector = collector.name(), %error, "collector failed"),
            }
        }
    }
}

impl UnixConfig {
    /// Whether the collector `name` runs: `enable_collectors` wins over `disable_collectors`, which wins over `set_collectors` or the default.
    pub fn runs(&self, name: &str, default: bool) -> bool {
        let lists = |list: &[String]| list.iter().any(|entry| entry == name);
        let chosen = if self.set_collectors.is_empty() { default } else { lists(&self.set_collectors) };
        lists(&self.enable_collectors) || (chosen && !lists(&self.disable_collectors))
    }

    /// What the collectors that run cannot work with, and names that none has.
    fn validate(&self) -> Result<(), ValidateErrors> {
        let mut errors = ValidateErrors::default();
        // Compiling the expressions takes longer than everything else that `validate` does, and the defaults are known to be right.
        let [enable_collectors, disable_collectors, set_collectors] =
            [&self.enable_collectors, &self.disable_collectors, &self.set_collectors].map(Clone::clone);
        let is_usual = *self == UnixConfig { enable_collectors, disable_collectors, set_collectors, ..UnixConfig::default() };
        if !is_usual && let Err(error) = UnixExporter::new(self) {
            errors.push(ValidateError::at(error.option().split('.').next().unwrap_or_default(), error.to_string()));
        }
        let lists = [("enable_collectors", &self.enable_collectors), ("disable_collectors", &self.disable_collectors)];
        let lists = lists.into_iter().chain([("set_collectors", &self.set_collectors)]);
        for (list, at, name) in lists.flat_map(|(list, names)| names.iter().enumerate().map(move |(at, name)| (list, at, name))) {
            errors.check(COLLECTORS.iter().all(|entry| entry.name != name), || {
                let message = format!("the collector {name:?} is not known here and does nothing");
                let known = syntax::suggest(name, COLLECTORS.iter().map(|entry| entry.name));
                let hint = known.map_or_else(|| "remove it".to_owned(), |known| format!("did you mean {known:?}?"));
                ValidateError::at(list, message).index(at).hint(hint).warning()
            });
        }
        errors.result()
    }
}
