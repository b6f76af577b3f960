//! `ckwh replay`.

use super::{
    ConnectionArgs, EditArgs, ExpectArgs, PaceArgs, ReportKind, RequestFormat, SecretArgs, SelectArgs, StoreArgs,
    factor, report, whole,
};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh replay last --to 3000
  ckwh replay --event 'cost.*' --since 1h --to 3000
  ckwh replay --failed --to 3000")]
pub struct ReplayArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Those whose body a jq filter says yes to, such as '.cost.amount > 900'
    #[arg(long = "where", value_name = "JQ", help_heading = "Selection")]
    pub filter: Option<String>,
    /// Requests from a file instead of the store, by their times: JSON lines, HAR, raw HTTP, curl lines …; - is standard input
    #[arg(long, value_name = "FILE|-", help_heading = "Selection")]
    pub from: Option<String>,
    /// Deliver the requests of a file in its order rather than by their times; standard input as it comes
    #[arg(long, requires = "from", help_heading = "Selection")]
    pub file_order: bool,
    /// Go on with a replay that was cut off: the newest, or the one of that number
    #[arg(
        long,
        value_name = "RUN",
        num_args = 0..=1,
        default_missing_value = "last",
        help_heading = "Selection",
        conflicts_with_all = ["ids", "all", "event", "provider", "since", "until", "invalid", "failed", "filter", "from", "file_order", "times",
            "ordered_by", "dry_run"]
    )]
    pub resume: Option<String>,

    /// Help to deliver a run that another process began, in a store that is shared: the newest, or the one of that number
    #[arg(
        long,
        value_name = "RUN",
        num_args = 0..=1,
        default_missing_value = "last",
        help_heading = "Selection",
        conflicts_with_all = ["resume", "ids", "all", "event", "provider", "since", "until", "invalid", "failed", "filter", "from", "file_order",
            "times", "speed", "ordered_by", "dry_run"]
    )]
    pub join: Option<String>,

    /// Where to: 3000, localhost:3000/hooks, https://…; the captured path is kept unless this has one
    #[arg(long, value_name = "URL", env = "CKWH_TO", hide_env_values = true)]
    pub to: Option<String>,

    /// Send the signature as it was captured
    #[arg(long, help_heading = "Signature", conflicts_with_all = ["fresh_id", "set", "unset", "merge", "secret", "secret_file", "secret_env"])]
    pub keep_signature: bool,
    /// Give each request a new id, so that the receiver does not take it for one that it has
    #[arg(long, help_heading = "Signature")]
    pub fresh_id: bool,
    /// The URL that the sender signs, for schemes that sign it
    #[arg(
        long,
        value_name = "URL",
        env = "CKWH_PUBLIC_URL",
        hide_env_values = true,
        help_heading = "Signature"
    )]
    pub public_url: Option<String>,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub edits: EditArgs,
    /// The Host header of each request, where the receiver tells its sites by it
    #[arg(long, value_name = "NAME", value_parser = host, help_heading = "Connection", conflicts_with = "preserve_host")]
    pub host: Option<String>,
    /// Keep the Host header that each request was captured with
    #[arg(long, help_heading = "Connection")]
    pub preserve_host: bool,
    /// Send captured credentials, such as Authorization, to a host that is not this machine; show them in a dry run
    #[arg(long, help_heading = "Connection")]
    pub with_credentials: bool,

    #[command(flatten)]
    pub pace: PaceArgs,
    /// Keep the original spacing, so many times faster
    #[arg(long, value_name = "FACTOR", value_parser = factor, conflicts_with = "rate", help_heading = "Pace")]
    pub speed: Option<f64>,
    /// How many times, one after the other
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<u32>(1, u32::MAX), help_heading = "Pace")]
    pub times: u32,
    /// One after the other where the body has the same value at a JSON pointer, such as /customer/id; a failure blocks what is behind it
    #[arg(long, value_name = "POINTER", value_parser = pointer, help_heading = "Pace")]
    pub ordered_by: Option<String>,
    #[command(flatten)]
    pub expect: ExpectArgs,

    /// Send nothing, show exactly what would go out
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,
    /// How --dry-run shows it
    #[arg(long, value_name = "FORMAT", requires = "dry_run", help_heading = "Output")]
    pub print: Option<RequestFormat>,
    /// Write a report for CI: junit=FILE, github
    #[arg(long, value_name = "KIND", value_parser = report, help_heading = "Output")]
    pub report: Vec<ReportKind>,

    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// A JSON pointer (RFC 6901, section 3) to something in a body.
fn pointer(text: &str) -> Result<String, String> {
    let is_step = |step: &str| step.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    match text.strip_prefix('/') {
        Some(steps) if steps.split('/').all(is_step) => Ok(text.to_owned()),
        _ => Err(
            "a JSON pointer begins with / and names members, such as /customer/id; ~1 is a / in a name, ~0 a ~".into(),
        ),
    }
}

/// A host and its port, as they stand in a header.
fn host(text: &str) -> Result<String, String> {
    let is_part = |char: char| char.is_ascii_graphic() && !"/?#@\\".contains(char);
    match !text.is_empty() && text.chars().all(is_part) {
        true => Ok(text.to_owned()),
        false => Err("a host is a name and perhaps a port, such as hooks.example.com:8080".into()),
    }
}
