//! What may be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use picquet_intel::Category;
use picquet_model::{EventTime, Severity};
use picquet_report::Format;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Threat detection for AWS that you host yourself: CloudTrail, VPC Flow Logs and Route 53 Resolver query logs
/// in, GuardDuty findings out.
#[derive(Parser)]
#[command(name = "picquet", version, about, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Hunt through existing logs.
    Scan(Box<ScanArgs>),
    /// Say what a finding type means, what triggers it here, and what to do.
    Explain(Box<ExplainArgs>),
    /// Work with threat lists.
    Lists(ListsArgs),
    /// Bring feeds up to date, and see how old they are.
    Feeds(FeedsArgs),
    /// Work with the settings.
    Config(ConfigArgs),
    /// Answer AWS clients: the GuardDuty API over HTTPS.
    Serve(Box<ServeArgs>),
    /// Say who may call the API.
    User(UserArgs),
    /// Check, copy and restore the store.
    Store(StoreArgs),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// What continuous detection did, and what waits: sources, volumes, accounts, targets.
    Status(StatusArgs),
    /// Check what `serve` needs, and say what to do: settings, disk, lists, buckets, queues.
    Doctor(DoctorArgs),
    /// Print a manual page (roff).
    Man {
        /// The command; the program itself when left out.
        command: Option<String>,
    },
}

/// What to read, and with which lists and settings: shared by `scan` and `explain --why-not`.
#[derive(Args, Clone)]
pub struct InputArgs {
    /// Files and folders of logs; `-` is standard input. Formats and compression are recognised by content.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// What logs are held against, and how much the machine may do.
    #[command(flatten)]
    pub world: WorldArgs,

    /// The data folder of `picquet serve`: its active lists are used, and findings are kept for those who ask its API.
    #[arg(long, value_name = "DIR", help_heading = "Store")]
    pub data_dir: Option<PathBuf>,
    /// The PostgreSQL database that the store is in (or PICQUET_STORE), as for `picquet serve`.
    #[arg(long, value_name = "URL", requires = "data_dir", help_heading = "Store")]
    pub store: Option<String>,
    /// Load what an earlier scan learned, and save what this one learned.
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub baseline: Option<PathBuf>,

    /// Only activity from this moment on: `2024-05-01` or `2024-05-01T12:00:00Z`.
    #[arg(long, value_name = "TIME", value_parser = since, help_heading = "Filters")]
    pub since: Option<EventTime>,
    /// Only activity up to this moment; a date includes its whole day.
    #[arg(long, value_name = "TIME", value_parser = until, help_heading = "Filters")]
    pub until: Option<EventTime>,
    /// Only findings of this account. Repeatable.
    #[arg(long, value_name = "ACCOUNT", help_heading = "Filters")]
    pub account: Vec<String>,
    /// Only findings of this region. Repeatable.
    #[arg(long, value_name = "REGION", help_heading = "Filters")]
    pub region: Vec<String>,
}

/// What logs are held against, and how much the machine may do: of `scan` and of `serve`.
#[derive(Args, Clone)]
pub struct WorldArgs {
    /// A named threat feed: c2, miner, miner-reputation, tor-exit, tor-relay, scanner, malicious-ip,
    /// malicious-domain, phishing, drive-by, drop-point, sinkhole, dga, abused, suspicious, compromised-key. It
    /// stands instead of the bundled feeds of its category. Repeatable.
    #[arg(long, value_name = "CATEGORY=FILE", value_parser = feed, help_heading = "Threat intelligence")]
    pub feed: Vec<(Category, PathBuf)>,
    /// A list of your own (IPs, CIDRs, domains; TXT, STIX, OTX CSV, AlienVault, Proofpoint or FireEye): matches
    /// become `.Custom` findings. Repeatable.
    #[arg(long, value_name = "FILE", help_heading = "Threat intelligence")]
    pub threat_list: Vec<PathBuf>,
    /// Addresses and domains that never raise a finding, whatever other lists say. Repeatable.
    #[arg(long, value_name = "FILE", help_heading = "Threat intelligence")]
    pub trusted_list: Vec<PathBuf>,
    /// Use no bundled feed.
    #[arg(long, help_heading = "Threat intelligence")]
    pub no_default_feeds: bool,
    /// A MaxMind-format database (country, city or ASN) instead of the bundled data. Repeatable.
    #[arg(long, value_name = "FILE", help_heading = "Enrichment")]
    pub geoip: Vec<PathBuf>,
    /// AWS's ip-ranges.json instead of the bundled snapshot.
    #[arg(long, value_name = "FILE", help_heading = "Enrichment")]
    pub aws_ranges: Option<PathBuf>,
    /// The JSON of `aws ec2 describe-instances` or `describe-network-interfaces`, or both in one object.
    /// Repeatable.
    #[arg(long, value_name = "FILE", help_heading = "Enrichment")]
    pub inventory: Vec<PathBuf>,

