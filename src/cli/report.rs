//! Results, rendered: the only place with colour and progress.

mod beside;
mod causes;
mod checked;
mod github;
mod hex;
mod human;
mod item;
mod json;
mod junit;
mod options;
mod out;
mod paint;
mod run;
#[cfg(test)]
mod samples;
mod table;
mod talk;
#[cfg(test)]
mod tests;
mod visible;

use std::env;
use std::io::{self, IsTerminal};
use std::time::Duration;

pub use beside::Beside;
pub use causes::{sentence, spaces};
pub use checked::{AnsweredItem, CaseItem, CheckSummaryItem, ExplorationItem, FindingItem, SentItem, Severity};
pub use hex::hex;
pub use human::{age_text, milliseconds, size_text, verdict_sentence, width_behind};
pub use item::{
    AttemptItem, CaptureItem, CauseItem, Change, DeliveryItem, DiagnosisItem, DifferenceItem, ErrorItem, EventItem,
    FingerprintItem, Item, LearnedItem, ListenSummaryItem, PayloadItem, ProviderItem, ProviderTestItem, ReadyItem,
    RefusedItem, RequestItem, ResponseItem, RuleItem, SignatureItem, SkippedItem, SlowItem, StoreCopyItem, StoreItem,
    StoreState, StoreStatusItem, SummaryItem, TimeItem, TriedItem, TrustItem, VerdictChange, VerdictItem,
};
pub use json::escaped as escaped_json;
pub use junit::{Junit, JunitError};
pub use options::{Global, RequestFormat, SignatureFormat};
pub use run::{ChangesItem, LatenciesItem, LostClaimItem, RunItem, RunRequestItem};
pub use talk::folded;
pub use visible::line;

use human::Human;
use json::Json;
use options::When;
use out::Out;
use talk::Talk;

/// The JSON Schema of the results under `--json`; `CKWH_REFRESH=1 cargo test --bin ckwh the_schema` writes it anew.
pub const SCHEMA: &str = include_str!("report/schema.json");

/// A text over several lines, safe for a terminal.
pub fn shown(text: &str) -> String {
    visible::block(text.as_bytes())
}

/// Milliseconds with three decimals: more would be noise.
pub fn in_milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// How much of a capture is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// A line as it arrives.
    #[default]
    Line,
    /// The request and what was answered to it.
    Exchange,
    /// The line, and that.
    Sides,
    /// Everything.
    Full,
}

/// How people are shown results; JSON is the same in any layout.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportLayout {
    /// Whether a delivery is told in one line, and only where it failed.
    pub brief: bool,
    /// Whether a bad verdict is explained anyway.
    pub explained: bool,
    /// Whether each of several deliveries is told in a line, with its event.
    pub each: bool,
    /// How much of a capture is shown.
    pub detail: Detail,
    /// The widths of a list's columns that are as wide as their longest entry, in characters.
    pub columns: [usize; 3],
    /// How much stands behind the last column of a list at the most, in columns of the terminal.
    pub behind: usize,
}

/// Takes results and talk, as they come.
pub trait Report {
    /// A result, for stdout.
    fn result(&mut self, item: &Item) -> io::Result<()>;
    /// How people are shown what follows.
    fn lay_out(&mut self, _: ReportLayout) {}
    /// Whether more results follow at once: then they go out together.
    fn gather(&mut self, on: bool) -> io::Result<()>;
    /// Something worth knowing, for stderr.
    fn note(&mut self, text: &str);
    /// Something that must be known, for stderr: it is told however little was asked for.
    fn warn(&mut self, text: &str);
    /// What to do next, for stderr, and the command or the flag to paste.
    fn hint(&mut self, text: &str, command: Option<&str>);
    /// A text over several lines, for stderr.
    fn show(&mut self, text: &str);
    /// Shows `text` and asks; `None` where nobody is at a terminal.
    fn ask(&mut self, text: &str, question: &str) -> Option<bool>;
    /// Why there is no result, for stderr.
    fn error(&mut self, text: &str);
    /// Why there is no result: for stderr, or, for programs, a result.
    fn failure(&mut self, error: ErrorItem) {
        self.error(&error.message);
    }
    /// By which clock times are shown, in words; nothing where nobody reads it.
    fn clock(&self) -> Option<String> {
        None
    }
    /// Whether deliveries that went well are results too, where many are made.
    fn wants_all(&self) -> bool;
    /// One more of many deliveries went well.
    fn advance(&mut self);
    /// How many deliveries are to come; `None` is as many as there are. Each that is reported moves the progress on.
    fn expect(&mut self, deliveries: Option<u64>);
}

/// The report that was asked for.
pub fn new(global: &Global) -> Box<dyn Report + Send> {
    let colour = |terminal: bool| match global.color {
        When::Always => true,
        When::Never => false,
        When::Auto => auto_colour(terminal),
    };
    let terminal = io::stderr().is_terminal();
    let width = terminal
        .then(|| terminal_size::terminal_size_of(io::stderr()))
        .flatten();
    let talk = Talk::new(io::stderr(), terminal, colour(terminal)).with_width(width.map(columns));
    let out = Out::new(io::stdout());
    if global.json {
        Box::new(Json::new(out, talk, global.verbose))
    } else {
        let terminal = io::stdout().is_terminal();
        let size = terminal
            .then(|| terminal_size::terminal_size_of(io::stdout()))
            .flatten();
        let human = Human::new(out, colour(terminal), terminal, talk).with_width(size.map(columns));
        let human = human.showing(global.quiet, global.verbose);
        Box::new(human.in_local_time(!global.utc))
    }
}

fn columns((width, _): (terminal_size::Width, terminal_size::Height)) -> usize {
    usize::from(width.0)
}

/// Colour where the stream is a terminal, with `NO_COLOR` and `CLICOLOR_FORCE` heeded.
fn auto_colour(terminal: bool) -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    if set("CLICOLOR_FORCE") {
        return true;
    }
    terminal
        && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}
