//! What can be typed.

mod captures;
mod check;
mod deferred;
mod listen;
mod mcp;
mod replay;
mod report;
mod secret;
mod store;
mod ui;

use std::ffi::OsString;
use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{ArgAction, ArgGroup, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use schemars::JsonSchema;
use serde::Deserialize;

pub use captures::{CapturesArgs, CapturesCommand, ExportFormat, ListArgs, SelectArgs};
pub use check::CheckArgs;
use ckwh::clock;
use ckwh::delivery::{Rate, RetryCount, Statuses};
use ckwh::explain::Framework;
use ckwh::sign::tamper;
use deferred::Deferred;
pub use listen::ListenArgs;
pub use mcp::{McpArgs, McpClient};
pub use replay::ReplayArgs;
pub use report::ReportKind;
use report::report;
pub use secret::{SecretArg, SecretArgs};
pub use store::{StoreArgs, StoreCommand, StoreCommandArgs};
pub use ui::UiArgs;

use super::report::Global;
pub use super::report::{RequestFormat, SignatureFormat};

/// Send, sign, verify and catch webhooks, offline.
///
/// `ckwh send cost.alert` fires a correctly signed event, at your handler with --to localhost:3000, or at a server
/// that shows what arrived.
#[derive(Debug, Parser)]
#[command(
    name = "ckwh",
    version,
    max_term_width = 100,
    subcommand_required = true,
    after_help = "`ckwh help secrets`, `targets`, `formats` and `exit-codes` say more."
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Deliver a signed event
    #[command(alias = "trigger")]
    Send(Deferred<SendArgs>),
    /// Print the signature headers for exactly these bytes
    Sign(Deferred<SignArgs>),
    /// Say whether a signature is right
    Verify(Deferred<VerifyArgs>),
    /// Catch, verify and keep what is sent, and pass it on
    Listen(Deferred<ListenArgs>),
    /// Deliver captured requests again
    Replay(Deferred<ReplayArgs>),
    /// Say whether a webhook handler is right: some sixty cases
    Check(Deferred<CheckArgs>),
    /// Look whether secrets, target, store and tunnels are as they should be
    Doctor(Deferred<DoctorArgs>),
    /// List the event types, or show one's payload
    Events(Deferred<EventsArgs>),
    /// List, show, compare, export, import and remove what was caught
    Captures(Deferred<CapturesArgs>),
    /// Make, look at, migrate and copy stores: a file, or PostgreSQL for a team
    Store(Deferred<StoreCommandArgs>),
    /// Say what a cause that `verify` names is, and what to do about it
    Causes(Deferred<CausesArgs>),
    /// List, show, learn, copy and test providers
    Providers(Deferred<ProvidersArgs>),
    /// Print the fingerprint of the secrets at hand, to compare with your handler's
    Fingerprint(Deferred<FingerprintArgs>),
    /// Look at what was caught, in a browser: a page on this machine alone
    Ui(Deferred<UiArgs>),
    /// Serve an agent that debugs a webhook handler, over the Model Context Protocol
    Mcp(Deferred<McpArgs>),
    /// Print the JSON Schema of what --json prints
    Schema(Deferred<SchemaArgs>),
    /// Trust a project's settings and providers as they stand
    Trust(Deferred<TrustArgs>),
    /// Trust a project's settings and providers no longer
    Untrust(Deferred<UntrustArgs>),
    /// Print a shell's completion script
    Completions(Deferred<CompletionsArgs>),
    /// Print the manual page, in roff
    Man(Deferred<ManArgs>),
    /// Where signing secrets are taken from
    #[command(name = "secrets", hide = true)]
    Secrets(Deferred<SecretsPage>),
    /// How a target is written
    #[command(name = "targets", hide = true)]
    Targets(Deferred<TargetsPage>),
    /// The formats of requests that are read
    #[command(name = "formats", hide = true)]
    Formats(Deferred<FormatsPage>),
    /// What each exit status means
    #[command(name = "exit-codes", hide = true)]
    ExitCodes(Deferred<ExitCodesPage>),
}

#[derive(Debug, clap::Args)]
#[command(about = super::pages::SECRETS, help_template = "{about}")]
pub struct SecretsPage {}

#[derive(Debug, clap::Args)]
#[command(about = super::pages::TARGETS, help_template = "{about}")]
pub struct TargetsPage {}

#[derive(Debug, clap::Args)]
#[command(about = super::pages::formats_page(), help_template = "{about}")]
pub struct FormatsPage {}

