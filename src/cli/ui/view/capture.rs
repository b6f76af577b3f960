//! One capture: why its verdict is what it is, what came, what was answered, and what became of it since.

use ckwh::capture::{BodyHeld, Capture, Delivered, DeliveryKind, Excerpt};
use ckwh::exchange::credentials::Credentials;
use ckwh::exchange::jsonl;
use ckwh::message::Headers;
use maud::{Markup, html};

use super::body::{self, WAYS};
use super::{badge, moment, status};
use crate::cli::report::{line, milliseconds, shown, size_text};
use crate::cli::ui::Inspector;

/// What a capture is copied as.
const FORMATS: [(&str, &str); 4] = [
    ("curl", "curl"),
    ("fetch", "fetch"),
    ("vitest", "test (Vitest)"),
    ("pytest", "test (pytest)"),
];
/// How much of an answer's body is shown beside its request, in bytes.
const ANSWER: usize = 16 * 1024;

pub fn detail(ui: &Inspector, capture: &Capture, way: Option<&str>, around: [Option<i64>; 2]) -> Markup {
    let recorded = &capture.recorded;
    let judgement = recorded.judgement.as_ref();
    let title = title(ui, capture);
    html! {
        article class="detail" id="detail" data-id=(capture.id) tabindex="-1" aria-labelledby="title" {
            header class="head" {
                div class="titled" {
                    h1 id="title" { (title) }
                    (badge(judgement.map(|judgement| judgement.reason), judgement.map(|judgement| judgement.signature)))
                }
                p class="meta" {
                    span class="id" { "#" (capture.id) } " "
                    @if let Some(at) = recorded.received_at { (moment(at)) " " }
                    @if let Some(judgement) = judgement { @if let Some(provider) = &judgement.provider {
                        span { (line(provider)) @if let Some(dialect) = &judgement.dialect { " (" (line(dialect)) ")" } } " "
                    } }
                    @if let Some(peer) = &recorded.peer { span class="dim" { "from " (line(peer)) } " " }
                    span class="dim" { (size_text(recorded.message.body.len() as u64)) } " "
                    @if let Some(first) = capture.duplicate_of { "the same event as " a href={ "/captures/" (first) } { "#" (first) } " " }
                    span { "answered " (status(recorded.answer)) }
                }
                div class="actions" {
                    a class="button main" href={ "/replay?captures=" (capture.id) } data-key="r" { "Replay" }
                    @let other = capture.duplicate_of.or(around[0]).or(around[1]);
                    @if let Some(other) = other {
                        a class="button" href={ "/compare?a=" (other) "&b=" (capture.id) } data-key="d" { "Compare" }
                    }
                    label class="copying" { span class="hidden" { "Copy as" }
                        select id="copy-as" data-capture=(capture.id) {
                            option value="" { "Copy as …" }
                            @for (format, name) in FORMATS { option value=(format) { (name) } }
                        }
                    }
                    span class="room" {}
                    @if let Some(before) = around[1] { a class="button quiet" rel="next" href={ "/captures/" (before) } aria-label="The capture before" { "↓" } }
                    @if let Some(after) = around[0] { a class="button quiet" rel="prev" href={ "/captures/" (after) } aria-label="The capture after" { "↑" } }
                }
            }
            section id="explanation" class="card explanation" aria-label="Explanation" data-load={ "/captures/" (capture.id) "/explanation" } {
                p class="dim" { "Looking for the reason …" }
            }
            div class="sides" {
                (request(ui, capture, way))
                (answer(ui, capture))
            }
            (deliveries(ui, capture))
        }
    }
}

/// What a capture is called.
pub fn title(ui: &Inspector, capture: &Capture) -> String {
    let recorded = &capture.recorded;
    let event = recorded
        .judgement
        .as_ref()
        .and_then(|judgement| judgement.event_type.as_deref());
    match event {
        Some(event) => line(event),
        None => line(&format!(
            "{} {}",
            recorded.message.method,
            ui.credentials.mask_url(recorded.target())
        )),
    }
}

/// A button that asks for one masked value.
fn reveal(capture: i64, place: &str, what: &str) -> Markup {
    html! { button type="button" class="quiet" data-reveal=(place) data-capture=(capture) aria-label={ "Show " (what) } { "Show" } }
}

fn request(ui: &Inspector, capture: &Capture, way: Option<&str>) -> Markup {
    let message = &capture.recorded.message;
    let target = message.url.as_deref().unwrap_or("/");
    let masked = ui.credentials.mask_url(target);
    let bytes = jsonl::shown_body(capture, Some(&ui.credentials));
    let is_masked = *bytes != message.body;
    let way = way.filter(|way| WAYS.iter().any(|(name, _)| name == way));
    let way = way.unwrap_or_else(|| body::first_way(&bytes));
    html! {
        section class="card" aria-labelledby="request-title" {
            h2 id="request-title" { "Request" }
            p class="start" {
                code { b { (line(&message.method)) } " " span class="value" { (line(&masked)) } }
                @if *masked != *target { " " (reveal(capture.id, "target", "the whole target")) }
            }
            (headers(&message.headers, &ui.credentials, capture.id, "header"))
            @match capture.recorded.body_held {
                BodyHeld::Exact => {}
                BodyHeld::Rewritten => { p class="warn" { "The body was written again on its way here, so a signature over its bytes can't be judged." } }
                _ => { p class="warn" { "The body that came is not held." } }
            }
            div class="ways" role="group" aria-label="Body" {
                h3 { "Body" }
                @for (name, title) in WAYS {
                    a class="way" href={ "/captures/" (capture.id) "?body=" (name) } data-way=(name) aria-current=[(name == way).then_some("true")] { (title) }
                }
                span class="room" {}
                @if is_masked { (reveal(capture.id, "body", "the body with its secret")) }
            }
            div class="body value" id="body" { (body::body(&bytes, message.headers.text("content-type"), way)) }
        }
    }
}

