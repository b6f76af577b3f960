//! Results of commands, as they come.

use std::collections::BTreeMap;
use std::fmt::Display;

use ckwh::check::Outcome;
use ckwh::delivery::run::RequestOrigin;
use maud::{Markup, html};

use super::status;
use crate::cli::report::{
    CaseItem, CheckSummaryItem, DeliveryItem, FindingItem, Item, LatenciesItem, SkippedItem, SummaryItem,
    VerdictChange, line, milliseconds, shown,
};

/// How much of an answer's body is shown, in bytes.
const ANSWER: usize = 8 * 1024;
/// How wide the longest bar is.
const BAR: u64 = 300;

pub fn shown_item(item: &Item) -> Markup {
    match item {
        Item::Delivery(item) => delivery(item),
        Item::Skipped(item) => skipped(item),
        Item::Summary(item) => summary(item),
        Item::Case(item) => case(item),
        Item::CheckSummary(item) => check_summary(item),
        _ => Markup::default(),
    }
}

pub fn origin(origin: RequestOrigin) -> Markup {
    html! {
        @if let Some(id) = origin.capture { a href={ "/captures/" (id) } { "#" (id) } " " }
        @if let Some(turn) = origin.turn { span class="dim" { "turn " (turn) } " " }
    }
}

/// How a delivery differs from the last one of its kind.
pub fn change(change: Option<VerdictChange>) -> Markup {
    let class = match change {
        Some(VerdictChange::Fixed) => "right",
        Some(VerdictChange::Regressed) => "wrong",
        _ => "warn",
    };
    html! { @if let Some(change) = change { span class={ "badge " (class) } { (change.word()) } " " } }
}

fn delivery(item: &DeliveryItem) -> Markup {
    let last = item.attempts.last();
    let answered = item.response.as_ref().map(|response| response.status);
    let head = html! {
        @if let Some(id) = item.origin.capture { "#" (id) " " }
        @if let Some(turn) = item.origin.turn { span class="dim" { "turn " (turn) } " " }
        b { (line(item.event_type.as_deref().unwrap_or("request"))) } " "
        (status(answered.or_else(|| last.and_then(|last| last.status)))) " "
        @if let Some(last) = last { span class="dim" { (milliseconds(last.duration_ms)) } " " }
        @if item.attempts.len() > 1 { span class="dim" { (item.attempts.len()) " attempts" } " " }
        (change(item.change))
        @for unmet in &item.unmet { span class="wrong" { (line(unmet)) } " " }
        @if let Some(error) = last.and_then(|last| last.error.as_ref()) { span class="wrong" { (line(error)) } }
    };
    html! {
        details class="result" open[item.response.is_some() && item.origin.turn.is_none() && !item.ok] {
            summary { span class={ "sign " (if item.ok { "right" } else { "wrong" }) } { (if item.ok { "✓" } else { "✗" }) } (head) }
            p class="start" {
                @if let Some(id) = item.origin.capture { "capture " a href={ "/captures/" (id) } { "#" (id) } ", " }
                "to " code { (line(&item.url)) }
            }
            @if let Some(response) = &item.response {
                dl class="pairs headers" {
                    @for (name, value) in response.headers.0.iter() { dt { (line(name)) } dd { (super::capture::readable(value)) } }
                }
                @match &response.body.body {
                    Some(text) if text.is_empty() => p class="dim" { "The body is empty." },
                    Some(text) => pre class="text" tabindex="0" { (shown(&text[..text.floor_char_boundary(ANSWER)])) },
                    None => p class="dim" { "The body is not text." },
                }
            }
        }
    }
}

fn skipped(item: &SkippedItem) -> Markup {
    html! { p class="result" { span class="sign warn" { "–" } (origin(item.origin)) "not sent: " (line(&item.reason)) } }
}

fn summary(item: &SummaryItem) -> Markup {
    html! {
        section class="card" aria-label="Sum" {
            h2 {
                (item.ok) " delivered, " span class=(if item.failed > 0 { "wrong" } else { "" }) { (item.failed) " failed" }
                @if item.skipped > 0 { ", " (item.skipped) " skipped" }
                @if let Some(count) = item.not_sent { @if count > 0 { ", " (count) " not sent" } }
                span class="dim" { " in " (milliseconds(item.duration_ms)) }
            }
            (counts(&item.statuses, &item.failures))
            @if item.deliveries > 1 { (latencies(&item.latencies)) }
            @if let Some(run) = item.run { p { "Kept as " a href={ "/runs/" (run) } { "replay " (run) } "." } }
            @if item.deliveries > item.slowest.len() as u64 && !item.slowest.is_empty() {
                h3 { "Slowest" }
                ul class="plain" { @for slow in &item.slowest { li { (milliseconds(slow.duration_ms)) " " (origin(slow.origin)) (line(slow.event_type.as_deref().unwrap_or(""))) } } }
            }
        }
    }
}

