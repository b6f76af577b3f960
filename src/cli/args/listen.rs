//! `ckwh listen`.

use std::net::SocketAddr;
use std::time::Duration;

use ckwh::store::Pattern;

use super::{ConnectionArgs, ProviderArgs, SecretArgs, StoreArgs, duration, size, whole};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh listen
  ckwh listen --forward 3000
  ckwh listen --json --expect-event cost.alert --for 30s")]
pub struct ListenArgs {
    /// Where to listen [default: 7788 on 127.0.0.1 and ::1]; 0 picks a free port
    #[arg(value_name = "PORT|ADDR:PORT", conflicts_with = "port")]
    pub address: Option<String>,
    /// The port, as a flag
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Pass each request on, and answer with the receiver's own answer
    #[arg(long, alias = "forward-to", value_name = "URL", help_heading = "Forward")]
    pub forward: Option<String>,
    /// Make this port known to the internet: cloudflared, ngrok, or a command in which {port} is the port; it ends
    /// with this. A command that does not say its URL wants --public-url
    #[arg(long, value_name = "PROGRAM|COMMAND", help_heading = "Forward")]
    pub tunnel: Option<String>,
    /// Keep the sender's Host
    #[arg(long, help_heading = "Forward")]
    pub preserve_host: bool,

    /// The status of each answer [default: 200]
    #[arg(long, value_name = "STATUS", value_parser = whole::<u16>(200, 599), help_heading = "Answer", conflicts_with = "forward")]
    pub respond: Option<u16>,
    /// The body of each answer; @FILE reads it from a file
    #[arg(long, value_name = "TEXT|@FILE", help_heading = "Answer", conflicts_with = "forward")]
    pub respond_body: Option<String>,
    /// A header of each answer
    #[arg(
        long,
        value_name = "NAME: VALUE",
        help_heading = "Answer",
        conflicts_with = "forward"
    )]
    pub respond_header: Vec<String>,
    /// The statuses of the first answers, such as 500,500,200; the last repeats
    #[arg(long, value_name = "STATUSES", value_delimiter = ',', value_parser = whole::<u16>(200, 599), help_heading = "Answer", conflicts_with_all = ["forward", "respond"])]
    pub script: Vec<u16>,
    /// The share of answers that are 500, such as 0.2
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = "Answer", conflicts_with = "forward")]
    pub fail_rate: Option<f64>,
    /// Which answers fail under --fail-rate: the same on every run
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        requires = "fail_rate",
        help_heading = "Answer"
    )]
    pub seed: u64,
    /// Hold each answer back
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Answer")]
    pub delay: Option<Duration>,
    /// Close every connection before anything is read from it; nothing is kept
    #[arg(long, help_heading = "Answer", conflicts_with = "forward")]
    pub drop: bool,
    /// Answer 401 where the signature is not valid; it is kept all the same
    #[arg(long, help_heading = "Answer")]
    pub reject_invalid: bool,
    /// Answer the handshakes of providers, as their tables say
    #[arg(long, help_heading = "Answer")]
    pub handshake: bool,

    /// Serve the inspector too, as `ckwh ui` does: a page that shows what arrives, and why it is wrong
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "7789", help_heading = "Output")]
    pub ui: Option<u16>,
    /// Say why a signature does not match, as `ckwh verify` does
    #[arg(long, help_heading = "Output")]
    pub explain: bool,
    /// Show these events only, such as 'cost.*'; every request is kept
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Output")]
    pub event: Option<Pattern>,
    /// Show credentials such as Authorization under --json
    #[arg(long, help_heading = "Output")]
    pub with_credentials: bool,
    /// Run a program for each valid event, one at a time: body on stdin, CKWH_CAPTURE_* in its environment; no shell
    #[arg(long, value_name = "COMMAND", help_heading = "Output")]
    pub exec: Option<String>,
    /// Run it for every event, whatever the verdict
    #[arg(long, requires = "exec", help_heading = "Output")]
    pub exec_any: bool,

    /// End after N requests
    #[arg(long, value_name = "N", value_parser = whole::<u64>(1, u64::MAX), help_heading = "Until")]
    pub exit_after: Option<u64>,
    /// End after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, help_heading = "Until")]
    pub duration: Option<Duration>,
    /// End when such an event was caught (exit 0; 1 where it never was); may stand several times
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Until")]
    pub expect_event: Vec<Pattern>,

    /// The largest body
    #[arg(long, value_name = "SIZE", default_value = "10MiB", value_parser = size, help_heading = "Limits")]
    pub max_body: usize,
    /// How long the head of a request may take
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration, help_heading = "Limits")]
    pub header_timeout: Duration,
    /// How long a body may take
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration, help_heading = "Limits")]
    pub body_timeout: Duration,

    #[command(flatten)]
    pub provider: ProviderArgs,
    #[command(flatten)]
    pub secrets: SecretArgs,
    /// Answer /healthz at this address: 200 where what arrives can be kept, 503 where not
    #[arg(long, value_name = "ADDR:PORT", help_heading = "Store")]
    pub health: Option<SocketAddr>,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Keep captures in a PostgreSQL that answers before they are on its disk: a crash of it may lose some
    #[arg(long, help_heading = "Store")]
    pub store_may_lose: bool,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "give a share between 0 and 1".into())
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a value parser that can fail")]
pub fn pattern(text: &str) -> Result<Pattern, String> {
    Ok(Pattern::new(text))
}
