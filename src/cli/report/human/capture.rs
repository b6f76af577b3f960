//! Captures: a line as they arrive, a list, one in full, and how two differ.

use ckwh::exchange::jsonl::{CaptureFields, DeliveryFields};
use ckwh::provider::STRANGERS;
use ckwh::store::Summary;
use ckwh::trust::Caveat;
use ckwh::verify::{Reason, SignatureState};
use colored::Color;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::visible::line;
use super::super::{CaptureItem, Detail, DifferenceItem, ListenSummaryItem, ReadyItem, RefusedItem, StoreItem};
use super::{Human, age_text, label, milliseconds};

/// The longest target, event type and method in a line, in characters.
const LONGEST: usize = 60;
/// How much of a body is shown in full, in bytes.
pub(super) const SHOWN_BODY: usize = 256 * 1024;
/// The longest line of a body or a difference, in characters.
const LONGEST_LINE: usize = 4096;
/// How many lines of a difference are shown.
const MOST_LINES: usize = 200;

impl Human {
    pub(super) fn ready(&self, item: &ReadyItem) -> String {
        let mut text = format!("Listening on {}\n", self.paint.bold(&item.url));
        for about in &item.about {
            text.push_str(&self.paint.dim(&format!("  {}", line(about))));
            text.push('\n');
        }
        text
    }

    pub(super) fn capture(&self, item: &CaptureItem) -> String {
        match self.layout.detail {
            Detail::Line => self.arrival(&item.fields),
            Detail::Exchange => format!("\n{}", self.sides(item)),
            Detail::Sides => format!("{}\n{}\n", self.arrival(&item.fields), self.sides(item)),
            Detail::Full => self.in_full(item),
        }
    }

    /// One line, and a second one with the command that explains a bad verdict.
    fn arrival(&self, fields: &CaptureFields) -> String {
        let mut parts = vec![
            self.paint.dim(&time_of_day(fields.received_at)),
            self.paint.bold(&format!("#{}", fields.id)),
            format!("{} {}", short(&fields.method), short(&fields.target)),
        ];
        let verdict = fields.verdict.as_ref();
        let provider = verdict.and_then(|verdict| Some(label(verdict.provider.as_deref()?, verdict.caveat)));
        match (provider, &fields.event_type) {
            (Some(provider), Some(event)) => {
                parts.push(format!("{provider} {}", self.paint.bold(&short(event))));
            }
            (Some(provider), None) => parts.push(provider),
            _ => {}
        }
        parts.push(self.paint.dim(&size_text(fields.size)));
        if let Some(verdict) = &fields.verdict {
            let word = self.word(verdict.reason, verdict.signature, verdict.timestamp_age_ms);
            parts.push(word + tracked(verdict.caveat));
        }
        if let Some(first) = fields.duplicate_of {
            parts.push(self.paint.colour(&format!("duplicate of #{first}"), Color::Yellow));
        }
        parts.push(self.outcome(fields));
        let mut text = parts.join("  ") + "\n";
        if let Some(failure) = fields.forward.as_ref().and_then(|forward| forward.error.as_deref()) {
            text.push_str(&format!("          {}\n", line(failure)));
        }
        let bad = fields
            .verdict
            .as_ref()
            .is_some_and(|verdict| is_bad(verdict.reason, verdict.signature));
        if bad {
            text.push_str(&self.paint.dim("          why? "));
            text.push_str(&format!("ckwh verify {}\n", fields.id));
        }
        text
    }

    /// The verdict in a word or two, with the age where it matters.
    fn word(&self, reason: Reason, signature: SignatureState, age: Option<i64>) -> String {
        let age = age.map_or_else(String::new, |age| format!(", {}", age_text(age)));
        match reason {
            Reason::Valid => format!("{}{}", self.paint.colour("✓ valid", Color::Green), self.paint.dim(&age)),
            Reason::Stale | Reason::Future => self.paint.colour(&format!("✗ {}{age}", reason), Color::Yellow),
            Reason::MissingHeader if signature == SignatureState::Absent => self.paint.dim("unsigned"),
            Reason::NoSecret => self.paint.dim("not verified: no secret"),
            Reason::Unrecognised => self.paint.dim("unknown sender"),
            Reason::NoBody => self.paint.dim("body not held"),
            _ => self.paint.colour(&format!("✗ {}", reason), Color::Red),
        }
    }

