//! Captures: a line as they arrive, a list, one in full, and how two differ.

use ckwh::exchange::jsonl::{CaptureFields, DeliveryFields};
use ckwh::provider::STRANGERS;
use ckwh::store::Summary;
use ckwh::trust::Caveat;
use ckwh::verify::{Reason, SignatureState};
use colored::Color;
use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::super::table;
use super::super::visible::line;
use super::super::{
    CaptureItem, Detail, DifferenceItem, ListenSummaryItem, ReadyItem, RefusedItem, StoreCopyItem, StoreItem,
    StoreState, StoreStatusItem,
};
use super::{Human, age_text, label, milliseconds};

/// The longest target, event type and method in a line, in characters.
const LONGEST: usize = 60;
/// What is left of an event type at the least, in columns.
const SHORTEST_TYPE: usize = 12;
/// A target that has less room is left out, in columns.
const SHORTEST_TARGET: usize = 16;
/// A method, a target and a size that have less room are left out of a list, in columns.
const SHORTEST_REQUEST: usize = 30;
/// How wide a verdict is in a list, and what it was answered.
const VERDICT: usize = 10;
const ANSWER: usize = 5;
/// How much of a body is shown in full, in bytes.
pub(super) const SHOWN_BODY: usize = 256 * 1024;
/// The longest line of a body or a difference, in characters.
const LONGEST_LINE: usize = 4096;
/// How many lines of a difference are shown.
const MOST_LINES: usize = 200;

/// What a list says of a capture that was not delivered.
fn undelivered(item: &Summary) -> Option<&'static str> {
    let is_success = item.response_status.is_some_and(|status| (200..300).contains(&status));
    match item.delivered {
        Some(false) if is_success => Some("last replay failed"),
        Some(false) => Some("not delivered"),
        _ => None,
    }
}

/// How many columns stand behind a capture's answer in a list.
pub fn width_behind(item: &Summary) -> usize {
    let duplicate = item
        .duplicate_of
        .map_or(0, |first| format!("  duplicate of {first}").width());
    duplicate + undelivered(item).map_or(0, |text| text.width() + 2)
}

