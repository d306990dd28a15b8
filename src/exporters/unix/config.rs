//! What the collectors of a machine can be told: paths, the choice of collectors, and each collector's own options with its default.

use std::time::Duration;

use regex::Regex;

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

/// Options of the exporter. `Default` gives the documented defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct UnixConfig {
    /// Adds metrics about the exporter's own page.
    pub include_exporter_metrics: bool,
    /// Where procfs is mounted.
    pub procfs_path: String,
    /// Where sysfs is mounted.
    pub sysfs_path: String,
    /// Prefix of the host's file system, for exporters in a container.
    pub rootfs_path: String,
    /// Folder of udev's database.
    pub udev_data_path: String,
    /// Collectors to run beyond the default ones.
    pub enable_collectors: Vec<String>,
    /// Collectors not to run.
    pub disable_collectors: Vec<String>,
    /// Collectors to run instead of the default ones; empty for the defaults.
    pub set_collectors: Vec<String>,
    /// Devices of the `arp` collector.
    pub arp: ArpConfig,
    /// Options of the `bcache` collector.
    pub bcache: BcacheConfig,
    /// Options of the `cpu` collector.
    pub cpu: CpuConfig,
    /// Devices of the `diskstats` collector.
    pub disk: DiskConfig,
    /// Options of the `ethtool` collector.
    pub ethtool: EthtoolConfig,
    /// Options of the `filesystem` collector.
    pub filesystem: FilesystemConfig,
    /// Chips of the `hwmon` collector.
    pub hwmon: HwmonConfig,
    /// Options of the `ipvs` collector.
    pub ipvs: IpvsConfig,
    /// Options of the `ntp` collector.
    pub ntp: NtpConfig,
    /// Options of the `netclass` collector.
    pub netclass: NetclassConfig,
    /// Options of the `netdev` collector.
    pub netdev: NetdevConfig,
    /// Options of the `netstat` collector.
    pub netstat: NetstatConfig,
    /// Options of the `perf` collector.
    pub perf: PerfConfig,
    /// Options of the `powersupplyclass` collector.
    pub powersupply: PowersupplyConfig,
    /// Options of the `runit` collector.
    pub runit: RunitConfig,
    /// Options of the `supervisord` collector.
    pub supervisord: SupervisordConfig,
    /// Options of the `sysctl` collector.
    pub sysctl: SysctlConfig,
    /// Options of the `systemd` collector.
    pub systemd: SystemdConfig,
    /// Options of the `tapestats` collector.
    pub tapestats: TapestatsConfig,
    /// Options of the `textfile` collector.
    pub textfile: TextfileConfig,
    /// Options of the `vmstat` collector.
    pub vmstat: VmstatConfig,
}

impl Default for UnixConfig {
    fn default() -> Self {
        UnixConfig {
            include_exporter_metrics: false,
            procfs_path: "/proc".into(),
            sysfs_path: "/sys".into(),
            rootfs_path: "/".into(),
            udev_data_path: "/run/udev/data".into(),
            enable_collectors: Vec::new(),
            disable_collectors: Vec::new(),
            set_collectors: Vec::new(),
            arp: ArpConfig::default(),
            bcache: BcacheConfig::default(),
            cpu: CpuConfig::default(),
            disk: DiskConfig::default(),
            ethtool: EthtoolConfig::default(),
            filesystem: FilesystemConfig::default(),
            hwmon: HwmonConfig::default(),
            ipvs: IpvsConfig::default(),
            ntp: NtpConfig::default(),
            netclass: NetclassConfig::default(),
            netdev: NetdevConfig::default(),
            netstat: NetstatConfig::default(),
            perf: PerfConfig::default(),
            powersupply: PowersupplyConfig::default(),
            runit: RunitConfig::default(),
            supervisord: SupervisordConfig::default(),
            sysctl: SysctlConfig::default(),
            systemd: SystemdConfig::default(),
            tapestats: TapestatsConfig::default(),
            textfile: TextfileConfig::default(),
            vmstat: VmstatConfig::default(),
        }
    }
}

/// Declares the options of one collector: a struct with documented public fields and their defaults.
macro_rules! options {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $default:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $default,)* }
            }
        }
    };
}