    fn outcome(&self, fields: &CaptureFields) -> String {
        let status = match &fields.response {
            Some(response) => {
                let colour = match response.status {
                    200..=299 => Color::Green,
                    300..=399 => Color::Yellow,
                    _ => Color::Red,
                };
                self.paint.colour(&response.status.to_string(), colour)
            }
            None => "unknown".to_owned(),
        };
        let Some(forward) = fields.forward.as_ref().filter(|forward| forward.status.is_some()) else {
            return format!("→ {status}");
        };
        let took = forward
            .duration_ms
            .map_or_else(String::new, |took| format!(" in {}", milliseconds(took)));
        let place = without_scheme(&forward.target);
        // A path that is the request's own stands in the line already.
        let place = place.strip_suffix(fields.target.as_str()).unwrap_or(place);
        let from = self.paint.dim(&format!(" from {}{took}", short(place)));
        format!("→ {status}{from}")
    }

    fn in_full(&self, item: &CaptureItem) -> String {
        let fields = &item.fields;
        let mut text = format!(
            "{} {}\n",
            self.paint.bold(&match fields.send {
                Some(_) => format!("sent:{}", fields.id),
                None => format!("#{}", fields.id),
            }),
            self.paint.dim(&match fields.send {
                Some(_) => format!("{}, {}", fields.received_at, size_text(fields.size)),
                None => format!(
                    "{} from {}, {}",
                    fields.received_at,
                    line(fields.peer.as_deref().unwrap_or("somewhere")),
                    size_text(fields.size)
                ),
            })
        );
        if let Some(verdict) = &fields.verdict {
            text.push_str(&self.word(verdict.reason, verdict.signature, verdict.timestamp_age_ms));
            text.push_str(tracked(verdict.caveat));
            let provider = verdict.provider.as_deref().map(|name| label(name, verdict.caveat));
            let of = [
                provider.as_deref(),
                verdict.dialect.as_deref(),
                fields.event_type.as_deref(),
            ];
            let of: Vec<String> = of.into_iter().flatten().map(short).collect();
            if !of.is_empty() {
                text.push_str(&self.paint.dim(&format!("  {}", of.join(", "))));
            }
            text.push('\n');
            if let Some(detail) = &verdict.detail {
                text.push_str(&format!("  {}\n", line(detail)));
            }
        }
        if let Some(first) = fields.duplicate_of {
            text.push_str(&format!("duplicate of #{first}\n"));
        }
        match &fields.send {
            Some(sent) => text.push_str(&format!("{}\n", delivery_text("sent", sent))),
            None => text.push_str(&format!("{}\n", self.outcome(fields))),
        }
        for replay in &fields.replays {
            text.push_str(&format!("  {}\n", delivery_text("replayed", replay)));
        }
        text.push('\n');
        text + &self.sides(item)
    }

    pub(super) fn entry(&self, item: &Summary) -> String {
        let [ids, events] = self.layout.columns;
        let event = short(item.event_type.as_deref().unwrap_or("-"));
        let word = match (item.reason, item.signature) {
            (Some(reason), Some(signature)) => self.word(reason, signature, None) + tracked(item.caveat),
            _ => self.paint.dim("not judged"),
        };
        let whose = match item.caveat {
            Some(Caveat::ProjectProvider) => format!("  {STRANGERS}"),
            _ => String::new(),
        };
        let mut text = format!(
            "{}  {}  {event:<events$}  {} {}  {}  {word}{whose}",
            self.paint.bold(&format!("{:>ids$}", item.id)),
            self.paint.dim(&date_and_time(item.received_at)),
            short(&item.method),
            short(&item.target),
            self.paint.dim(&size_text(item.size)),
        );
        if let Some(first) = item.duplicate_of {
            text.push_str(&format!("  duplicate of {first}"));
        }
        match item.response_status {
            Some(status) => text.push_str(&format!("  → {status}")),
            None if item.delivered.is_some() => text.push_str("  → unknown"),
            None => {}
        }
        if item.delivered == Some(false) {
            text.push_str(&self.paint.colour("  not delivered", Color::Red));
        }
        text + "\n"
    }

    pub(super) fn refused(&self, item: &RefusedItem) -> String {
        let status = item.status.map_or_else(|| "closed".into(), |status| status.to_string());
        format!(
            "{}  {} {}: {}\n",
            self.paint.dim(&time_of_day(Timestamp::now())),
            self.paint.colour(&format!("✗ not kept, {status},"), Color::Red),
            line(&item.peer),
            line(&item.problem)
        )
    }

    pub(super) fn store(&self, item: &StoreItem) -> String {
        format!(
            "{}  {} {}\n",
            self.paint.dim(&time_of_day(Timestamp::now())),
            self.paint.colour("!", Color::Yellow),
            line(&item.detail)
        )
    }

