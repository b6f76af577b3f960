//! Results for people, and the talk on stderr.

mod body;
mod capture;
mod check;
mod run;
mod sides;

use std::io;

use ckwh::delivery::run::RequestOrigin;
use ckwh::exchange::{curl, http};
use ckwh::provider::STRANGERS;
use ckwh::trust::{Caveat, State};
use ckwh::verify::{Reason, SignatureState};
use colored::Color;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use capture::{size_text, width_behind};
use run::outcomes;

use super::options::{RequestFormat, SignatureFormat};
use super::out::Out;
use super::paint::Paint;
use super::table;
use super::talk::{Talk, folded, folded_behind};
use super::visible::{block, line};
use super::{
    DeliveryItem, DiagnosisItem, EventItem, FingerprintItem, Item, LearnedItem, ProviderItem, ProviderTestItem, Report,
    ReportLayout, RequestItem, SignatureItem, SkippedItem, SummaryItem, TrustItem, VerdictChange, VerdictItem,
};

/// How much of an answer's body is shown, in bytes.
const SHOWN_BODY: usize = 2048;

/// A description of an event that has less room is left out, in columns.
const SHORTEST_DESCRIPTION: usize = 24;
/// Where the value of a fact about a verdict begins, in columns.
const FACT: usize = 12;

/// The report for people.
pub struct Human {
    out: Out,
    paint: Paint,
    terminal: bool,
    /// How many columns a terminal has.
    width: Option<usize>,
    talk: Talk,
    failed: u32,
    /// How many requests were shown.
    requests: u64,
    layout: ReportLayout,
    /// Whether the verdict alone is shown.
    quiet: bool,
    /// Whether both sides of an exchange are shown.
    verbose: bool,
    /// Whether times are local ones.
    is_local: bool,
}

impl Human {
    pub fn new(out: Out, colour: bool, terminal: bool, talk: Talk) -> Self {
        Self {
            out,
            paint: Paint::new(colour),
            terminal,
            width: None,
            talk,
            failed: 0,
            requests: 0,
            layout: ReportLayout::default(),
            quiet: false,
            verbose: false,
            is_local: false,
        }
    }

    /// The same, which shows the verdict alone, or both sides.
    pub fn showing(self, quiet: bool, verbose: bool) -> Self {
        Self { quiet, verbose, ..self }
    }

    /// The same in local time.
    pub fn in_local_time(self, is_local: bool) -> Self {
        Self { is_local, ..self }
    }

    /// The clock that times are shown by; it is looked for where there is a time to show.
    fn zone(&self) -> TimeZone {
        match self.is_local {
            true => TimeZone::system(),
            false => TimeZone::UTC,
        }
    }

    /// The same for a terminal of so many columns.
    pub fn with_width(self, width: Option<usize>) -> Self {
        Self { width, ..self }
    }

    /// `text` broken between words where the terminal ends, its further lines behind so many blanks.
    fn folded(&self, text: &str, indent: usize) -> String {
        let room = self.width.map(|width| width.saturating_sub(indent));
        folded(text, room).join(&format!("\n{}", " ".repeat(indent)))
    }

    fn mark(&self, ok: bool) -> String {
        if ok {
            self.paint.colour("✓", Color::Green)
        } else {
            self.paint.colour("✗", Color::Red)
        }
    }

