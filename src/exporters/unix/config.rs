//! What the collectors of a machine can be told: paths, the choice of collectors, and each collector's own options with its default.

use regex::Regex;
use value::Arguments;
use value::types::Duration;

/// An option that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A pattern does not compile.
    #[error("`{option}` is no valid regular expression: {source}")]
    Pattern {
        /// The option as written in the configuration, `block.attribute`.
        option: &'static str,
        /// What the expression compiler said.
        source: Box<regex::Error>,
    },
    /// Two options contradict each other.
    #[error("`{0}` and `{1}` cannot be set together; keep one of them")]
    Exclusive(&'static str, &'static str),
    /// A value is outside of what the collector accepts.
    #[error("`{option}` is not usable: {reason}")]
    Value {
        /// The option as written in the configuration.
        option: &'static str,
        /// What is wrong with the value.
        reason: String,
    },
}

impl ConfigError {
    /// The option at fault as written in the configuration, `block.attribute`.
    pub fn option(&self) -> &'static str {
        match self {
            Self::Pattern { option, .. } | Self::Value { option, .. } | Self::Exclusive(option, _) => option,
        }
    }
}

/// Shows the figures of the machine as metrics, under the names of node_exporter.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct UnixConfig {
    /// Adds metrics about the exporter's own page.
    #[alloy(attr, optional)]
    pub include_exporter_metrics: bool,
    /// Where procfs is mounted.
    #[alloy(attr, default = "/proc")]
    pub procfs_path: String,
    /// Where sysfs is mounted.
    #[alloy(attr, default = "/sys")]
    pub sysfs_path: String,
    /// Prefix of the host's file system, for exporters in a container.
    #[alloy(attr, default = "/")]
    pub rootfs_path: String,
    /// Folder of udev's database.
    #[alloy(attr, default = "/run/udev/data")]
    pub udev_data_path: String,
    /// Collectors to run beyond the default ones.
    #[alloy(attr, optional)]
    pub enable_collectors: Vec<String>,
    /// Collectors not to run.
    #[alloy(attr, optional)]
    pub disable_collectors: Vec<String>,
    /// Collectors to run instead of the default ones; empty for the defaults.
    #[alloy(attr, optional)]
    pub set_collectors: Vec<String>,
    /// Devices of the `arp` collector.
    #[alloy(block, optional)]
    pub arp: ArpConfig,
    /// Options of the `bcache` collector.
    #[alloy(block, optional)]
    pub bcache: BcacheConfig,
    /// Options of the `cpu` collector.
    #[alloy(block, optional)]
    pub cpu: CpuConfig,
    /// Devices of the `diskstats` collector.
    #[alloy(block, optional)]
    pub disk: DiskConfig,
    /// Options of the `ethtool` collector.
    #[alloy(block, optional)]
    pub ethtool: EthtoolConfig,
    /// Options of the `filesystem` collector.
    #[alloy(block, optional)]
    pub filesystem: FilesystemConfig,
    /// Chips of the `hwmon` collector.
    #[alloy(block, optional)]
    pub hwmon: HwmonConfig,
    /// Options of the `ipvs` collector.
    #[alloy(block, optional)]
    pub ipvs: IpvsConfig,
    /// Options of the `ntp` collector.
    #[alloy(block, optional)]
    pub ntp: NtpConfig,
    /// Options of the `netclass` collector.
    #[alloy(block, optional)]
    pub netclass: NetclassConfig,
    /// Options of the `netdev` collector.
    #[alloy(block, optional)]
    pub netdev: NetdevConfig,
    /// Options of the `netstat` collector.
    #[alloy(block, optional)]
    pub netstat: NetstatConfig,
    /// Options of the `perf` collector.
    #[alloy(block, optional)]
    pub perf: PerfConfig,
    /// Options of the `powersupplyclass` collector.
    #[alloy(block, optional)]
    pub powersupply: PowersupplyConfig,
    /// Options of the `runit` collector.
    #[alloy(block, optional)]
    pub runit: RunitConfig,
    /// Options of the `supervisord` collector.
    #[alloy(block, optional)]
    pub supervisord: SupervisordConfig,
    /// Options of the `sysctl` collector.
    #[alloy(block, optional)]
    pub sysctl: SysctlConfig,
    /// Options of the `systemd` collector.
    #[alloy(block, optional)]
    pub systemd: SystemdConfig,
    /// Options of the `tapestats` collector.
    #[alloy(block, optional)]
    pub tapestats: TapestatsConfig,
    /// Options of the `textfile` collector.
    #[alloy(block, optional)]
    pub textfile: TextfileConfig,
    /// Options of the `vmstat` collector.
    #[alloy(block, optional)]
    pub vmstat: VmstatConfig,
}