fn headers(headers: &Headers, credentials: &Credentials, capture: i64, place: &str) -> Markup {
    html! {
        dl class="pairs headers" {
            @for (index, (name, value)) in headers.iter().enumerate() {
                @let masked = credentials.mask_value(name, value);
                dt { (line(name)) }
                dd {
                    span class="value" { (readable(&masked)) }
                    @if *masked != *value { " " (reveal(capture, &format!("{place}:{index}"), name)) }
                }
            }
        }
    }
}

/// Bytes as one text: where they are not UTF-8, what is not ASCII is escaped.
pub fn readable(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => line(text),
        Err(_) => value.escape_ascii().to_string(),
    }
}

/// The delivery whose answer stands beside the request: the forward's, or the newest.
fn told(capture: &Capture) -> Option<(usize, &Delivered)> {
    let mut deliveries = capture.recorded.deliveries.iter().enumerate();
    let forward = deliveries
        .clone()
        .rfind(|(_, delivered)| delivered.kind == DeliveryKind::Forward);
    forward.or_else(|| deliveries.next_back())
}

fn answer(ui: &Inspector, capture: &Capture) -> Markup {
    html! {
        section class="card" aria-labelledby="answer-title" {
            h2 id="answer-title" { "Answer" }
            @match told(capture) {
                Some((index, delivered)) => (delivery(ui, capture.id, index, delivered)),
                None => {
                    p { "ckwh answered " (status(capture.recorded.answer)) " itself." }
                    p class="dim" { "With " code { "ckwh listen --forward 3000" } " your handler answers, and its answer stands here." }
                }
            }
        }
    }
}

fn delivery(ui: &Inspector, capture: i64, index: usize, delivered: &Delivered) -> Markup {
    let url = ui.credentials.mask_url(&delivered.target);
    let outcome = delivered.outcome.as_ref();
    html! {
        p class="start" {
            (status(outcome.and_then(|outcome| outcome.status)))
            " from " code { (line(&url)) }
            @if let Some(outcome) = outcome { span class="dim" { " in " (milliseconds(outcome.duration.as_secs_f64() * 1e3)) } }
        }
        @match outcome {
            None => p class="warn" { "What came of it is not known." },
            Some(outcome) => {
                @if let Some(failure) = &outcome.failure { p class="wrong" { (line(failure)) } }
                @match &outcome.answer {
                    Some(answer) => (excerpt(ui, capture, index, answer)),
                    None => @if outcome.failure.is_none() { p class="dim" { "Its head and body were not kept." } },
                }
            }
        }
    }
}

fn excerpt(ui: &Inspector, capture: i64, index: usize, answer: &Excerpt) -> Markup {
    let cut = &answer.body[..answer.body.len().min(ANSWER)];
    html! {
        (headers(&answer.headers, &ui.credentials, capture, &format!("answer:{index}")))
        h3 { "Body" }
        @if cut.is_empty() { p class="dim" { "The body is empty." } }
        @else { pre class="text" tabindex="0" { (shown(&String::from_utf8_lossy(cut))) } }
        @if answer.truncated || cut.len() < answer.body.len() { p class="dim" { "There was more of it." } }
    }
}

fn deliveries(ui: &Inspector, capture: &Capture) -> Markup {
    let deliveries = &capture.recorded.deliveries;
    if deliveries.is_empty() {
        return Markup::default();
    }
    html! {
        section class="card" aria-labelledby="deliveries-title" {
            h2 id="deliveries-title" { "Deliveries" }
            ol class="line-of-time" {
                @for (index, delivered) in deliveries.iter().enumerate() {
                    li {
                        (moment(delivered.at)) " "
                        b { @match delivered.kind { DeliveryKind::Forward => "forwarded", DeliveryKind::Replay => "replayed", _ => "sent" } }
                        @if told(capture).is_some_and(|(told, _)| told == index) { (one(ui, delivered)) }
                        @else { details { summary { (one(ui, delivered)) } (delivery(ui, capture.id, index, delivered)) } }
                    }
                }
            }
        }
    }
}

fn one(ui: &Inspector, delivered: &Delivered) -> Markup {
    let outcome = delivered.outcome.as_ref();
    html! {
        " to " code { (line(&ui.credentials.mask_url(&delivered.target))) } " "
        (status(outcome.and_then(|outcome| outcome.status)))
        @if let Some(outcome) = outcome {
            span class="dim" { " " (milliseconds(outcome.duration.as_secs_f64() * 1e3)) }
            @if let Some(failure) = &outcome.failure { " " span class="wrong" { (line(failure)) } }
        } @else { span class="warn" { "unknown" } }
    }
}