impl Human {
    pub(super) fn ready(&self, item: &ReadyItem) -> String {
        let mut text = format!("Listening on {}\n", self.paint.bold(&item.url));
        if let Some(ui) = &item.ui {
            text.push_str(&format!("  the page: {}\n", self.paint.bold(ui)));
        }
        for about in &item.about {
            text.push_str(&self.paint.dim(&format!("  {}", self.folded(&line(about), 2))));
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

    /// One line, and a second one with the command that explains a bad verdict. What has no room on the terminal is left
    /// out, the size first.
    fn arrival(&self, fields: &CaptureFields) -> String {
        let verdict = fields.verdict.as_ref();
        let provider = verdict.and_then(|verdict| Some(label(verdict.provider.as_deref()?, verdict.caveat)));
        let event_of = |room: usize| self.event_of(provider.as_deref(), fields.event_type.as_deref(), room);
        let event = event_of(LONGEST);
        let word = verdict.map(|verdict| {
            let word = |age| self.word(verdict.reason, verdict.signature, age) + tracked(verdict.caveat);
            (word(verdict.timestamp_age_ms), word(None))
        });
        let (aged, word) = word.unwrap_or_default();
        let duplicate = fields.duplicate_of.map(|first| {
            let text = format!("duplicate of #{first}");
            self.paint.colour(&text, Color::Yellow)
        });
        let (outcome, from) = self.outcome(fields);
        let target = format!("{} {}", short(&fields.method), short(&fields.target));
        let with_event = |size: bool, from_too: bool, age: bool, target: &str, event: &str| {
            let mut parts = vec![
                self.paint.dim(&self.time_of_day(fields.received_at)),
                self.paint.bold(&format!("#{}", fields.id)),
            ];
            parts.push(target.to_owned());
            parts.push(event.to_owned());
            if size {
                parts.push(self.paint.dim(&size_text(fields.size)));
            }
            parts.push(if age { aged.clone() } else { word.clone() });
            parts.extend(duplicate.clone());
            parts.push(format!("{outcome}{}", if from_too { from.as_str() } else { "" }));
            parts.retain(|part| !part.is_empty());
            parts.join("  ")
        };
        let with = |size, from, age, target: &str| with_event(size, from, age, target, &event);
        let width = self.width.unwrap_or(usize::MAX);
        let tries = [
            (true, true, true),
            (false, true, true),
            (false, false, true),
            (false, false, false),
        ];
        let mut lines = tries.iter().map(|(size, from, age)| with(*size, *from, *age, &target));
        let fits = lines.find(|line| shown_width(line) <= width);
        let mut text = fits.unwrap_or_else(|| {
            let bare = with(false, false, false, "");
            let left = width.saturating_sub(shown_width(&bare) + 2);
            match left >= SHORTEST_TARGET || event.is_empty() {
                true => with(false, false, false, &table::middle(&target, left.max(SHORTEST_TARGET))),
                false => {
                    let over = shown_width(&bare).saturating_sub(width);
                    let type_width = fields.event_type.as_deref().map_or(0, |event| short(event).width());
                    let room = type_width.saturating_sub(over).max(SHORTEST_TYPE);
                    with_event(false, false, false, "", &event_of(room))
                }
            }
        }) + "\n";
        if let Some(failure) = fields.forward.as_ref().and_then(|forward| forward.error.as_deref()) {
            text.push_str(&format!("          {}\n", line(failure)));
        }
        let bad = fields
            .verdict
            .as_ref()
            .is_some_and(|verdict| is_bad(verdict.reason, verdict.signature));
        if bad && !self.layout.explained {
            text.push_str(&self.paint.dim("          why? "));
            text.push_str(&format!("ckwh verify {}\n", fields.id));
        }
        text
    }

    /// A provider and its event's type, which has `room` columns.
    fn event_of(&self, provider: Option<&str>, event_type: Option<&str>, room: usize) -> String {
        match (provider, event_type) {
            (Some(provider), Some(event)) => {
                format!("{provider} {}", self.paint.bold(&table::middle(&short(event), room)))
            }
            (Some(provider), None) => provider.to_owned(),
            _ => String::new(),
        }
    }

    /// The verdict in a word or two, with the age where it matters.
    fn word(&self, reason: Reason, signature: SignatureState, age: Option<i64>) -> String {
        let age = age.map_or_else(String::new, |age| format!(", {}", age_text(age)));
        match reason {
            Reason::Valid => format!("{}{}", self.paint.colour("✓ valid", Color::Green), self.paint.dim(&age)),
            Reason::Authenticated => self.paint.colour("✓ authenticated, bytes not covered", Color::Yellow),
            Reason::SignsNothing => self.paint.dim("signs nothing"),
            Reason::Stale | Reason::Future => self.paint.colour(&format!("✗ {}{age}", reason), Color::Yellow),
            Reason::MissingHeader if signature == SignatureState::Absent => self.paint.dim("unsigned"),
            Reason::NoSecret => self.paint.dim("not verified: no secret"),
            Reason::Unrecognised => self.paint.dim("unknown sender"),
            Reason::NoBody => self.paint.dim("body not held"),
            _ => self.paint.colour(&format!("✗ {}", reason), Color::Red),
        }
    }

    /// What it was answered, and by whom.
    fn outcome(&self, fields: &CaptureFields) -> (String, String) {
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
            return (format!("→ {status}"), String::new());
        };
        let took = forward
            .duration_ms
            .map_or_else(String::new, |took| format!(" in {}", milliseconds(took)));
        let place = without_scheme(&forward.target);
        // A path that is the request's own stands in the line already.
        let place = place.strip_suffix(fields.target.as_str()).unwrap_or(place);
        let from = self.paint.dim(&format!(" from {}{took}", short(place)));
        (format!("→ {status}"), from)
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
                Some(_) => format!("{}, {}", self.moment(fields.received_at), size_text(fields.size)),
                None => format!(
                    "{} from {}, {}",
                    self.moment(fields.received_at),
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
            None => {
                let (outcome, from) = self.outcome(fields);
                text.push_str(&format!("{outcome}{from}\n"));
            }
        }
        for replay in &fields.replays {
            text.push_str(&format!("  {}\n", delivery_text("replayed", replay)));
        }
        text.push('\n');
        text + &self.sides(item)
    }

    pub(super) fn entry(&self, item: &Summary) -> String {
        let [ids, events, providers] = self.layout.columns;
        let behind = self.layout.behind;
        let word = match (item.reason, item.signature) {
            (Some(Reason::NoSecret), _) => self.paint.dim("no secret"),
            (Some(Reason::Unrecognised), _) => self.paint.dim("unknown"),
            (Some(reason), Some(signature)) => self.word(reason, signature, None) + tracked(item.caveat),
            _ => self.paint.dim("not judged"),
        };
        let word = format!("{word}{}", " ".repeat(VERDICT.saturating_sub(shown_width(&word))));
        let whose = match item.caveat {
            Some(Caveat::ProjectProvider) => format!(" {STRANGERS}"),
            _ => String::new(),
        };
        let mut ends = vec![word + &whose];
        if let Some(first) = item.duplicate_of {
            ends.push(format!("duplicate of {first}"));
        }
        match item.response_status {
            Some(status) => ends.push(format!("→ {status}")),
            None if item.delivered.is_some() => ends.push("→ unknown".to_owned()),
            None => {}
        }
        ends.extend(undelivered(item).map(|text| self.paint.colour(text, Color::Red)));
        let ends = ends.join("  ");
        let time = self.short_time(item.received_at);
        let id = format!("{:>ids$}", item.id);
        // The provider and the verdict are always seen; the type takes what is left, and then the target.
        let provider = line(item.provider.as_deref().unwrap_or("-"));
        let providers = providers.min(20);
        let taken = id.width() + time.width() + providers + VERDICT + ANSWER + 10 + behind;
        let room = self.width.map_or(LONGEST, |width| width.saturating_sub(taken).max(12));
        let events = events.min(room).min(LONGEST);
        let event = line(item.event_type.as_deref().unwrap_or("-"));
        let mut text = format!(
            "{}  {}  {}  {}  {ends}",
            self.paint.bold(&id),
            self.paint.dim(&time),
            table::padded(&table::middle(&provider, providers), providers),
            table::padded(&table::middle(&event, events), events),
        );
        let target = format!(
            "{} {}  {}",
            line(&item.method),
            line(&item.target),
            size_text(item.size)
        );
        let left = self
            .width
            .map_or(LONGEST, |width| width.saturating_sub(shown_width(&text) + 2));
        if left >= SHORTEST_REQUEST {
            text.push_str(&self.paint.dim(&format!("  {}", table::middle(&target, left))));
        }
        text + "\n"
    }

    pub(super) fn refused(&self, item: &RefusedItem) -> String {
        let status = item.status.map_or_else(|| "closed".into(), |status| status.to_string());
        format!(
            "{}  {} {}: {}\n",
            self.paint.dim(&self.time_of_day(Timestamp::now())),
            self.paint.colour(&format!("✗ not kept, {status},"), Color::Red),
            line(&item.peer),
            line(&item.problem)
        )
    }

    pub(super) fn store(&self, item: &StoreItem) -> String {
        format!(
            "{}  {} {}\n",
            self.paint.dim(&self.time_of_day(Timestamp::now())),
            self.paint.colour("!", Color::Yellow),
            line(&item.detail)
        )
    }

    pub(super) fn store_status(&self, item: &StoreStatusItem) -> String {
        let store = self.paint.bold(&line(&item.store));
        let version = item.version.unwrap_or_default();
        let mut text = match item.state {
            StoreState::Ready => {
                let newest = item
                    .last
                    .map(|last| format!(", the newest #{last}"))
                    .unwrap_or_default();
                let captures = match item.captures.unwrap_or_default() {
                    1 => "1 capture".to_owned(),
                    count => format!("{count} captures"),
                };
                self.folded(&format!("{store} holds {captures}{newest} (version {version})"), 0) + "\n"
            }
            StoreState::Old => {
                format!("{store} is of an earlier ckwh (version {version}); `ckwh store migrate` brings it up\n")
            }
            StoreState::New => format!("{store} is of a later ckwh (version {version}); update ckwh\n"),
            StoreState::Empty => format!("{store}: there is no store yet; `ckwh store init` makes it\n"),
            StoreState::Other => format!("{store} belongs to something else\n"),
        };
        for note in &item.notes {
            text += &format!("{} {}\n", self.paint.colour("!", Color::Yellow), line(note));
        }
        text
    }

    pub(super) fn store_copy(&self, item: &StoreCopyItem) -> String {
        format!(
            "{} captures of {} are in {}: {} copied now, {} there before; both give sha256 {}\n",
            self.paint.bold(&item.captures.to_string()),
            line(&item.from),
            line(&item.to),
            item.copied,
            item.there,
            item.digest
        )
    }

    pub(super) fn listen_summary(&self, item: &ListenSummaryItem) -> String {
        let mut parts = vec![format!("{} caught", self.paint.bold(&item.captures.to_string()))];
        for (count, what) in [
            (item.valid, "valid"),
            (item.authenticated, "authenticated"),
            (item.invalid, "invalid"),
            (item.unverified, "not verified"),
            (
                item.duplicates,
                if item.duplicates == 1 {
                    "duplicate"
                } else {
                    "duplicates"
                },
            ),
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

impl Human {
    fn time_of_day(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone()).strftime("%H:%M:%S").to_string()
    }

    /// A day and a time of day, in the same width whenever it was.
    pub(super) fn short_time(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone());
        let is_this_year = at.year() == Timestamp::now().to_zoned(self.zone()).year();
        let format = if is_this_year {
            "%m-%d %H:%M:%S"
        } else {
            "%y-%m-%d %H:%M"
        };
        at.strftime(format).to_string()
    }

    /// A moment with the offset of its clock.
    fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
    }
}

/// How many columns a text takes, without what colours it.
fn shown_width(text: &str) -> usize {
    let mut width = 0;
    let mut is_colour = false;
    for char in text.chars() {
        match char {
            '\u{1b}' => is_colour = true,
            'm' if is_colour => is_colour = false,
            _ if is_colour => {}
            _ => width += char.width().unwrap_or(0),
        }
    }
    width
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
        Reason::Valid
        | Reason::Authenticated
        | Reason::SignsNothing
        | Reason::NoSecret
        | Reason::Unrecognised
        | Reason::NoBody => false,
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

pub fn size_text(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