impl Default for UnixConfig {
    fn default() -> Self {
        Self::defaults().expect("every option has a default")
    }
}

/// Which devices' ARP entries are counted.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct ArpConfig {
    /// Expression of devices to leave out.
    #[alloy(attr, optional)]
    pub device_exclude: String,
    /// Expression of devices to keep.
    #[alloy(attr, optional)]
    pub device_include: String,
    /// Ask the kernel over netlink instead of reading `net/arp`.
    #[alloy(attr, optional)]
    pub netlink: bool,
}

/// What is read of bcache sets.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct BcacheConfig {
    /// Read `priority_stats`, which costs the kernel a walk over all buckets.
    #[alloy(attr, optional)]
    pub priority_stats: bool,
}

/// What is read of the processors.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct CpuConfig {
    /// Expression of the `bugs` to report; needs `info`.
    #[alloy(attr, optional)]
    pub bugs_include: String,
    /// Report the time given to guests.
    #[alloy(attr, optional)]
    pub guest: bool,
    /// Report what `cpuinfo` says.
    #[alloy(attr, optional)]
    pub info: bool,
    /// Expression of the `flags` to report; needs `info`.
    #[alloy(attr, optional)]
    pub flags_include: String,
}

/// Which block devices are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct DiskConfig {
    /// Expression of devices to leave out; without effect when `device_include` is set.
    #[alloy(attr, default = r"^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$")]
    pub device_exclude: String,
    /// Expression of devices to keep.
    #[alloy(attr, optional)]
    pub device_include: String,
}

/// Which driver statistics are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct EthtoolConfig {
    /// Expression of devices to leave out.
    #[alloy(attr, optional)]
    pub device_exclude: String,
    /// Expression of devices to keep.
    #[alloy(attr, optional)]
    pub device_include: String,
    /// Expression of the statistics to keep.
    #[alloy(attr, default = ".*")]
    pub metrics_include: String,
}

/// Which mounts are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct FilesystemConfig {
    /// Expression of file system types to leave out.
    #[alloy(
        attr,
        default = "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$"
    )]
    pub fs_types_exclude: String,
    /// Expression of mount points to leave out.
    #[alloy(attr, default = "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)")]
    pub mount_points_exclude: String,
    /// How long a mount may take to answer before it counts as stuck.
    #[alloy(attr, default = "5s")]
    pub mount_timeout: Duration,
}

/// Which sensor chips are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct HwmonConfig {
    /// Expression of chips to leave out.
    #[alloy(attr, optional)]
    pub chip_exclude: String,
    /// Expression of chips to keep.
    #[alloy(attr, optional)]
    pub chip_include: String,
}

/// How the backends of virtual servers are told apart.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct IpvsConfig {
    /// Labels of the backend series; empty for all.
    #[alloy(attr, optional)]
    pub backend_labels: Vec<String>,
}

/// The time server to compare with.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct NtpConfig {
    /// Time to live of the request.
    #[alloy(attr, default = 1)]
    pub ip_ttl: i64,
    /// Offset below which the local clock counts as right.
    #[alloy(attr, default = "1ms")]
    pub local_offset_tolerance: Duration,
    /// Largest distance to the root clock.
    #[alloy(attr, default = "3466080us")]
    pub max_distance: Duration,
    /// Version of the protocol.
    #[alloy(attr, default = 4)]
    pub protocol_version: i64,
    /// The server.
    #[alloy(attr, default = "127.0.0.1")]
    pub server: String,
    /// The server is the local clock's own daemon.
    #[alloy(attr, optional)]
    pub server_is_local: bool,
}

/// Which network interfaces are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct NetclassConfig {
    /// Leave out speeds the driver calls unknown.
    #[alloy(attr, optional)]
    pub ignore_invalid_speed_device: bool,
    /// Expression of devices to leave out.
    #[alloy(attr, default = "^$")]
    pub ignored_devices: String,
}

/// Which network devices are counted.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct NetdevConfig {
    /// Report the addresses of the devices.
    #[alloy(attr, optional)]
    pub address_info: bool,
    /// Expression of devices to leave out.
    #[alloy(attr, optional)]
    pub device_exclude: String,
    /// Expression of devices to keep.
    #[alloy(attr, optional)]
    pub device_include: String,
}

/// Which protocol counters are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct NetstatConfig {
    /// Expression of `protocol_counter` names to keep.
    #[alloy(
        attr,
        default = "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$"
    )]
    pub fields: String,
}