    /// Settings and thresholds (TOML); see `picquet config show`.
    #[arg(long, value_name = "FILE", env = "PICQUET_CONFIG", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Worker threads; all processors when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Settings")]
    pub threads: Option<u16>,
    /// Memory to use, about: `256M`, `2G`. Facts that do not fit are spilled to the temporary folder.
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = size, help_heading = "Settings")]
    pub max_memory: u64,
    /// The region of flow records that name none and whose object's key names none.
    #[arg(long, value_name = "REGION", default_value = "us-east-1", help_heading = "Settings")]
    pub default_region: String,
    /// The account of such records.
    #[arg(long, value_name = "ACCOUNT", default_value = "000000000000", help_heading = "Settings")]
    pub default_account: String,
}

impl InputArgs {
    /// The moments between which activity is looked for, if any are given.
    pub fn window(&self) -> Option<(EventTime, EventTime)> {
        (self.since.is_some() || self.until.is_some())
            .then(|| (self.since.unwrap_or(EventTime::MIN), self.until.unwrap_or(EventTime::MAX)))
    }
}

impl WorldArgs {
    /// Worker threads.
    pub fn thread_count(&self) -> usize {
        self.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }
}

/// `picquet scan`
#[derive(Args)]
#[command(after_help = "Exit status: 0 done (findings or not), 10 --fail-on was met, 1 internal error, 2 usage, \
                        3 configuration, 4 nothing readable, 5 part of the input was lost (--strict), 130 interrupted.")]
pub struct ScanArgs {
    /// What to read.
    #[command(flatten)]
    pub input: InputArgs,

    /// Only finding types that match, such as `UnauthorizedAccess:EC2/*`. Repeatable.
    #[arg(long, value_name = "TYPE", help_heading = "Filters")]
    pub only: Vec<String>,
    /// Only findings of this severity and above: low, medium, high, critical or a number.
    #[arg(long, value_name = "SEVERITY", help_heading = "Filters")]
    pub min_severity: Option<Severity>,

    /// Format of standard output: a table on a terminal and NDJSON into a pipe when left out.
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<Format>,
    /// Write a file; the format follows from its name (`.json`, `.ndjson`, `.csv`, `.html`, `.txt`,
    /// `.asff.json`, `.ocsf.json`), or is that of `--format`. Repeatable.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub output: Vec<PathBuf>,
    /// Write over existing files.
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// Exit with 10 when a finding has this severity or a higher one.
    #[arg(long, value_name = "SEVERITY", help_heading = "Output")]
    pub fail_on: Option<Severity>,
    /// Exit with 5 when part of the input could not be read.
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
    /// Print no progress and no summary.
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
    /// Say more: why each finding was raised, where each defect is.
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub color: Color,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `picquet explain`
#[derive(Args)]
pub struct ExplainArgs {
    /// A finding type, or the id of a finding (then give the scan's JSON with --findings).
    #[arg(value_name = "TYPE|FINDING_ID", required_unless_present = "why_not")]
    pub what: Option<String>,
    /// A file of findings, JSON or NDJSON, to look the id up in.
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
    /// Say why a type was not raised in the given logs.
    #[arg(long, value_name = "TYPE", requires = "entity")]
    pub why_not: Option<String>,
    /// The instance, interface, address, user, key or bucket that it should have been raised for.
    #[arg(long, value_name = "ENTITY")]
    pub entity: Option<String>,
    /// The logs, lists and settings for --why-not.
    #[command(flatten)]
    pub input: InputArgs,
}

/// `picquet lists`
#[derive(Args)]
pub struct ListsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ListsCommand,
}