#[derive(Debug, clap::Args)]
#[command(about = super::exit::page(), help_template = "{about}")]
pub struct ExitCodesPage {}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Provider")]
pub struct ProviderArgs {
    /// Whose webhook it is; `ckwh providers` lists them
    #[arg(long, value_name = "NAME", env = "CKWH_PROVIDER", hide_env_values = true)]
    pub provider: Option<String>,
    /// Which of the provider's dialects
    #[arg(long, value_name = "NAME", env = "CKWH_DIALECT", hide_env_values = true)]
    pub dialect: Option<String>,
    /// The URL that the sender signs, for schemes that sign it
    #[arg(long, value_name = "URL", env = "CKWH_PUBLIC_URL", hide_env_values = true)]
    pub public_url: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Time and id")]
pub struct StampArgs {
    /// When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub timestamp: Option<String>,
    /// The message's id; with --timestamp, output is the same on every run
    #[arg(long)]
    pub id: Option<String>,
}

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Payload")]
pub struct EditArgs {
    /// Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Take a value away
    #[arg(long, value_name = "PATH")]
    pub unset: Vec<String>,
    /// Lay a JSON file over the payload
    #[arg(long, value_name = "FILE")]
    pub merge: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Payload")]
pub struct PayloadArgs {
    #[command(flatten)]
    pub edits: EditArgs,
    /// How the JSON is written
    #[arg(long, value_name = "STYLE")]
    pub body_style: Option<BodyStyle>,
    /// Refresh nothing: the fixture's own id and times
    #[arg(long)]
    pub as_is: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BodyStyle {
    /// One line, without spaces
    Compact,
    /// Indented by two spaces
    Pretty,
    /// As the provider writes it
    Provider,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh send cost.alert
  ckwh send stripe invoice.paid 3000
  ckwh send budget.exceeded --to 3000 --set cost.amount=900.50
  ckwh send 'cost.*' --to 3000 --wait 30s --report junit=out.xml
  ckwh send cost.alert --to 3000 --break signature --expect 401")]
pub struct SendArgs {
    /// Event types, patterns ('cost.*'), files that are sent as they are, or - for standard input; a provider's name
    /// before them says whose; a target may stand last
    #[arg(value_name = "EVENT|FILE|-")]
    pub what: Vec<String>,
    /// Where to: 3000, localhost:3000/hooks, https://…; without it, a server that lives for this delivery shows what
    /// arrives
    #[arg(long, value_name = "URL", env = "CKWH_TO", hide_env_values = true, aliases = ["url", "port"])]
    pub to: Option<String>,
    /// Every event of the provider
    #[arg(long)]
    pub all: bool,
    /// The event's type: one without a fixture is made of what its provider's events share
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Option<String>,
    /// The body itself, or @FILE
    #[arg(long, short, value_name = "BODY|@FILE", conflicts_with_all = ["all"])]
    pub data: Option<String>,
    /// Add a header, or replace one of the provider's
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,

    #[command(flatten)]
    pub payload: PayloadArgs,
    #[command(flatten)]
    pub provider: ProviderArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub stamp: StampArgs,

    /// How many deliveries
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<u32>(1, u32::MAX), help_heading = "Pace")]
    pub count: u32,
    #[command(flatten)]
    pub pace: PaceArgs,
    #[command(flatten)]
    pub expect: ExpectArgs,

    /// Put one fault into the delivery, which the receiver must refuse
    #[arg(long = "break", value_name = "FAULT", help_heading = "Fault")]
    pub fault: Option<Fault>,
    /// Send no signature at all
    #[arg(long, conflicts_with_all = ["fault"], help_heading = "Fault")]
    pub no_sign: bool,

    /// Try for so long until the target takes connections
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Smoke test")]
    pub wait: Option<Duration>,
    /// Write a report for CI: junit=FILE, github
    #[arg(long, value_name = "KIND", value_parser = report, help_heading = "Smoke test")]
    pub report: Vec<ReportKind>,
    /// What failed in this earlier --json output is known, and fails no more
    #[arg(long, value_name = "FILE", help_heading = "Smoke test")]
    pub baseline: Option<PathBuf>,

    /// Send nothing, show exactly what would go out
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,
    /// How --dry-run shows it
    #[arg(long, value_name = "FORMAT", requires = "dry_run", help_heading = "Output")]
    pub print: Option<RequestFormat>,
    /// Show the secret that a provider such as GitLab shows in its requests
    #[arg(long, help_heading = "Output")]
    pub with_credentials: bool,
    /// Do not keep what goes out and comes back; else `sent` names it for verify, captures show and replay
    #[arg(long, help_heading = "Output")]
    pub no_keep: bool,