/// Which performance counters are opened.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct PerfConfig {
    /// Processors, as `0-3,7`; empty for all.
    #[alloy(attr, optional)]
    pub cpus: String,
    /// Trace points, as `subsystem:event`.
    #[alloy(attr, optional)]
    pub tracepoint: Vec<String>,
    /// Leave out the hardware counters.
    #[alloy(attr, optional)]
    pub disable_hardware_profilers: bool,
    /// Leave out the software counters.
    #[alloy(attr, optional)]
    pub disable_software_profilers: bool,
    /// Leave out the cache counters.
    #[alloy(attr, optional)]
    pub disable_cache_profilers: bool,
    /// Hardware counters to open; empty for all.
    #[alloy(attr, optional)]
    pub hardware_profilers: Vec<String>,
    /// Software counters to open; empty for all.
    #[alloy(attr, optional)]
    pub software_profilers: Vec<String>,
    /// Cache counters to open; empty for all.
    #[alloy(attr, optional)]
    pub cache_profilers: Vec<String>,
}

/// Which power supplies are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct PowersupplyConfig {
    /// Expression of supplies to leave out.
    #[alloy(attr, default = "^$")]
    pub ignored_supplies: String,
}

/// Where runit keeps its services.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct RunitConfig {
    /// Folder of the services.
    #[alloy(attr, default = "/etc/service")]
    pub service_dir: String,
}

/// Where supervisord answers.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct SupervisordConfig {
    /// Address of its XML-RPC interface.
    #[alloy(attr, default = supervisord_url())]
    pub url: String,
}

/// Which kernel settings are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct SysctlConfig {
    /// Numeric settings, as `name` or `name:key1,key2`.
    #[alloy(attr, optional)]
    pub include: Vec<String>,
    /// Settings reported as a label.
    #[alloy(attr, optional)]
    pub include_info: Vec<String>,
}

/// Which units are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct SystemdConfig {
    /// Report how often services restarted.
    #[alloy(attr, optional)]
    pub enable_restarts: bool,
    /// Report when units started.
    #[alloy(attr, optional)]
    pub start_time: bool,
    /// Report the tasks of units.
    #[alloy(attr, optional)]
    pub task_metrics: bool,
    /// Expression of units to leave out.
    #[alloy(attr, default = r".+\.(automount|device|mount|scope|slice)")]
    pub unit_exclude: String,
    /// Expression of units to keep.
    #[alloy(attr, default = ".+")]
    pub unit_include: String,
}

/// Which tape drives are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct TapestatsConfig {
    /// Expression of drives to leave out.
    #[alloy(attr, default = "^$")]
    pub ignored_devices: String,
}

/// Where other programs leave metrics.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct TextfileConfig {
    /// Folder, or pattern of folders, with `*.prom` files.
    #[alloy(attr, optional)]
    pub directory: String,
}

/// Which fields of `vmstat` are reported.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub struct VmstatConfig {
    /// Expression of the fields to keep.
    #[alloy(attr, default = "^(oom_kill|pgpg|pswp|pg.*fault).*")]
    pub fields: String,
}

fn supervisord_url() -> String {
    std::env::var("SUPERVISORD_URL").ok().filter(|url| !url.is_empty()).unwrap_or_else(|| "http://localhost:9001/RPC2".to_owned())
}

/// Compiles the expression of an option.
pub fn pattern(option: &'static str, expression: &str) -> Result<Regex, ConfigError> {
    Regex::new(expression).map_err(|source| ConfigError::Pattern { option, source: Box::new(source) })
}

/// Keeps or drops devices by two expressions, of which an empty one decides nothing.
#[derive(Debug)]
pub struct DeviceFilter {
    exclude: Option<Regex>,
    include: Option<Regex>,
}

impl DeviceFilter {
    /// A filter over the options `exclude` and `include`, each given with its name.
    pub fn new(exclude: (&'static str, &str), include: (&'static str, &str)) -> Result<Self, ConfigError> {
        let compile = |(option, text): (&'static str, &str)| (!text.is_empty()).then(|| pattern(option, text)).transpose();
        Ok(DeviceFilter { exclude: compile(exclude)?, include: compile(include)? })
    }

    /// True when the device is not to be reported.
    pub fn ignores(&self, device: &str) -> bool {
        self.exclude.as_ref().is_some_and(|regex| regex.is_match(device))
            || self.include.as_ref().is_some_and(|regex| !regex.is_match(device))
    }
}
