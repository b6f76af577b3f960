//! What was sent, replayed and checked, and how far it is.

use std::sync::Arc;

use maud::{Markup, html};

use super::item::{self, counts, latencies};
use super::{moment, status};
use crate::cli::exit::Status;
use crate::cli::report::{ChangesItem, RunItem, RunRequestItem, line, milliseconds};
use crate::cli::ui::job::{Job, State};
use crate::cli::ui::work::lock;

fn sign(state: &State) -> Markup {
    let (class, sign, word) = match &state.ended {
        None => ("open", "…", "goes on"),
        Some(Ok(Status::Yes)) => ("right", "✓", "done"),
        Some(Ok(Status::Interrupted)) => ("warn", "!", "stopped"),
        Some(Ok(_)) => ("wrong", "✗", "not as expected"),
        Some(Err(_)) => ("wrong", "✗", "could not be done"),
    };
    html! { span class={ "badge " (class) } { span aria-hidden="true" { (sign) } " " (word) } }
}

fn how(run: &RunItem) -> Markup {
    let (class, sign, word) = match (run.finished, run.failed) {
        (true, 0) if run.left() == 0 => ("right", "✓", "done"),
        (false, _) if run.left() > 0 || run.planned.is_none() => ("warn", "!", "not finished"),
        _ => ("wrong", "✗", "not as expected"),
    };
    html! { span class={ "badge " (class) } { span aria-hidden="true" { (sign) } " " (word) } }
}

/// A row of the replays that the store knows.
pub fn kept(run: &RunItem) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "/runs/" (run.id) } { "replay " (run.id) } }
            td class="where" { code { (line(&run.url)) } }
            td { (moment(run.started_at)) }
            td class="how" { (how(run)) }
            (numbers("delivered", run.ok, run.failed, run.blocked + run.left()))
        }
    }
}

/// The figures of a row, each with its name: on a narrow screen no heading stands above them.
fn numbers(name: &str, done: u64, failed: u64, left: u64) -> Markup {
    html! {
        td class="number" data-of=(name) { (done) }
        td class=(if failed > 0 { "number wrong" } else { "number dim" }) data-of="failed" { (failed) }
        td class=(if left > 0 { "number warn" } else { "number dim" }) data-of="not sent" { (left) }
    }
}

fn table(name: &str, done: &str, rows: &Markup) -> Markup {
    html! {
        div class="scrolled" tabindex="0" role="group" aria-label=(name) {
            table class="runs" {
                thead { tr { th { "what" } th { "where to" } th { "begun" } th { "how it is" } th class="number" { (done) } th class="number" { "failed" } th class="number" { "not sent" } } }
                tbody { (rows) }
            }
        }
    }
}

/// What was begun on this page, and the replays of the store.
pub fn list(jobs: &[Arc<Job>], kept: &[Markup]) -> Markup {
    html! {
        section class="pane" {
            h1 { "Runs" }
            @if jobs.is_empty() && kept.is_empty() {
                p { "Nothing was sent, replayed or checked from this page yet, and the store knows no replay." }
                p { a class="button main" href="/send" { "Send an event" } " " a class="button" href="/check" { "Check a handler" } }
            }
            @if !jobs.is_empty() {
                h2 { "Begun on this page" }
                (table("Begun on this page", "done", &html! { @for job in jobs { (row(job)) } }))
            }
            @if !kept.is_empty() {
                h2 { "Replays in the store" }
                (table("Replays in the store", "delivered", &html! { @for run in kept { (run) } }))
            }
        }
    }
}

fn row(job: &Job) -> Markup {
    let state = lock(&job.state);
    html! {
        tr {
            th scope="row" { a href={ "/jobs/" (job.id) } { (line(&job.title)) } }
            td class="where" { code { (line(&job.target)) } }
            td { (moment(job.begun)) }
            td class="how" { (sign(&state)) }
            (numbers("done", state.done, state.failed, state.skipped))
        }
    }
}

