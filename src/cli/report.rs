//! Results, rendered: the only place with colour and progress.

mod causes;
mod checked;
mod human;
mod item;
mod json;
mod junit;
mod options;
mod out;
mod paint;
#[cfg(test)]
mod samples;
mod talk;
#[cfg(test)]
mod tests;
mod visible;

use std::env;
use std::io::{self, IsTerminal};

pub use checked::{AnsweredItem, CaseItem, CheckSummaryItem, ExplorationItem, FindingItem, SentItem, Severity};
pub use item::{
    AttemptItem, CaptureItem, CauseItem, Change, DeliveryItem, DifferenceItem, EventItem, Item, LearnedItem,
    ListenSummaryItem, PayloadItem, ProviderItem, ProviderTestItem, ReadyItem, RefusedItem, RequestItem, ResponseItem,
    RuleItem, SignatureItem, SkippedItem, SlowItem, StepItem, StoreItem, SummaryItem, TimeItem, TrustItem, VerdictItem,
};
pub use json::escaped as escaped_json;
pub use junit::{Junit, JunitError};
pub use options::{Global, RequestFormat, SignatureFormat};

use human::Human;
use json::Json;
use options::When;
use out::Out;
use talk::Talk;

/// A text over several lines, safe for a terminal.
pub fn shown(text: &str) -> String {
    visible::block(text.as_bytes())
}

/// How much of a capture is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// A line as it arrives.
    #[default]
    Line,
    /// That, the request and what was answered to it.
    Sides,
    /// Everything.
    Full,
}

/// How people are shown results; JSON is the same in any layout.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportLayout {
    /// Whether a delivery is told in one line, and only where it failed.
    pub brief: bool,
    /// How much of a capture is shown.
    pub detail: Detail,
    /// The widths of a list's columns that are as wide as their longest entry, in characters.
    pub columns: [usize; 2],
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
    /// A text over several lines, for stderr.
    fn show(&mut self, text: &str);
    /// Shows `text` and asks; `None` where nobody is at a terminal.
    fn ask(&mut self, text: &str, question: &str) -> Option<bool>;
    /// Why there is no result, for stderr.
    fn error(&mut self, text: &str);
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
    let talk = Talk::new(io::stderr(), terminal, colour(terminal));
    let out = Out::new(io::stdout());
    if global.json {
        Box::new(Json::new(out, talk))
    } else {
        let terminal = io::stdout().is_terminal();
        let size = terminal.then(terminal_size::terminal_size).flatten();
        let width = size.map(|(width, _)| usize::from(width.0));
        Box::new(Human::new(out, colour(terminal), terminal, talk).with_width(width))
    }
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