options! {
    /// Which devices' ARP entries are counted.
    ArpConfig {
        /// Expression of devices to leave out.
        device_exclude: String = String::new(),
        /// Expression of devices to keep.
        device_include: String = String::new(),
        /// Ask the kernel over netlink instead of reading `net/arp`.
        netlink: bool = false,
    }
}
options! {
    /// What is read of bcache sets.
    BcacheConfig {
        /// Read `priority_stats`, which costs the kernel a walk over all buckets.
        priority_stats: bool = false,
    }
}
options! {
    /// What is read of the processors.
    CpuConfig {
        /// Expression of the `bugs` to report; needs `info`.
        bugs_include: String = String::new(),
        /// Report the time given to guests.
        guest: bool = false,
        /// Report what `cpuinfo` says.
        info: bool = false,
        /// Expression of the `flags` to report; needs `info`.
        flags_include: String = String::new(),
    }
}
options! {
    /// Which block devices are reported.
    DiskConfig {
        /// Expression of devices to leave out; without effect when `device_include` is set.
        device_exclude: String = r"^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$".into(),
        /// Expression of devices to keep.
        device_include: String = String::new(),
    }
}
options! {
    /// Which driver statistics are reported.
    EthtoolConfig {
        /// Expression of devices to leave out.
        device_exclude: String = String::new(),
        /// Expression of devices to keep.
        device_include: String = String::new(),
        /// Expression of the statistics to keep.
        metrics_include: String = ".*".into(),
    }
}
options! {
    /// Which mounts are reported.
    FilesystemConfig {
        /// Expression of file system types to leave out.
        fs_types_exclude: String = "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$".into(),
        /// Expression of mount points to leave out.
        mount_points_exclude: String = "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)".into(),
        /// How long a mount may take to answer before it counts as stuck.
        mount_timeout: Duration = Duration::from_secs(5),
    }
}
options! {
    /// Which sensor chips are reported.
    HwmonConfig {
        /// Expression of chips to leave out.
        chip_exclude: String = String::new(),
        /// Expression of chips to keep.
        chip_include: String = String::new(),
    }
}
options! {
    /// How the backends of virtual servers are told apart.
    IpvsConfig {
        /// Labels of the backend series; empty for all.
        backend_labels: Vec<String> = Vec::new(),
    }
}
options! {
    /// The time server to compare with.
    NtpConfig {
        /// Time to live of the request.
        ip_ttl: i64 = 1,
        /// Offset below which the local clock counts as right.
        local_offset_tolerance: Duration = Duration::from_millis(1),
        /// Largest distance to the root clock.
        max_distance: Duration = Duration::from_micros(3_466_080),
        /// Version of the protocol.
        protocol_version: i64 = 4,
        /// The server.
        server: String = "127.0.0.1".into(),
        /// The server is the local clock's own daemon.
        server_is_local: bool = false,
    }
}
options! {
    /// Which network interfaces are reported.
    NetclassConfig {
        /// Leave out speeds the driver calls unknown.
        ignore_invalid_speed_device: bool = false,
        /// Expression of devices to leave out.
        ignored_devices: String = "^$".into(),
    }
}
options! {
    /// Which network devices are counted.
    NetdevConfig {
        /// Report the addresses of the devices.
        address_info: bool = false,
        /// Expression of devices to leave out.
        device_exclude: String = String::new(),
        /// Expression of devices to keep.
        device_include: String = String::new(),
    }
}
options! {
    /// Which protocol counters are reported.
    NetstatConfig {
        /// Expression of `protocol_counter` names to keep.
        fields: String = "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$".into(),
    }
}
options! {
    /// Which performance counters are opened.
    PerfConfig {
        /// Processors, as `0-3,7`; empty for all.
        cpus: String = String::new(),
        /// Trace points, as `subsystem:event`.
        tracepoint: Vec<String> = Vec::new(),
        /// Leave out the hardware counters.
        disable_hardware_profilers: bool = false,
        /// Leave out the software counters.
        disable_software_profilers: bool = false,
        /// Leave out the cache counters.
        disable_cache_profilers: bool = false,
        /// Hardware counters to open; empty for all.
        hardware_profilers: Vec<String> = Vec::new(),
        /// Software counters to open; empty for all.
        software_profilers: Vec<String> = Vec::new(),
        /// Cache counters to open; empty for all.
        cache_profilers: Vec<String> = Vec::new(),
    }
}
options! {
    /// Which power supplies are reported.
    PowersupplyConfig {
        /// Expression of supplies to leave out.
        ignored_supplies: String = "^$".into(),
    }
}
options! {
    /// Where runit keeps its services.
    RunitConfig {
        /// Folder of the services.
        service_dir: String = "/etc/service".into(),
    }
}
options! {
    /// Where supervisord answers.
    SupervisordConfig {
        /// Address of its XML-RPC interface.
        url: String = std::env::var("SUPERVISORD_URL").ok().filter(|url| !url.is_empty()).unwrap_or_else(|| "http://localhost:9001/RPC2".into()),
    }
}
options! {
    /// Which kernel settings are reported.
    SysctlConfig {
        /// Numeric settings, as `name` or `name:key1,key2`.
        include: Vec<String> = Vec::new(),
        /// Settings reported as a label.
        include_info: Vec<String> = Vec::new(),
    }
}
options! {
    /// Which units are reported.
    SystemdConfig {
        /// Report how often services restarted.
        enable_restarts: bool = false,
        /// Report when units started.
        start_time: bool = false,
        /// Report the tasks of units.
        task_metrics: bool = false,
        /// Expression of units to leave out.
        unit_exclude: String = r".+\.(automount|device|mount|scope|slice)".into(),
        /// Expression of units to keep.
        unit_include: String = ".+".into(),
    }
}
options! {
    /// Which tape drives are reported.
    TapestatsConfig {
        /// Expression of drives to leave out.
        ignored_devices: String = "^$".into(),
    }
}
options! {
    /// Where other programs leave metrics.
    TextfileConfig {
        /// Folder, or pattern of folders, with `*.prom` files.
        directory: String = String::new(),
    }
}
options! {
    /// Which fields of `vmstat` are reported.
    VmstatConfig {
        /// Expression of the fields to keep.
        fields: String = "^(oom_kill|pgpg|pswp|pg.*fault).*".into(),
    }
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
        self.exclude.as_ref().is_some_and(|regex| regex.is_match(device)) || self.include.as_ref().is_some_and(|regex| !regex.is_match(device))
    }
}
