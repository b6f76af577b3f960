//! `ckwh captures`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Subcommand, ValueEnum};

use ckwh::store::Pattern;

use super::listen::pattern;
use super::{StoreArgs, duration};

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  ckwh captures
  ckwh captures --invalid --since 1h
  ckwh captures show last
  ckwh captures --wait --event cost.alert --for 30s"
)]
pub struct CapturesArgs {
    #[command(subcommand)]
    pub command: Option<CapturesCommand>,
    #[command(flatten)]
    pub list: ListArgs,
}

#[derive(Debug, Subcommand)]
pub enum CapturesCommand {
    /// List captures (what `ckwh captures` alone does)
    List(ListArgs),
    /// Show a capture's head and body with its verdict
    Show {
        /// Its number, or last; sent, or sent:3, for what `ckwh send` sent
        #[arg(value_name = "CAPTURE", default_value = "last")]
        id: String,
        /// Its body's bytes alone; to a terminal only with --output -
        #[arg(long)]
        raw: bool,
        /// Where --raw writes: a file, or - for standard output
        #[arg(long, value_name = "PATH|-", requires = "raw")]
        output: Option<PathBuf>,
        /// Show credentials such as Authorization
        #[arg(long)]
        with_credentials: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Compare two captures: head, bytes and JSON structure
    Diff {
        /// One
        a: String,
        /// The other
        b: String,
        /// Show credentials such as Authorization
        #[arg(long)]
        with_credentials: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List replays, or show one: latencies, failures, what changed since the time before
    Runs {
        /// Its number, or last
        #[arg(value_name = "RUN")]
        run: Option<String>,
        /// The newest N alone; 0 is all
        #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "run")]
        limit: usize,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Write captures to a file that other programs, or `ckwh captures import`, can read
    Export {
        #[command(flatten)]
        select: SelectArgs,
        /// In which format; JSONL holds everything, HTTP one capture
        #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
        format: ExportFormat,
        /// A file, made with mode 0600 [default: standard output]
        #[arg(long, short, value_name = "PATH|-")]
        output: Option<PathBuf>,
        /// Export credentials such as Authorization
        #[arg(long)]
        with_credentials: bool,
        /// The base of the URLs in HAR and curl lines [default: http:// and the request's Host]
        #[arg(long, value_name = "URL")]
        base_url: Option<String>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Take in requests from a file: HAR, JSONL, raw HTTP, curl lines and what else `ckwh help formats` lists; nothing is run or opened
    Import {
        /// The file, or - for standard input
        #[arg(value_name = "FILE|-")]
        file: String,
        /// The format, such as har or curl [default: by the file's shape]
        #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(ckwh::exchange::FORMATS.iter().map(|format| PossibleValue::new(format.name()).help(format.title()))), hide_possible_values = true)]
        format: Option<String>,
        /// Open the files that a curl line names with @
        #[arg(long)]
        allow_files: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Remove captures
    Rm {
        #[command(flatten)]
        select: SelectArgs,
        /// Remove all without being asked
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Remove old captures
    Prune {
        /// Keep the newest N
        #[arg(long, value_name = "N", required_unless_present = "older_than")]
        keep: Option<usize>,
        /// Only those that arrived longer ago
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        older_than: Option<Duration>,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// A status, or the class of several: `4xx`.
fn status(text: &str) -> Result<Pattern, String> {
    let is_status = text.len() == 3
        && text.starts_with(|char: char| ('1'..='5').contains(&char))
        && text[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'x');
    match is_status {
        true => Ok(Pattern::new(text.replace('x', "?"))),
        false => Err("a status is three digits such as 404, a class is 4xx".into()),
    }
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Those whose body a jq filter says yes to, such as '.cost.amount > 900'
    #[arg(long = "where", value_name = "JQ", help_heading = "Selection")]
    pub filter: Option<String>,
    /// Wait until there is one
    #[arg(long)]
    pub wait: bool,
    /// Go on showing what arrives, the oldest first, until Ctrl-C
    #[arg(long, short, conflicts_with = "wait")]
    pub follow: bool,
    /// Wait no longer than this
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, default_value = "30s", requires = "wait")]
    pub patience: Duration,
    /// The newest N alone; 0 is all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    #[command(flatten)]
    pub store: StoreArgs,
}

// No comment for the documentation: it would stand in the place of what the command does.
#[derive(Debug, Clone, clap::Args)]
pub struct SelectArgs {
    /// Numbers, ranges such as 3..7, or last
    #[arg(value_name = "CAPTURE")]
    pub ids: Vec<String>,
    /// Every capture
    #[arg(long, help_heading = "Selection")]
    pub all: bool,
    /// By event type, such as 'cost.*'
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Selection")]
    pub event: Option<Pattern>,
    /// By provider
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    pub provider: Option<String>,
    /// Not before: 1h (ago), yesterday, 2026-11-28, RFC 3339 or unix seconds
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Selection")]
    pub since: Option<String>,
    /// Not after
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Selection")]
    pub until: Option<String>,
    /// Those that were not valid when they arrived
    #[arg(long, help_heading = "Selection")]
    pub invalid: bool,
    /// Those whose last delivery failed or is unknown
    #[arg(long, help_heading = "Selection")]
    pub failed: bool,
    /// By HTTP method
    #[arg(long, value_name = "METHOD", help_heading = "Selection")]
    pub method: Option<String>,
    /// By path, such as '/webhooks/*'
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Selection")]
    pub path: Option<Pattern>,
    /// By what they were answered with, such as 401 or 5xx,404
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status, help_heading = "Selection")]
    pub status: Vec<Pattern>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object per line, as `listen --json` prints it
    Jsonl,
    /// HAR 1.2
    Har,
    /// curl command lines
    Curl,
    /// The request as it came over the wire
    Http,
    /// Calls of JavaScript's fetch
    Fetch,
    /// Python with requests
    Python,
    /// HTTPie's command lines
    Httpie,
    /// A .http file
    HttpFile,
    /// A collection of Postman
    Postman,
    /// Tests for pytest, signed when they run
    Pytest,
    /// Tests for Vitest, signed when they run
    Vitest,
}
