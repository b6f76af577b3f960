//! What can be typed after `check`.

use std::path::PathBuf;
use std::time::Duration;

use super::{ConnectionArgs, ProviderArgs, ReportKind, SecretArgs, duration, report, whole};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh check --provider stripe --to localhost:3000/webhook
  ckwh check --provider stripe --to localhost:3000/webhook --observe-url localhost:3000/events
  ckwh check --provider github --to localhost:3000 --only refuses --json
  ckwh check --provider stripe --to localhost:3000 --observe 'cat state' --reset 'rm -f state' --explore 4")]
pub struct CheckArgs {
    /// The event of most cases [default: the provider's first]
    #[arg(value_name = "EVENT")]
    pub event: Option<String>,
    /// The handler: 3000, localhost:3000/hooks
    #[arg(long, value_name = "URL", env = "CKWH_TO", hide_env_values = true)]
    pub to: Option<String>,

    /// Try these alone: a case, a family, or either with *
    #[arg(
        long,
        alias = "case",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Cases"
    )]
    pub only: Vec<String>,
    /// Do not try these
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Cases")]
    pub skip: Vec<String>,
    /// More cases, in TOML
    #[arg(long, value_name = "FILE", help_heading = "Cases")]
    pub cases: Vec<PathBuf>,
    /// List the cases, and try none
    #[arg(long, help_heading = "Cases")]
    pub list: bool,
    /// The failures of this earlier --json output are known, and fail no more
    #[arg(long, value_name = "FILE", help_heading = "Cases")]
    pub baseline: Option<PathBuf>,
    /// A warning fails too
    #[arg(long, help_heading = "Cases")]
    pub strict: bool,

    /// A command that prints the handler's state or effects; {id} in it stands for the event's id
    #[arg(long, value_name = "CMD", conflicts_with = "observe_url", help_heading = "Effects")]
    pub observe: Option<String>,
    /// An address that shows them
    #[arg(long, value_name = "URL", help_heading = "Effects")]
    pub observe_url: Option<String>,
    /// How long they must stay the same before they are compared
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "500ms", help_heading = "Effects")]
    pub settle: Duration,
    /// A command that undoes them, run before each case that compares them
    #[arg(long, value_name = "CMD", help_heading = "Effects")]
    pub reset: Option<String>,

    /// Deliver a chain of events in other orders and more than once, in sequences of up to N deliveries
    #[arg(long, value_name = "N", value_parser = whole::<u16>(1, u16::MAX), help_heading = "Exploration")]
    pub explore: Option<u16>,
    /// The chain's events, the first first [default: the provider's]
    #[arg(
        long,
        value_name = "EVENT,EVENT,…",
        value_delimiter = ',',
        help_heading = "Exploration"
    )]
    pub chain: Vec<String>,
    /// How many sequences are tried
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "explore", value_parser = whole::<u32>(1, u32::MAX), help_heading = "Exploration")]
    pub orders: u32,
    /// Chooses the sequences where there are more
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        requires = "explore",
        help_heading = "Exploration"
    )]
    pub seed: u64,

    #[command(flatten)]
    pub provider: ProviderArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,

    /// How many requests may be made
    #[arg(long, value_name = "N", default_value_t = 2000, help_heading = "Safety")]
    pub max_requests: usize,
    /// Try a handler on another machine
    #[arg(long, help_heading = "Safety")]
    pub yes: bool,

    /// Write a report for CI: junit=FILE, github
    #[arg(long, value_name = "KIND", value_parser = report, help_heading = "Output")]
    pub report: Vec<ReportKind>,
    /// Write the report as a page
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub html: Option<PathBuf>,
}