    fn delivery(&self, item: &DeliveryItem) -> String {
        let Some(last) = item.attempts.last() else {
            return String::new();
        };
        let mark = self.mark(item.ok);
        let took = self.paint.dim(&milliseconds(last.duration_ms));
        let mut text = match (last.status, &last.error) {
            (Some(status), _) => format!("{} in {took}", self.paint.bold(&status_text(status))),
            (None, Some(error)) if self.layout.each || self.layout.brief => line(error),
            (None, Some(error)) => self.folded(&line(error), 2),
            (None, None) => "no answer".to_owned(),
        };
        if self.layout.each {
            let [events, ..] = self.layout.columns;
            let event = line(item.event_type.as_deref().unwrap_or("a body"));
            text = format!("{}  {text}", self.paint.bold(&table::padded(&event, events)));
        }
        text.insert_str(0, &format!("{mark} "));
        if item.attempts.len() > 1 {
            text.push_str(&format!(", attempt {}", item.attempts.len()));
        }
        if self.layout.brief {
            if last.status.is_some() && item.unmet.iter().any(|unmet| !unmet.starts_with("expected 2xx")) {
                text.push_str(&format!(": {}", line(&item.unmet.join("; "))));
            }
            let what = which(item.origin, item.event_type.as_deref(), item.event_id.as_deref());
            text.push_str(&self.paint.dim(&format!("  {what}")));
            return text + "\n";
        }
        if let Some(change) = item.change {
            let colour = match change {
                VerdictChange::Fixed => Color::Green,
                VerdictChange::Regressed | VerdictChange::StillFailing => Color::Red,
            };
            // Behind an error over several lines it would be taken for a part of it.
            let before = if text.contains('\n') { "\n" } else { "" };
            text.push_str(&format!("{before}  {}", self.paint.colour(change.word(), colour)));
        }
        if item.ok && refused_on_purpose(last.status) {
            text.push_str(", refused as expected");
        }
        text.push('\n');
        if self.quiet || self.layout.each && item.ok {
            return text;
        }
        if last.status.is_some() {
            for unmet in &item.unmet {
                text.push_str(&format!("  {}\n", line(unmet)));
            }
        }
        if self.verbose {
            return text;
        }
        if let Some(response) = &item.response {
            text.push_str(&self.response_body(
                response.body.body.as_deref(),
                response.body.body_base64.is_some(),
                response.body.truncated,
            ));
        }
        text
    }

    fn response_body(&self, body: Option<&str>, binary: bool, truncated: bool) -> String {
        let more = self.paint.dim("  … and more");
        if let Some(body) = body.filter(|body| !truncated && body.len() <= SHOWN_BODY && !body.is_empty()) {
            return indented(&self.body(body.as_bytes()));
        }
        match body {
            _ if binary => self.paint.dim("  a body that is not text") + "\n",
            None | Some("") => String::new(),
            Some(body) => {
                let end = body.floor_char_boundary(SHOWN_BODY);
                let mut shown = indented(&block(&body.as_bytes()[..end]));
                if truncated || end < body.len() {
                    shown.push_str(&more);
                    shown.push('\n');
                }
                shown
            }
        }
    }

    fn skipped(&self, item: &SkippedItem) -> String {
        let mark = self.paint.colour("-", Color::Yellow);
        let text = format!("{} skipped: {}", which(item.origin, None, None), line(&item.reason));
        format!("{mark} {}\n", self.folded(&text, 2))
    }

    fn summary(&self, item: &SummaryItem) -> String {
        let skipped = match item.skipped {
            0 => String::new(),
            count => format!(", {count} skipped"),
        };
        let not_sent = item.not_sent.unwrap_or(0);
        let unsent = match not_sent {
            0 => String::new(),
            count => format!(", {count} not sent"),
        };
        let is_told = item.deliveries == 1 && item.skipped == 0 && not_sent == 0 && !self.layout.brief;
        if is_told {
            return String::new();
        }
        let mut text = format!(
            "{} {} delivered, {} failed{skipped}{unsent} in {}\n",
            self.mark(item.failed == 0 && item.skipped == 0 && not_sent == 0),
            self.paint.bold(&item.ok.to_string()),
            item.failed,
            milliseconds(item.duration_ms)
        );
        text.push_str(&outcomes(&item.statuses, &item.failures));
        if self.quiet || item.deliveries < 2 || self.layout.each {
            return text;
        }
        text.push_str(&self.latencies(&item.latencies));
        if !item.slowest.is_empty() && item.deliveries > item.slowest.len() as u64 {
            let slowest = item.slowest.iter().map(|slow| {
                let what = which(slow.origin, slow.event_type.as_deref(), slow.event_id.as_deref());
                format!("{} {what}", milliseconds(slow.duration_ms))
            });
            let slowest: Vec<String> = slowest.collect();
            let slowest = format!("slowest: {}", slowest.join(", "));
            text.push_str(&self.paint.dim(&format!("  {}\n", self.folded(&slowest, 2))));
        }
        text
    }

