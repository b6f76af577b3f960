//! The page's parts as typed templates: whatever stands in them is text, and escaped.

pub mod body;
pub mod capture;
pub mod compare;
pub mod explanation;
pub mod forms;
pub mod item;
pub mod list;
pub mod page;
pub mod runs;
pub mod words;

use ckwh::verify::{Reason, SignatureState};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::work::Note;
use crate::cli::report::line;

/// A moment by this machine's clock, with the day where it is another than today.
pub fn moment(at: Timestamp) -> Markup {
    let zone = TimeZone::system();
    let local = at.to_zoned(zone.clone());
    let is_today = local.date() == Timestamp::now().to_zoned(zone).date();
    let text = match is_today {
        true => local.strftime("%H:%M:%S").to_string(),
        false => local.strftime("%-d %b %H:%M").to_string(),
    };
    html! { time datetime=(at) title=(local.strftime("%Y-%m-%d %H:%M:%S.%3f %Z")) { (text) } }
}

/// A verdict in a word, with a sign: nothing is told by colour alone.
pub fn badge(reason: Option<Reason>, signature: Option<SignatureState>) -> Markup {
    let (class, sign, word) = match reason {
        Some(Reason::Valid) => ("right", "✓", "valid"),
        Some(Reason::Authenticated) => ("right", "✓", "authenticated"),
        Some(Reason::MissingHeader) if signature == Some(SignatureState::Absent) => ("wrong", "✗", "unsigned"),
        Some(Reason::Stale) => ("warn", "✗", "stale"),
        Some(Reason::Future) => ("warn", "✗", "future"),
        Some(Reason::NoSecret) => ("open", "○", "no secret"),
        Some(Reason::Unrecognised) => ("open", "○", "unknown sender"),
        Some(Reason::SignsNothing) => ("open", "○", "signs nothing"),
        Some(Reason::NoBody) => ("open", "○", "body not held"),
        Some(Reason::MalformedHeader) => ("wrong", "✗", "malformed"),
        Some(Reason::MissingHeader) => ("wrong", "✗", "missing header"),
        Some(Reason::Mismatch) => ("wrong", "✗", "mismatch"),
        Some(_) => ("wrong", "✗", "not valid"),
        None => ("open", "○", "not judged"),
    };
    html! { span class={ "badge " (class) } { span aria-hidden="true" { (sign) } " " (word) } }
}

/// The status of an answer.
pub fn status(status: Option<u16>) -> Markup {
    let class = match status {
        Some(200..=299) => "right",
        Some(300..=399) => "warn",
        Some(_) => "wrong",
        None => "open",
    };
    html! { span class={ "status " (class) } { @if let Some(status) = status { (status) } @else { "–" } } }
}

/// What is worth knowing, each with what may be typed for it.
pub fn notes(notes: &[Note]) -> Markup {
    html! {
        @if !notes.is_empty() {
            ul class="notes" {
                @for (index, note) in notes.iter().enumerate() {
                    @let (text, field, command) = words::note(note);
                    @let id = format!("note-{index}");
                    li {
                        (line(&text))
                        @if let Some(field) = field { " " (field) }
                        @if let Some(command) = command { " " code id=(id) { (line(command)) } " " (copy(&id, "it")) }
                    }
                }
            }
        }
    }
}

/// A button that copies the text of the element with that id.
pub fn copy(of: &str, what: &str) -> Markup {
    html! { button type="button" class="quiet" data-copy=(of) aria-label={ "Copy " (what) } { "Copy" } }
}