    #[command(flatten)]
    pub connection: ConnectionArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Pace")]
pub struct PaceArgs {
    /// How many at a time [default: 1]
    #[arg(long, value_name = "N", value_parser = whole::<u32>(1, 1024))]
    pub concurrency: Option<u32>,
    /// How many begin per time: 50/s, 90/m
    #[arg(long)]
    pub rate: Option<Rate>,
    /// Try again as the provider does, N times if given
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = optional_count)]
    pub retry: Option<RetryCount>,
    /// Multiply the waits between tries, for the impatient: 0.01
    #[arg(long, value_name = "FACTOR", value_parser = factor, requires = "retry")]
    pub retry_scale: Option<f64>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Expectation")]
pub struct ExpectArgs {
    /// The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]
    #[arg(long, value_name = "STATUS")]
    pub expect: Option<Statuses>,
    /// A text that the answer must hold
    #[arg(long, value_name = "TEXT")]
    pub expect_body: Option<String>,
    /// A jq filter that the answer must say yes to, such as '.ok == true'
    #[arg(long, value_name = "JQ")]
    pub expect_json: Option<String>,
    /// A header that the answer must have
    #[arg(long, value_name = "NAME[: VALUE]")]
    pub expect_header: Vec<String>,
    /// How long the delivery may take
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub expect_within: Option<Duration>,
    /// Begin no more after the first that is not as expected
    #[arg(long)]
    pub fail_fast: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// How long an attempt may take [default: the provider's]
    #[arg(long, alias = "max-time", value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone
    #[arg(long)]
    pub follow: bool,
    /// Trust this certificate too: a CA's, or the server's own
    #[arg(long, value_name = "PEM")]
    pub cacert: Option<PathBuf>,
    /// Check no certificate
    #[arg(long)]
    pub insecure: bool,
}

/// A fault of `--break`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// One digit of the signature is changed
    Signature,
    /// One character of the body is changed after signing
    Body,
    /// The timestamp is changed after signing
    Timestamp,
    /// It is correctly signed, an hour ago
    Stale,
    /// It is signed with another key
    Secret,
    /// The signature header is left out
    Header,
}

impl From<Fault> for tamper::Fault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Signature => Self::Signature,
            Fault::Body => Self::Body,
            Fault::Timestamp => Self::Timestamp,
            Fault::Stale => Self::Stale,
            Fault::Secret => Self::Secret,
            Fault::Header => Self::Header,
        }
    }
}

/// A whole number within bounds.
fn whole<N>(least: N, most: N) -> impl TypedValueParser<Value = N>
where
    N: FromStr + PartialOrd + Copy + Display + Send + Sync + 'static,
{
    StringValueParser::new().try_map(move |text| {
        let number = text.parse::<N>().ok();
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("give a whole number from {least} to {most}"))
    })
}

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse::<f64>().ok();
    factor
        .filter(|factor| factor.is_finite() && (0.0..=1e6).contains(factor))
        .ok_or_else(|| "give a factor such as 0.01 or 10".into())
}

fn optional_count(text: &str) -> Result<RetryCount, String> {
    match text {
        "" => Ok(RetryCount(None)),
        _ => text
            .parse()
            .map(|count| RetryCount(Some(count)))
            .map_err(|_| "not a number".into()),
    }
}

/// A size in bytes: 500, 64KiB, 10MiB.
fn size(text: &str) -> Result<usize, String> {
    let wrong = || "give a size such as 500, 64KiB or 10MiB".to_owned();
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let factor: usize = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" | "kb" | "k" => 1024,
        "mib" | "mb" | "m" => 1024 * 1024,
        "gib" | "gb" | "g" => 1024 * 1024 * 1024,
        _ => return Err(wrong()),
    };
    let number: usize = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|size| *size > 0).ok_or_else(wrong)
}