    fn request(&mut self, item: &RequestItem) -> Vec<u8> {
        self.requests += 1;
        let headers = &item.headers.0;
        let Some(format) = item.format else {
            return self.request_for_reading(item).into_bytes();
        };
        let bytes = match format {
            RequestFormat::Http => http::write(&item.method, &item.target, headers, &item.bytes),
            RequestFormat::Curl => {
                let mut own = headers.clone();
                own.remove("content-length");
                (curl::write(&item.method, &item.url, &own, &item.bytes) + "\n").into_bytes()
            }
            RequestFormat::Json => Vec::new(),
        };
        // What is piped is exact; what is read on a screen must not command it.
        if self.terminal {
            let shown = block(&bytes);
            let end = if shown.ends_with('\n') { "" } else { "\n" };
            format!("{}{shown}{end}", self.between("\n")).into_bytes()
        } else {
            // A server skips an empty line before a request line (RFC 9112, section 2.2).
            [self.between("\r\n").as_bytes(), &bytes].concat()
        }
    }

    /// What keeps a request apart from the one before it.
    fn between<'t>(&self, line: &'t str) -> &'t str {
        if self.requests > 1 { line } else { "" }
    }

    fn request_for_reading(&self, item: &RequestItem) -> String {
        let mut text = self.paint.bold(&line(&format!("{} {}", item.method, item.target))) + "\n";
        for (name, value) in item.headers.0.iter() {
            let value = block(value).replace('\n', "\\n");
            text.push_str(&format!("{} {value}\n", self.paint.dim(&format!("{}:", line(name)))));
        }
        text.push_str(&format!("\n{}\n\n", self.body(&item.bytes).trim_end_matches('\n')));
        text
    }

    fn signature(item: &SignatureItem) -> Vec<u8> {
        let headers = &item.headers.0;
        let mut out = Vec::new();
        match item.format {
            SignatureFormat::Headers => {
                for (name, value) in headers.iter() {
                    out.extend_from_slice(&[name.as_bytes(), b": ", value, b"\n"].concat());
                }
            }
            SignatureFormat::Value => {
                out.extend_from_slice(headers.get(&item.header).unwrap_or_default());
                out.push(b'\n');
            }
            SignatureFormat::Curl => {
                let arguments: Vec<String> = headers
                    .iter()
                    .map(|(name, value)| curl::header_argument(name, value))
                    .collect();
                out.extend_from_slice(arguments.join(" ").as_bytes());
                out.push(b'\n');
            }
            SignatureFormat::Json => {}
        }
        out
    }

    fn verdict(&self, item: &VerdictItem) -> String {
        let age = item.timestamp_age_ms.map(age_text);
        let sentence = verdict_sentence(item);
        let reason = item.reason.to_string();
        let room = self.width.map(|width| width.saturating_sub(2));
        let sentence = folded_behind(&sentence, room, reason.len() + 2).join("\n  ");
        let reason = self.paint.bold(&reason);
        let mut text = format!("{} {reason}: {sentence}\n", self.mark(item.counts()));
        if self.quiet {
            return text;
        }
        let mut fact = |name: &str, value: &str| {
            text.push_str(&format!(
                "  {} {}\n",
                self.paint.dim(&format!("{name:<9}")),
                self.folded(&line(value), FACT)
            ));
        };
        if let Some(detail) = &item.detail {
            fact("detail", detail);
        }
        if let (Some(provider), Some(dialect)) = (&item.provider, &item.dialect) {
            fact("provider", &format!("{} ({dialect})", label(provider, item.caveat)));
        }
        if let Some(secret) = &item.matched_secret {
            fact("secret", secret);
        }
        if item.reason == Reason::Mismatch {
            for tried in &item.tried {
                fact(
                    "secret",
                    &format!("{}, fingerprint {}", tried.secret, tried.fingerprint),
                );
            }
        }
        if let Some(age) = age {
            match item.timestamp_age_today_ms {
                Some(today) => fact("signed", &format!("{age} when it arrived, {} today", age_text(today))),
                None => fact("signed", &age),
            }
        }
        if let Some(base) = item
            .signature_base
            .as_ref()
            .filter(|_| self.verbose || item.reason == Reason::Mismatch)
        {
            for (index, part) in base.lines().enumerate() {
                fact(if index == 0 { "base" } else { "" }, part);
            }
        }
        for (index, right) in item.computed.iter().enumerate() {
            if *right {
                fact(
                    "computed",
                    &format!("signature {} is right for this delivery", index + 1),
                );
            }
        }
        for cause in &item.causes {
            text.push_str(&super::causes::text(cause, &|label| self.paint.dim(label), self.width));
        }
        text
    }

    fn fingerprint(&self, item: &FingerprintItem) -> String {
        let mut text = format!("{}  {}\n", self.paint.bold(&item.fingerprint), line(&item.secret));
        if !item.lines.is_empty() && !self.quiet {
            text.push_str("\nYour handler gives the same for its secret with one of these:\n");
        }
        for (language, code) in item.lines.iter().filter(|_| !self.quiet) {
            text.push_str(&format!("\n  {}\n  {code}\n", self.paint.dim(language)));
        }
        text
    }

    fn diagnosis(&self, item: &DiagnosisItem) -> String {
        let mark = match item.ok {
            Some(ok) => self.mark(ok),
            None => self.paint.dim("-"),
        };
        let indent = " ".repeat(12);
        let said = self.folded(&line(&item.says), indent.len());
        let mut text = format!("{mark} {:<9} {said}\n", item.subject);
        if let Some(hint) = item.hint.as_ref().filter(|_| !self.quiet) {
            text.push_str(&format!("{indent}{}\n", self.paint.bold(&line(hint))));
        }
        text
    }

    fn trust(&self, item: &TrustItem) -> String {
        let state = match item.state {
            State::Trusted => self.paint.colour("✓ trusted", Color::Green),
            State::Changed => self.paint.colour("✗ changed", Color::Yellow),
            State::Untrusted => self.paint.colour("✗ not trusted", Color::Yellow),
        };
        let mut text = format!("{state}  {}\n", self.paint.bold(&line(&item.path)));
        for fact in item.allows.iter().chain([&item.digest]) {
            text.push_str(&self.paint.dim(&format!("  {}\n", line(fact))));
        }
        text
    }

    fn event(&self, item: &EventItem) -> String {
        let [events, providers, _] = self.layout.columns;
        let description = line(item.description.as_deref().unwrap_or_default());
        let mark = if item.documented { "" } else { " *" };
        let provider = match providers {
            0 => String::new(),
            _ => format!("{:<providers$}  ", line(&item.provider)),
        };
        let taken = events + provider.len() + 2 + mark.len();
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(taken));
        // A few letters of it say nothing.
        let description = match room >= SHORTEST_DESCRIPTION {
            true => table::beginning(&description, room),
            false => String::new(),
        };
        let text = format!("{provider}{description}");
        format!(
            "{}  {}{}\n",
            self.paint.bold(&format!("{:<events$}", line(&item.event_type))),
            text.trim_end(),
            self.paint.dim(mark)
        )
    }

    fn provider(&self, item: &ProviderItem) -> String {
        match &item.facts {
            None => {
                let [width, ..] = self.layout.columns;
                let name = self.paint.bold(&format!("{:<width$}", line(&item.provider)));
                let dialects = match item.dialects.len() {
                    1 => String::new(),
                    _ => format!(", dialects {}", item.dialects.join(", ")),
                };
                let events = if item.events == 1 {
                    "1 event".to_owned()
                } else {
                    format!("{} events", item.events)
                };
                let said = format!("{}: {events}{}", line(&item.title), line(&dialects));
                format!("{name}  {}\n", self.folded(&said, width + 2))
            }
            Some(facts) => {
                let text = format!(
                    "{} {}\n",
                    self.paint.bold(&line(&item.title)),
                    self.paint.dim(&format!("({})", line(&item.dialect)))
                );
                text + &self.facts(facts)
            }
        }
    }

    fn facts(&self, facts: &[(String, String)]) -> String {
        let fact = |(name, value): &(String, String)| {
            let label = self.paint.dim(&format!("{name:<14}"));
            format!("  {label} {}\n", self.folded(&line(value), 17))
        };
        facts.iter().map(fact).collect()
    }

    fn learned(&self, item: &LearnedItem) -> String {
        let sentence = match (item.found, item.searched.headers.is_empty()) {
            (true, _) => "learned: what was found gives its signature",
            (false, true) => "not learned: no header of the delivery holds a text that may be a signature",
            (false, false) if item.causes.is_empty() => "not learned: nothing that was tried gives the signature",
            (false, false) => "not learned: the delivery and the secret do not belong together as they are",
        };
        let mut text = format!(
            "{} {} is {sentence}\n{}",
            self.mark(item.found),
            self.paint.bold(&line(&item.provider)),
            self.facts(&item.facts)
        );
        if let Some(known_as) = &item.known_as {
            let value = format!("{known_as} sends such requests too: --provider {known_as} has its events");
            text.push_str(&self.facts(&[("known as".to_owned(), value)]));
        }
        if let Some(folder) = &item.folder {
            let value = format!("{folder}: {}", item.files.join(", "));
            text.push_str(&self.facts(&[("written".to_owned(), value)]));
        }
        for cause in &item.causes {
            text.push_str(&super::causes::text(cause, &|label| self.paint.dim(label), self.width));
        }
        text
    }

    fn provider_test(&self, item: &ProviderTestItem) -> String {
        let mut text = format!(
            "{} {} {} ({})",
            self.mark(item.ok),
            line(&item.provider),
            line(&item.subject),
            line(&item.dialect)
        );
        if let Some(detail) = &item.detail {
            text.push_str(&format!(": {}", line(detail)));
        }
        text + "\n"
    }
}

