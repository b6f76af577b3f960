//! What was sent, replayed and checked, and how far it is.

use std::sync::Arc;

use ckwh::store::Run;
use maud::{Markup, html};

use super::moment;
use crate::cli::exit::Status;
use crate::cli::report::line;
use crate::cli::ui::Inspector;
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

pub fn list(ui: &Inspector, jobs: &[Arc<Job>], cut_off: Option<&Run>) -> Markup {
    html! {
        section class="pane" {
            h1 { "Runs" }
            @if let Some(run) = cut_off {
                form class="card job" data-job="resume" {
                    input type="hidden" name="run" value=(run.id);
                    input type="hidden" name="to" value=(run.target);
                    p { "Replay " (run.id) " to " code { (line(&ui.credentials.mask_url(&run.target))) } ", begun " (moment(run.started_at)) ", did not end." }
                    div class="buttons" { span class="problem wrong" role="alert" {} button class="main" { "Deliver what was not answered" } }
                }
            }
            @if jobs.is_empty() {
                p { "Nothing was sent, replayed or checked from this page yet." }
                p { a class="button main" href="/send" { "Send an event" } " " a class="button" href="/check" { "Check a handler" } }
            } @else {
                div class="scrolled" tabindex="0" role="group" aria-label="Runs" {
                    table class="runs" {
                        thead { tr { th { "what" } th { "where to" } th { "begun" } th { "how it is" } th { "done" } th { "failed" } th { "not sent" } } }
                        tbody { @for job in jobs {
                            @let state = lock(&job.state);
                            tr {
                                th scope="row" { a href={ "/runs/" (job.id) } { (line(&job.title)) } }
                                td { code { (line(&job.target)) } }
                                td { (moment(job.begun)) }
                                td { (sign(&state)) }
                                td { (state.done) } td class=(if state.failed > 0 { "wrong" } else { "dim" }) { (state.failed) }
                                td class=(if state.skipped > 0 { "warn" } else { "dim" }) { (state.skipped) }
                            }
                        } }
                    }
                }
            }
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
            @if !state.notes.is_empty() { ul class="notes" { @for note in &state.notes { li { (line(note)) } } } }
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
