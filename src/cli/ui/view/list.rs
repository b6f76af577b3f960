//! The list of captures.

use ckwh::store::Summary;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{badge, moment, status};
use crate::cli::report::{line, size_text};
use crate::cli::ui::Inspector;

/// How much of a text a row shows, in characters.
const LONGEST: usize = 120;

fn short(text: &str) -> String {
    let text = line(text);
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// One row. Every row is of one height, which the script reckons with.
pub fn row(ui: &Inspector, summary: &Summary) -> Markup {
    let target = ui.credentials.mask_url(&summary.target);
    html! {
        a class="row" href={ "/captures/" (summary.id) } data-id=(summary.id) {
            span class="what" {
                @match &summary.event_type {
                    Some(event) => { (short(event)) }
                    None => { (short(&summary.method)) " " (short(&target)) }
                }
            }
            span class="verdict" { (badge(summary.reason, summary.signature)) }
            span class="more" {
                span class="id" { "#" (summary.id) } " " (moment(summary.received_at)) " "
                @if let Some(provider) = &summary.provider { span { (short(provider)) } " " }
                @if summary.event_type.is_some() { span class="dim target" { (short(&summary.method)) " " (short(&target)) } " " }
                @if let Some(first) = summary.duplicate_of { span class="warn" { "again #" (first) } " " }
                span class="dim" { (size_text(summary.size)) }
            }
            span class="answer" {
                @if summary.delivered == Some(false) && summary.response_status.is_some_and(|status| status < 300) {
                    span class="wrong" { "replay failed " }
                }
                (status(summary.response_status))
            }
        }
    }
}

/// A row as the script takes it: its number, and its markup.
pub fn pair(ui: &Inspector, summary: &Summary) -> Value {
    json!([summary.id, row(ui, summary).into_string()])
}

/// The list, with the first rows, and what it needs to know of the others.
pub fn list(ui: &Inspector, first: &[Summary], ranges: &str, providers: &[String]) -> Markup {
    html! {
        section class="list" aria-label="Captures" {
            form class="filters" id="filters" role="search" aria-label="Filter captures" {
                input type="search" name="text" placeholder="Search  /" aria-label="Text in the event, path or body" autocomplete="off" spellcheck="false";
                div class="narrowed" {
                    select name="provider" aria-label="Provider" {
                        option value="" { "provider" }
                        @for provider in providers { option value=(provider) { (provider) } }
                    }
                    input name="event" placeholder="event" aria-label="Event type" autocomplete="off" spellcheck="false";
                    select name="verdict" aria-label="Verdict" {
                        option value="" { "verdict" }
                        option value="right" { "✓ right" }
                        option value="wrong" { "✗ wrong" }
                        option value="unverified" { "○ not verified" }
                    }
                    input name="status" placeholder="status" aria-label="Answered with, such as 200 or 5xx" autocomplete="off" spellcheck="false";
                }
            }
            div class="counted" { span id="count" role="status" {} button type="button" id="newer" class="quiet" hidden { } }
            div class="rows" id="rows" data-ranges=(ranges) tabindex="-1" {
                div class="sheet" role="list" {
                    @for summary in first { div role="listitem" class="slot" { (row(ui, summary)) } }
                }
            }
            (empty(ui, ranges.is_empty()))
        }
    }
}

/// What to do where there is nothing yet.
fn empty(ui: &Inspector, is_empty: bool) -> Markup {
    html! {
        div class="empty" id="empty" hidden[!is_empty] {
            h2 { "Nothing caught yet" }
            @match &ui.given.catching {
                Some(url) => {
                    p { "Point a webhook at this address; any path will do:" }
                    p class="line" { code id="empty-url" { (url) } (super::copy("empty-url", "the address")) }
                    p { "Or " a href={ "/send?to=" (url) } { "send an event there yourself" } "." }
                }
                None => {
                    p { "Catch requests, and they appear here as they come:" }
                    p class="line" { code id="empty-listen" { "ckwh listen" } (super::copy("empty-listen", "the command")) }
                    p { "In one: " code { "ckwh listen --ui" } ". Or " a href="/send" { "send an event to your handler" } "." }
                }
            }
        }
        div class="empty" id="none" hidden {
            h2 { "No capture matches" }
            p { button type="button" id="clear" { "Clear the filters" } }
        }
    }
}

/// What stands beside the list where no capture is chosen.
pub fn nothing_chosen() -> Markup {
    html! {
        section class="detail hint" id="detail" aria-label="Capture" tabindex="-1" {
            p class="dim" { "Choose a capture: " kbd { "j" } " and " kbd { "k" } " go through them, " kbd { "?" } " shows all keys." }
        }
    }
}