/// A replay of the store: its figures, what failed, and what changed; `goes_on` where something is being delivered now.
pub fn run(run: &RunItem, goes_on: bool) -> Markup {
    html! {
        section class="pane" {
            p class="back" { a href="/runs" { "← All runs" } }
            div class="titled" { h1 { "Replay " (run.id) } (how(run)) }
            p class="meta" { "to " code { (line(&run.url)) } " " (moment(run.started_at)) }
            @if !run.finished && !goes_on {
                form class="card job" data-job="resume" {
                    input type="hidden" name="run" value=(run.id);
                    p {
                        @if run.left() > 0 { "Not every request had its turn: it was cut off, or another process delivers it now." }
                        @else { "It was cut off, or not every request got an answer." }
                    }
                    div class="buttons" { span class="problem wrong" role="alert" {} button class="main" { "Deliver what was not answered" } }
                }
            }
            section class="card" aria-label="Sum" {
                h2 {
                    (run.ok) " delivered, " span class=(if run.failed > 0 { "wrong" } else { "" }) { (run.failed) " failed" }
                    @if run.blocked > 0 { ", " span class="warn" { (run.blocked) " blocked" } }
                    @if run.left() > 0 { ", " span class="warn" { (run.left()) " not sent" } }
                }
                (counts(&run.statuses, &run.failures))
                @if let Some(changes) = &run.changes { (self::changes(*changes)) }
                @if run.deliveries > 1 { (latencies(&run.latencies)) }
            }
            @if let Some(requests) = &run.requests { (self::requests(requests, run.left_off.unwrap_or(0))) }
        }
    }
}

fn changes(changes: ChangesItem) -> Markup {
    html! {
        @if changes.counted().next().is_some() {
            p class="counts" {
                "Since the time before: "
                @for (count, change) in changes.counted() { span { (count) " " (item::change(Some(change))) } }
            }
        }
    }
}

fn requests(requests: &[RunRequestItem], left_off: u64) -> Markup {
    html! {
        @if !requests.is_empty() {
            section aria-labelledby="told" {
                h2 id="told" { "What failed, and what changed" }
                div class="scrolled" tabindex="0" role="group" aria-label="What failed, and what changed" {
                    table class="runs" {
                        thead { tr { th { "request" } th { "where to" } th { "answer" } th class="number" { "took" } th { "since the time before" } } }
                        tbody { @for request in requests { (self::request(request)) } }
                    }
                }
                @if left_off > 0 { p class="dim" { (left_off) " more are not shown here." } }
            }
        }
    }
}

fn request(request: &RunRequestItem) -> Markup {
    html! {
        tr {
            th scope="row" {
                @if let Some(record) = request.origin.record { "request " (record) " " }
                (item::origin(request.origin))
                @if let Some(event) = &request.event_type { (line(event)) }
            }
            td class="where" { code { (line(&request.url)) } }
            td class="outcome" {
                (status(request.status))
                @if let Some(error) = &request.error { " " span class="wrong" { (line(error)) } }
                @if request.attempts > 1 { span class="dim" { " " (request.attempts) " attempts" } }
            }
            td class="number" { (milliseconds(request.duration_ms)) }
            td { (item::change(request.change)) }
        }
    }
}

pub fn job(job: &Job) -> Markup {
    let state = lock(&job.state);
    let is_check = state.shown.iter().any(|(_, value)| value["type"] == "case");
    html! {
        section class="pane" id="job" data-job={ (job.id) } data-ended=[state.ended.as_ref().map(|_| "")] {
            p class="back" { a href="/runs" { "← All runs" } }
            div class="titled" { h1 { (line(&job.title)) } (sign(&state)) }
            p class="meta" { "to " code { (line(&job.target)) } " " (moment(job.begun)) }
            @match &state.ended {
                None => div class="going" {
                    @match state.all {
                        Some(all) => progress max=(all) value=(state.done) aria-label="Done" {},
                        None => progress aria-label="Goes on" {},
                    }
                    span role="status" { (state.done) @if let Some(all) = state.all { " of " (all) } @if state.failed > 0 { ", " span class="wrong" { (state.failed) " failed" } } }
                    button type="button" data-stop=(job.id) { "Stop" }
                },
                Some(Err(problem)) => p class="wrong" role="alert" { "✗ " (line(problem)) },
                Some(Ok(_)) => {}
            }
            @if let Some((summary, _)) = &state.summary { (summary) }
            (super::notes(&state.notes))
            @if is_check {
                div class="scrolled" tabindex="0" role="group" aria-label="Cases" {
                    table class="cases" { thead { tr { th { "case" } th { "outcome" } th { "what was seen" } } } tbody { @for (shown, _) in &state.shown { (shown) } } }
                }
            } @else if !state.shown.is_empty() {
                div class="results" { @for (shown, _) in &state.shown { (shown) } }
            }
            @if state.left_off > 0 { p class="dim" { (state.left_off) " more are not shown here." } }
        }
    }
}