/// What to do with lists.
#[derive(Subcommand)]
pub enum ListsCommand {
    /// Check a list: its format, what it holds, and every line that cannot be used.
    Check {
        /// The list.
        file: PathBuf,
        /// The category it would be a feed of; a customer's own list when left out.
        #[arg(long)]
        category: Option<Category>,
    },
    /// Show the bundled feeds.
    Show,
    /// Print which list category gives which finding type.
    Table,
}

/// `picquet feeds`
#[derive(Args)]
pub struct FeedsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: FeedsCommand,
    /// The file whose [[feed]] tables say which feeds there are.
    #[arg(long, value_name = "FILE", env = "PICQUET_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// The data folder, in which feeds are kept.
    #[arg(long, value_name = "DIR", env = "PICQUET_DATA_DIR", default_value = "picquet-data", global = true)]
    pub data_dir: PathBuf,
}

/// What to do with feeds.
#[derive(Subcommand)]
pub enum FeedsCommand {
    /// Fetch feeds, check them, and take them in; `serve` does it by itself, and takes in what this brings.
    Update {
        /// The feeds; all when left out.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Take a feed from a file, where nothing can be fetched.
    Import {
        /// The feed.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// Show each feed with its age.
    Show,
}

/// `picquet config`
#[derive(Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with the settings.
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print the settings in effect, as a file that can be used again.
    Show {
        /// The file.
        #[arg(long, value_name = "FILE", env = "PICQUET_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Check a file of settings.
    Check {
        /// The file.
        file: PathBuf,
    },
}

fn feed(text: &str) -> Result<(Category, PathBuf), String> {
    let (category, file) = text.split_once('=').ok_or("give it as CATEGORY=FILE")?;
    Ok((category.parse().map_err(|e: picquet_intel::UnknownCategory| e.to_string())?, file.into()))
}

fn size(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.trim_end_matches('b').trim_end_matches('i');
    let (number, unit) = match lower.char_indices().last() {
        Some((at, 'k')) => (&lower[..at], 1 << 10),
        Some((at, 'm')) => (&lower[..at], 1 << 20),
        Some((at, 'g')) => (&lower[..at], 1u64 << 30),
        _ => (lower, 1),
    };
    let bytes = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    bytes.filter(|&b| b >= 64 << 20).ok_or_else(|| "give at least 64M, as in 256M or 2G".into())
}

fn since(text: &str) -> Result<EventTime, String> {
    moment(text, "T00:00:00Z")
}

fn until(text: &str) -> Result<EventTime, String> {
    moment(text, "T23:59:59.999Z")
}

fn moment(text: &str, rest_of_day: &str) -> Result<EventTime, String> {
    EventTime::parse_rfc3339(text)
        .or_else(|| EventTime::parse_rfc3339(&format!("{text}{rest_of_day}")))
        .ok_or_else(|| "give a date as 2024-05-01 or a moment as 2024-05-01T12:00:00Z".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn values_are_read_or_refused() {
        assert_eq!(size("256M"), Ok(256 << 20));
        assert_eq!(size("2GiB"), Ok(2 << 30));
        assert!(size("12").is_err() && size("1 lot").is_err());
        assert_eq!(until("2024-05-01").unwrap().to_string(), "2024-05-01T23:59:59.999Z");
        assert!(since("yesterday").is_err());
        assert!(feed("c2=x").is_ok() && feed("c2").is_err() && feed("nonsense=x").is_err());
    }
}

/// Where the store is.
#[derive(Args, Clone)]
pub struct DataArgs {
    /// The folder of the store and its keys.
    #[arg(long, value_name = "DIR", env = "PICQUET_DATA_DIR", default_value = "picquet-data")]
    pub data_dir: PathBuf,
    /// Keep the store in a PostgreSQL database, postgres://USER:PASSWORD@HOST:PORT/DATABASE, instead of a file in the
    /// folder (or PICQUET_STORE, which other users of the machine do not see).
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
}

/// How `status` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum StatusFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Options of `status`.
#[derive(Args)]
pub struct StatusArgs {
    /// Where the store is.
    #[command(flatten)]
    pub data: DataArgs,
    /// The format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: StatusFormat,
    /// Let objects that were set aside be read again.
    #[arg(long)]
    pub retry: bool,
}

/// Options of `doctor`.
#[derive(Args)]
pub struct DoctorArgs {
    /// Where the store is.
    #[command(flatten)]
    pub data: DataArgs,
    /// What logs are held against; the sources are in the file of --config.
    #[command(flatten)]
    pub world: WorldArgs,
}

/// Options of `serve`.
#[derive(Args)]
pub struct ServeArgs {
    /// The address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,
    /// The folder of the store and its keys; it is made at first start.
    #[arg(long, value_name = "DIR", env = "PICQUET_DATA_DIR", default_value = "picquet-data")]
    pub data_dir: PathBuf,
    /// Keep the store in a PostgreSQL database, postgres://USER:PASSWORD@HOST:PORT/DATABASE, instead of a file in the
    /// folder (or PICQUET_STORE, which other users of the machine do not see).
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// Serve metrics for Prometheus (plain HTTP, `/metrics`) at this address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub metrics: Option<SocketAddr>,
    /// Speak HTTP without TLS, on a loopback address only.
    #[arg(long)]
    pub insecure_http: bool,
    /// A name or address by which clients reach the server, for the certificate that is made; localhost and the address
    /// of --listen are in it. Repeatable.
    #[arg(long, value_name = "NAME", conflicts_with = "insecure_http")]
    pub tls_name: Vec<String>,
    /// What logs are held against, and how much the machine may do. The sources are in the file of --config.
    #[command(flatten)]
    pub world: WorldArgs,
    /// A folder whose files lists may name as file:///folder/file. Repeatable.
    #[arg(long, value_name = "DIR")]
    pub list_folder: Vec<PathBuf>,
    /// Days after their last update for which findings are kept.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub retention_days: u16,
    /// How many calls a second each access key may make, and five times as many at once; 0 is no limit.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub rate_limit: u32,
    /// Accept requests that emulators accept and AWS refuses.
    #[arg(long)]
    pub lenient_validation: bool,
    /// The management account of the organization; otherwise the first that designates a delegated administrator.
    #[arg(long, value_name = "ID")]
    pub management_account: Option<String>,
}

/// Options of `user`.
#[derive(Args)]
pub struct UserArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: UserCommand,
}

/// What can be done with users.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Make a user, and print an access key.
    Add {
        /// The name.
        name: String,
        /// The account: twelve digits.
        #[arg(long, value_name = "ID")]
        account: String,
        /// What the user may do: administrator or read-only.
        #[arg(long, value_name = "NAME", default_value = "administrator")]
        policy: String,
        /// A policy in Cedar, instead of a built-in one.
        #[arg(long, value_name = "FILE", conflicts_with = "policy")]
        policy_file: Option<PathBuf>,
        /// How the key is printed.
        #[arg(long, value_enum, default_value_t = Printed::Plain)]
        format: Printed,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show all users.
    List {
        /// How they are printed.
        #[arg(long, value_enum, default_value_t = Printed::Plain)]
        format: Printed,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Remove a user with all access keys.
    Remove {
        /// The name.
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Set a user's password: a line of standard input.
    SetPassword {
        /// The name.
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make another access key of a user.
    NewKey {
        /// The name.
        name: String,
        /// How the key is printed.
        #[arg(long, value_enum, default_value_t = Printed::Plain)]
        format: Printed,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Remove an access key.
    RemoveKey {
        /// The access key.
        id: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Options of `store`.
#[derive(Args)]
pub struct StoreArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// What can be done with the store.
#[derive(Subcommand)]
pub enum StoreCommand {
    /// Check that the store is whole.
    Check {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Write a copy, also while it is used.
    Backup {
        /// The new file.
        file: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Put a copy in the place of the store.
    Restore {
        /// The copy.
        file: PathBuf,
        /// Also if there is a store.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Printed {
    /// As lines to read, or to evaluate in a shell.
    Plain,
    /// As JSON.
    Json,
}