impl Report for Human {
    fn result(&mut self, item: &Item) -> io::Result<()> {
        let bytes = match item {
            Item::Delivery(item) => {
                if (self.layout.brief || self.layout.each) && !item.ok {
                    self.failed += 1;
                }
                let counts = self.layout.brief || self.layout.each;
                if let Some(bar) = self.talk.progress.as_ref().filter(|_| counts) {
                    bar.inc(1);
                    if self.failed > 0 {
                        bar.set_message(format!("{} failed", self.failed));
                    }
                }
                if self.layout.brief && item.ok {
                    return Ok(());
                }
                self.delivery(item).into_bytes()
            }
            Item::Skipped(item) => {
                self.advance();
                self.skipped(item).into_bytes()
            }
            Item::Summary(item) => {
                if let Some(bar) = self.talk.progress.take() {
                    bar.finish_and_clear();
                }
                self.summary(item).into_bytes()
            }
            Item::Request(RequestItem {
                format: Some(RequestFormat::Json),
                ..
            })
            | Item::Signature(SignatureItem {
                format: SignatureFormat::Json,
                ..
            }) => super::json::line(item)?.into_bytes(),
            Item::Request(item) if self.quiet && item.format.is_none() => Vec::new(),
            Item::Request(item) => self.request(item),
            Item::Signature(item) => Self::signature(item),
            Item::Verdict(item) => self.verdict(item).into_bytes(),
            Item::Diagnosis(item) => self.diagnosis(item).into_bytes(),
            // It goes to stderr.
            Item::Error(item) => format!("{}\n", line(&item.message)).into_bytes(),
            Item::Fingerprint(item) => self.fingerprint(item).into_bytes(),
            Item::Event(item) => self.event(item).into_bytes(),
            Item::Payload(item) if item.is_raw && !self.terminal => item.body.clone().into_bytes(),
            Item::Payload(item) => (block(item.body.as_bytes()) + "\n").into_bytes(),
            Item::Provider(item) => self.provider(item).into_bytes(),
            Item::ProviderTest(item) => self.provider_test(item).into_bytes(),
            Item::Learned(item) => self.learned(item).into_bytes(),
            Item::Trust(item) => self.trust(item).into_bytes(),
            Item::Ready(item) => self.ready(item).into_bytes(),
            Item::Capture(item) => self.capture(item).into_bytes(),
            Item::Entry(item) => self.entry(item).into_bytes(),
            Item::Refused(item) => self.refused(item).into_bytes(),
            Item::ListenSummary(item) => self.listen_summary(item).into_bytes(),
            Item::Difference(item) => self.difference(item).into_bytes(),
            Item::Run(item) => self.run(item).into_bytes(),
            // What is wrong stands in the summary.
            Item::Case(_) => Vec::new(),
            Item::CheckSummary(item) => self.check_summary(item).into_bytes(),
            Item::Exploration(item) => self.exploration(item).into_bytes(),
            Item::Store(item) => self.store(item).into_bytes(),
            Item::StoreStatus(item) => self.store_status(item).into_bytes(),
            Item::StoreCopy(item) => self.store_copy(item).into_bytes(),
            Item::Text { text } => text.clone().into_bytes(),
        };
        let mut write = || self.out.write(&bytes);
        match &self.talk.progress {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn lay_out(&mut self, layout: ReportLayout) {
        self.layout = layout;
    }

    fn gather(&mut self, on: bool) -> io::Result<()> {
        self.out.gather(on)
    }

    fn note(&mut self, text: &str) {
        if !self.quiet {
            self.talk.note(text);
        }
    }

    fn warn(&mut self, text: &str) {
        self.talk.note(text);
    }

    fn hint(&mut self, text: &str, command: Option<&str>) {
        if !self.quiet {
            self.talk.hint(text, command);
        }
    }

    fn show(&mut self, text: &str) {
        self.talk.show(text);
    }

    fn ask(&mut self, text: &str, question: &str) -> Option<bool> {
        self.talk.ask(text, question)
    }

    fn error(&mut self, text: &str) {
        self.talk.error(text);
    }

    fn clock(&self) -> Option<String> {
        let offset = Timestamp::now().to_zoned(self.zone()).strftime("%:z").to_string();
        self.terminal.then(|| match offset.as_str() {
            "+00:00" => "times are UTC".to_owned(),
            _ => format!("times are UTC{offset}; --utc shows UTC"),
        })
    }

    fn wants_all(&self) -> bool {
        false
    }

    fn advance(&mut self) {
        if let Some(bar) = &self.talk.progress {
            bar.inc(1);
        }
    }

    fn expect(&mut self, deliveries: Option<u64>) {
        self.talk.expect(deliveries);
    }
}

/// Which request, in a few words.
fn which(origin: RequestOrigin, event_type: Option<&str>, event_id: Option<&str>) -> String {
    let number = match (origin.capture, origin.record) {
        (Some(capture), _) => Some(format!("#{capture}")),
        (None, Some(record)) => Some(format!("request {record}")),
        (None, None) => None,
    };
    let turn = origin.turn.map(|turn| format!("(turn {turn})"));
    let words = [number.as_deref(), turn.as_deref(), event_type, event_id];
    line(&words.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// A provider's name, with a mark where it is a project's that the user does not trust.
fn label(provider: &str, caveat: Option<Caveat>) -> String {
    match caveat {
        Some(Caveat::ProjectProvider) => format!("{} {STRANGERS}", line(provider)),
        _ => line(provider),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// Whether an answer that was expected is a refusal.
fn refused_on_purpose(status: Option<u16>) -> bool {
    status.is_some_and(|status| (400..500).contains(&status))
}

fn status_text(status: u16) -> String {
    let reason = reqwest::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}

pub fn milliseconds(milliseconds: f64) -> String {
    if milliseconds < 0.095 {
        format!("{milliseconds:.2} ms")
    } else if milliseconds < 9.95 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 999.5 {
        format!("{milliseconds:.0} ms")
    } else if milliseconds < 119_950.0 {
        format!("{:.1} s", milliseconds / 1000.0)
    } else {
        let seconds = (milliseconds / 1000.0).round();
        format!("{} min {} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

/// `3 s ago`, `in 2 min`.
pub fn age_text(milliseconds: i64) -> String {
    let seconds = milliseconds.unsigned_abs() / 1000;
    let text = match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    };
    if milliseconds < 0 {
        format!("in {text}")
    } else {
        format!("{text} ago")
    }
}

/// What a verdict says, in one sentence.
pub fn verdict_sentence(item: &VerdictItem) -> String {
    let tried = || {
        let tried: Vec<&str> = item.tried.iter().map(|tried| tried.secret.as_str()).collect();
        tried.join(" or ")
    };
    match item.reason {
        Reason::Valid => "the signature matches".to_owned(),
        Reason::Authenticated if item.caveat == Some(Caveat::SenderChosen) => {
            "the secret that is shown is right; it covers no bytes, and counts where --provider names its provider"
                .to_owned()
        }
        Reason::Authenticated => "the secret that is shown is right; it covers no bytes of the request".to_owned(),
        Reason::SignsNothing => "this provider signs nothing, so anyone may have sent it".to_owned(),
        Reason::Mismatch if item.is_shown => {
            format!("what is shown is not the secret from {}", tried())
        }
        Reason::Mismatch => format!(
            "the signature is not what the secret from {} gives for these bytes",
            tried()
        ),
        Reason::Stale => "the signature is right, and too old to be accepted".to_owned(),
        Reason::Future => "the signature is right, and its time has not come".to_owned(),
        Reason::NoSecret => "there is no usable secret to verify with".to_owned(),
        Reason::MissingHeader if item.signature == SignatureState::Absent => {
            "there is no signature where this scheme has it".to_owned()
        }
        Reason::MissingHeader => "a header that the signature covers is missing".to_owned(),
        Reason::MalformedHeader => "a header can't be taken as it stands".to_owned(),
        Reason::Unrecognised => "whose request it is can't be told".to_owned(),
        Reason::NoBody => "the body is not held, so there is nothing to judge".to_owned(),
        other => other.to_string(),
    }
}