    pub(super) fn listen_summary(&self, item: &ListenSummaryItem) -> String {
        let mut parts = vec![format!("{} caught", self.paint.bold(&item.captures.to_string()))];
        for (count, what) in [
            (item.valid, "valid"),
            (item.invalid, "invalid"),
            (item.unverified, "not verified"),
            (item.duplicates, "duplicates"),
            (item.refused, "not kept"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        let mut text = format!("\n{} in {}\n", parts.join(", "), milliseconds(item.duration_ms));
        for unmet in &item.unmet {
            text.push_str(&format!("{} {}\n", self.mark(false), line(unmet)));
        }
        text
    }

    pub(super) fn difference(&self, item: &DifferenceItem) -> String {
        if item.equal {
            return format!("#{} and #{} are the same, byte for byte\n", item.a, item.b);
        }
        let mut text = String::new();
        let minus = |text: &str| self.paint.colour(&format!("- {text}"), Color::Red);
        let plus = |text: &str| self.paint.colour(&format!("+ {text}"), Color::Green);
        let mut both = |what: &str, a: Option<String>, b: Option<String>| {
            text.push_str(&format!("{}\n", self.paint.bold(&short(what))));
            for side in [a.map(|a| minus(&a)), b.map(|b| plus(&b))].into_iter().flatten() {
                text.push_str(&format!("  {side}\n"));
            }
        };
        for (what, a, b) in &item.head {
            both(what, a.as_deref().map(cut), b.as_deref().map(cut));
        }
        let value = |value: &Option<serde_json::Value>| value.as_ref().map(|value| cut(&value.to_string()));
        for (pointer, a, b) in item.json.iter().flatten() {
            let what = if pointer.is_empty() { "the whole body" } else { pointer };
            both(what, value(a), value(b));
        }
        if item.body_equal {
            text.push_str(&self.paint.dim("the bodies are the same\n"));
            return text;
        }
        match (&item.json, item.first_difference) {
            (Some(changes), Some(at)) if changes.is_empty() => text.push_str(&format!(
                "the bodies hold the same JSON, written otherwise from byte {at} on\n"
            )),
            (None, Some(at)) => text.push_str(&format!("the bodies differ from byte {at} on\n")),
            _ => {}
        }
        for (mark, content) in item.lines.iter().take(MOST_LINES) {
            let content = cut(content);
            let shown = match mark {
                '-' => minus(&content),
                '+' => plus(&content),
                _ => self.paint.dim(&format!("  {content}")),
            };
            text.push_str(&format!("{shown}\n"));
        }
        if item.lines.len() > MOST_LINES {
            text.push_str(
                &self
                    .paint
                    .dim(&format!("… and {} lines more\n", item.lines.len() - MOST_LINES)),
            );
        }
        text
    }
}

/// What is said behind a verdict by a secret that whoever has the repository has too.
fn tracked(caveat: Option<Caveat>) -> &'static str {
    match caveat {
        Some(Caveat::TrackedSecret) => ", by a secret that git tracks",
        _ => "",
    }
}

/// Whether `ckwh verify` has something to explain.
fn is_bad(reason: Reason, signature: SignatureState) -> bool {
    match reason {
        Reason::Valid | Reason::NoSecret | Reason::Unrecognised | Reason::NoBody => false,
        Reason::MissingHeader => signature != SignatureState::Absent,
        _ => true,
    }
}

fn delivery_text(how: &str, delivery: &DeliveryFields) -> String {
    let came = match (delivery.status, &delivery.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => line(error),
        (None, None) => "unknown".into(),
    };
    format!("{how} to {}: {came}", line(&delivery.target))
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// `text` on one line, not too long.
fn short(text: &str) -> String {
    shortened(text, LONGEST)
}

fn cut(text: &str) -> String {
    shortened(text, LONGEST_LINE)
}

fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => line(&text[..end]) + "…",
        None => line(text),
    }
}

/// Lines that are safe already, the long ones cut.
pub(super) fn cut_lines(text: &str) -> String {
    let mut shown = String::new();
    for one in text.split_inclusive('\n') {
        match one.char_indices().nth(LONGEST_LINE) {
            Some((end, _)) => {
                let left = one[end..].trim_end_matches('\n').chars().count();
                shown.push_str(&format!("{}… and {left} characters more\n", &one[..end]));
            }
            None => shown.push_str(one),
        }
    }
    shown
}

pub(super) fn size_text(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

fn time_of_day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

fn date_and_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