/// A duration; a number alone is seconds, as curl has it.
fn duration(text: &str) -> Result<Duration, clock::ClockError> {
    let is_number = text.starts_with(|char: char| char.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match text.parse().ok().filter(|_| is_number).map(Duration::try_from_secs_f64) {
        Some(Ok(seconds)) => Ok(seconds),
        _ => clock::duration(text),
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh sign body.json --provider costkatana
  ckwh sign body.json --provider github --type push --print curl
  ckwh sign cost.alert --body-out out.json")]
pub struct SignArgs {
    /// A file, - for standard input, or an event type
    #[arg(value_name = "FILE|-|EVENT")]
    pub what: String,
    /// Where the body is written
    #[arg(long, value_name = "PATH")]
    pub body_out: Option<PathBuf>,
    /// How the headers are printed
    #[arg(long, value_name = "FORMAT")]
    pub print: Option<SignatureFormat>,
    /// The HTTP method, for schemes that sign it
    #[arg(long, default_value = "POST")]
    pub method: String,
    /// The content type [default: the provider's]
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// The event's type, for headers that name it where the body does not
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Option<String>,

    #[command(flatten)]
    pub payload: PayloadArgs,
    #[command(flatten)]
    pub provider: ProviderArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub stamp: StampArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh verify last
  ckwh verify request.http --provider costkatana
  ckwh verify sent --computed 5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2ac0ffee5f2a")]
pub struct VerifyArgs {
    /// A capture's number or last; sent, or sent:3, for what `ckwh send` sent; or a raw HTTP request, HAR, curl line, --json output, or a bare body with -H in a
    /// file; - is standard input
    #[arg(value_name = "CAPTURE|FILE|-", default_value = "last")]
    pub input: String,
    /// A header of a bare body
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The URL of a bare body, for schemes that sign it
    #[arg(long)]
    pub url: Option<String>,
    /// The method of a bare body, for schemes that sign it
    #[arg(long, default_value = "POST")]
    pub method: String,
    /// How far off the timestamp may be, either way; 0 turns the check off [default: the provider's]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub tolerance: Option<Duration>,
    /// The time it is judged at [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,

    #[command(flatten)]
    pub explain: ExplainArgs,
    #[command(flatten)]
    pub provider: ProviderArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Explanation")]
pub struct ExplainArgs {
    /// A signature that your handler computed for this delivery: says what it did; - reads them from standard input
    #[arg(long, value_name = "SIG|-", allow_hyphen_values = true, value_parser = signature)]
    pub computed: Vec<String>,
    /// How much is tried to find the cause of a mismatch
    #[arg(long, value_name = "EFFORT", default_value = "normal")]
    pub effort: EffortArg,
    /// What your handler is written with, for lines to paste [default: what the project's files say]
    #[arg(long, value_name = "NAME", value_parser = framework())]
    pub framework: Option<Framework>,
}

/// A signature may begin with a sign, as a list of signed bytes does; a flag is none.
fn signature(text: &str) -> Result<String, String> {
    match text.strip_prefix("--") {
        Some(name) if name.starts_with(|char: char| char.is_ascii_alphabetic()) => {
            Err("that is a flag, and no signature".to_owned())
        }
        _ => Ok(text.to_owned()),
    }
}

/// How much is tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum EffortArg {
    Low,
    #[default]
    Normal,
    High,
}

fn framework() -> impl TypedValueParser<Value = Framework> {
    let names = PossibleValuesParser::new(Framework::all().map(Framework::name));
    names.try_map(|name| name.parse::<Framework>())
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh events stripe
  ckwh events 'invoice*'
  ckwh events budget.exceeded -o body.json")]
pub struct EventsArgs {
    /// Show this event's payload; a provider's name, or a pattern such as 'invoice*', lists what it has
    #[arg(value_name = "EVENT|PROVIDER|PATTERN")]
    pub what: Vec<String>,
    /// The body alone, as it is sent: in the provider's own writing, with a fresh id and fresh times
    #[arg(long)]
    pub raw: bool,
    /// Write the body, as it is sent, to this file; - is standard output
    #[arg(long, short, value_name = "PATH|-")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub provider: ProviderArgs,
}

#[derive(Debug, clap::Args)]
pub struct ProvidersArgs {
    #[command(subcommand)]
    pub command: Option<ProvidersCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ProvidersCommand {
    /// List the providers (what `ckwh providers` alone does)
    List,
    /// Show how a provider signs and delivers
    Show {
        /// The provider
        name: String,
        /// In this dialect
        #[arg(long, value_name = "NAME")]
        dialect: Option<String>,
    },
    /// Begin a provider of your own, as a copy or from one delivery
    New(NewProviderArgs),
    #[command(external_subcommand)]
    Named(Vec<String>),
    /// Check a provider's folder: its tables, its fixtures, its known answers
    Test {
        /// The provider
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        name: Option<String>,
        /// Every provider that is known here
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("beginning").required(true).args(["from", "learn"])))]
pub struct NewProviderArgs {
    /// Its name
    pub name: String,
    /// The provider to copy
    #[arg(long, value_name = "PROVIDER")]
    pub from: Option<String>,
    /// Events from this OpenAPI 3.1 document's webhooks, or this JSON Schema, in place of the copied ones
    #[arg(long, value_name = "FILE", requires = "from")]
    pub openapi: Option<PathBuf>,
    /// Chooses the values of those events
    #[arg(long, value_name = "N", default_value_t = 0, requires = "openapi")]
    pub seed: u64,
    /// A delivery of it, with whose secret its scheme is found: a capture's number or last, a file as `verify` takes
    /// one, or - for standard input
    #[arg(long, value_name = "CAPTURE|FILE|-")]
    pub learn: Option<String>,
    /// For yourself, instead of for this project
    #[arg(long, action = ArgAction::SetTrue)]
    pub user: bool,

    /// The URL that the sender signs, where it signs one
    #[arg(
        long,
        value_name = "URL",
        env = "CKWH_PUBLIC_URL",
        hide_env_values = true,
        help_heading = "Learning"
    )]
    pub public_url: Option<String>,
    /// How much is tried to find the scheme
    #[arg(long, value_name = "EFFORT", default_value = "normal", help_heading = "Learning")]
    pub effort: EffortArg,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh doctor
  ckwh doctor --to 3000 --provider stripe")]
pub struct DoctorArgs {
    /// The handler to look at
    #[arg(long, value_name = "URL", env = "CKWH_TO", hide_env_values = true, alias = "url")]
    pub to: Option<String>,
    #[command(flatten)]
    pub provider: ProviderArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Debug, clap::Args)]
pub struct FingerprintArgs {
    /// Of this provider's secrets alone
    #[arg(long, value_name = "NAME", env = "CKWH_PROVIDER", hide_env_values = true)]
    pub provider: Option<String>,
    #[command(flatten)]
    pub secrets: SecretArgs,
}

#[derive(Debug, clap::Args)]
pub struct TrustArgs {
    /// A project's folder, its ckwh.toml, a provider's folder or .env [default: this project]
    pub path: Option<PathBuf>,
    /// Show what there is to trust, and trust nothing
    #[arg(long)]
    pub show: bool,
}

#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Of this type of object, such as delivery or verdict
    #[arg(value_name = "TYPE")]
    pub name: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct CausesArgs {
    /// Its name, such as body.reserialised; all are listed without one
    #[arg(value_name = "CAUSE")]
    pub cause: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct UntrustArgs {
    /// A project's folder, its ckwh.toml, a provider's folder or .env [default: this project]
    pub path: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Of this command
    pub command: Option<String>,
}

/// Reads the command line, or ends the process with help, a version or an error (2).
pub fn parse() -> Args {
    let mut command = command();
    let args = read(&mut command, std::env::args_os()).unwrap_or_else(|error| refuse(error));
    // Taking the tree of commands apart would cost as much as parsing; the process is short.
    std::mem::forget(command);
    args
}

/// Reads words as a command line; the first is the program's name.
///
/// # Errors
/// Help, a version or what is wrong.
pub fn read(
    command: &mut clap::Command,
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Args, clap::Error> {
    let mut matches = command.try_get_matches_from_mut(words)?;
    let after = matches.subcommand().map(|(_, own)| Global::from_arg_matches(own));
    let after = after.transpose()?.unwrap_or_default();
    let mut args = Args::from_arg_matches_mut(&mut matches)?;
    args.global.add(after);
    if args.global.quiet && args.global.verbose {
        let why = "the argument '--verbose' cannot be used with '--quiet'";
        return Err(command.error(ErrorKind::ArgumentConflict, why));
    }
    Ok(args)
}

/// Tells what is wrong with the command line, or the help that was asked for, and ends the process.
fn refuse(mut error: clap::Error) -> ! {
    if !error.use_stderr() {
        error.exit();
    }
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let mut command = command();
    command.build();
    let tip = super::slips::tip(&mut error, &command, &words);
    if words.iter().any(|word| word == "--json") {
        let global = Global {
            json: true,
            ..Global::default()
        };
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let mut item = super::exit::error_item("usage", message.to_owned(), Vec::new());
        item.hint = item.hint.or_else(|| tip.map(|(_, line)| line));
        super::report::new(&global).failure(item);
        std::process::exit(error.exit_code());
    }
    let _ = error.print();
    if let Some((text, line)) = tip {
        super::report::new(&Global::default()).hint(text, Some(&line));
    }
    std::process::exit(error.exit_code())
}

/// The command line as clap knows it, for help, completions and manual pages.
pub fn command() -> clap::Command {
    // Each command has these of its own: clap would copy them into every command at each start.
    Args::command().mut_args(|own| own.global(false))
}