/// How often each status came, and each failure.
pub fn counts(statuses: &BTreeMap<u16, u64>, failures: &BTreeMap<impl Display, u64>) -> Markup {
    html! {
        p class="counts" {
            @for (code, count) in statuses { span { (count) " × " (status(Some(*code))) } " " }
            @for (cause, count) in failures { span class="wrong" { (count) " × " (line(&cause.to_string())) } " " }
        }
    }
}

/// Shares and a histogram, each row of which says its count too.
pub fn latencies(item: &LatenciesItem) -> Markup {
    let most = item.histogram.iter().map(|step| step.count).max().unwrap_or(1).max(1);
    html! {
        @if !item.histogram.is_empty() {
            dl class="figures" { @for (name, time) in item.named() { div { dt { (name) } dd { (milliseconds(time)) } } } }
            table class="histogram" {
                caption { "How long attempts took" }
                thead class="hidden" { tr { th { "up to" } th { "attempts" } th {} } }
                tbody {
                    @for step in &item.histogram {
                        tr {
                            th scope="row" { "≤ " (milliseconds(step.up_to_ms)) }
                            td class="stretch" { svg viewBox={ "0 0 " (BAR) " 10" } preserveAspectRatio="none" aria-hidden="true" { rect width=((step.count * BAR).div_ceil(most)) height="10" rx="2" {} } }
                            td { (step.count) }
                        }
                    }
                }
            }
        }
    }
}

fn outcome(outcome: Outcome) -> Markup {
    let (class, sign) = match outcome {
        Outcome::Pass => ("right", "✓"),
        Outcome::Fail => ("wrong", "✗"),
        Outcome::Warn => ("warn", "!"),
        _ => ("open", "○"),
    };
    html! { span class={ "badge " (class) } { span aria-hidden="true" { (sign) } " " (outcome.name()) } }
}

fn case(item: &CaseItem) -> Markup {
    html! {
        tr {
            th scope="row" { code { (item.family.name()) "/" (line(&item.name)) } }
            td { (outcome(item.outcome)) @if item.known { " " span class="dim" { "known" } } }
            td {
                (line(&item.reason))
                @if matches!(item.outcome, Outcome::Fail | Outcome::Warn) {
                    details { summary { "Why, and what to do" } p { (line(&item.why)) } pre class="text" tabindex="0" { (shown(&item.remedy)) } }
                }
            }
        }
    }
}

fn check_summary(item: &CheckSummaryItem) -> Markup {
    html! {
        section class="card" aria-label="Sum" {
            h2 {
                @if let Some(problem) = &item.problem { span class="wrong" { "✗ " } (line(problem)) }
                @else {
                    span class=(if item.ok { "right" } else { "wrong" }) { (if item.ok { "✓ " } else { "✗ " }) }
                    (item.pass) " kept, " (item.fail) " broken, " (item.warn) " warned"
                    span class="dim" { ", " (item.unseen) " not to be seen, " (item.skipped) " not tried, in " (item.requests) " requests" }
                }
            }
            @for (index, finding) in item.findings.iter().enumerate() { (self::finding(index, finding)) }
            @if !item.families.is_empty() {
                div class="scrolled" tabindex="0" role="group" aria-label="Cases by kind of rule" { table class="families" {
                    caption class="hidden" { "Cases by kind of rule" }
                    thead { tr { th { "rule" } th { "kept" } th { "broken" } th { "warned" } th { "not seen" } th { "not tried" } } }
                    tbody { @for (family, counts) in &item.families {
                        tr { th scope="row" { (family.name()) }
                            td { (counts.pass) }
                            td class=(if counts.fail > 0 { "wrong" } else { "dim" }) { (counts.fail) }
                            td class=(if counts.warn > 0 { "warn" } else { "dim" }) { (counts.warn) }
                            td class="dim" { (counts.unseen) } td class="dim" { (counts.skipped) } }
                    } }
                } }
            }
            @if !item.left_out.is_empty() {
                ul class="dim" { @for (reason, count) in &item.left_out { li { (count) " not judged: " (line(reason)) } } }
            }
        }
    }
}

fn finding(index: usize, item: &FindingItem) -> Markup {
    let (remedy, again) = (format!("finding-{index}"), format!("again-{index}"));
    html! {
        section class="cause" {
            h3 { (outcome(item.outcome)) " " (line(&item.says)) }
            dl class="pairs" {
                dt { "cases" } dd { (line(&item.cases.join(", "))) }
                dt { "sent" } dd { (line(&item.sent)) }
                dt { "came" } dd { (line(&item.answered)) }
                dt { "why" } dd { (line(&item.why)) }
            }
            div class="remedy" { pre id=(remedy) tabindex="0" { (shown(&item.remedy)) @if let Some(lines) = &item.lines { "\n\n" (shown(lines.trim())) } } (super::copy(&remedy, "what to do")) }
            p class="line" { span class="dim" { "again: " } code id=(again) { (line(&item.command)) } (super::copy(&again, "the command")) }
        }
    }
}
