//! The forms: an event to send, captures to replay, a handler to check.

use ckwh::check::Family;
use clap::ValueEnum as _;
use maud::{Markup, html};
use serde_json::Value;

use crate::cli::args::Fault;
use crate::cli::report::line;
use crate::cli::ui::Inspector;
use crate::cli::ui::work::EventRow;

/// How many fields a form has, at most.
const MOST: usize = 200;
/// A longer text is not a field, in bytes.
const LONGEST: usize = 2000;

/// Where it goes.
fn target(ui: &Inspector, typed: Option<&str>) -> Markup {
    let given = ui.given.target.as_deref().unwrap_or_default();
    let masked = ui.credentials.mask_url(given);
    // A credential in it is not shown: it counts where nothing is typed.
    let is_masked = typed.is_none() && *masked != *given;
    let value = if is_masked { "" } else { typed.unwrap_or(given) };
    let example = if is_masked { &*masked } else { "localhost:3000/webhook" };
    html! {
        label class="wide" { span { "Where to" }
            input name="to" required[!is_masked] value=(value) placeholder=(example) autocomplete="off" spellcheck="false" data-kept=[(!is_masked).then_some("to")];
        }
    }
}

fn buttons(text: &str) -> Markup {
    html! { div class="buttons" { span class="problem wrong" role="alert" {} button class="main" { (text) } } }
}

/// The fields of a body that can be changed, each with its path as `--set` takes it.
pub fn fields(body: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(String::new(), body, &mut found);
    found
}

fn walk(path: String, value: &Value, found: &mut Vec<(String, String)>) {
    if found.len() > MOST {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let mut name = String::new();
                for char in key.chars() {
                    if matches!(char, '.' | '\\' | '[' | '=' | ':') {
                        name.push('\\');
                    }
                    name.push(char);
                }
                let dot = if path.is_empty() { "" } else { "." };
                walk(format!("{path}{dot}{name}"), value, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                walk(format!("{path}[{index}]"), value, found);
            }
        }
        Value::String(text) if text.len() <= LONGEST && !text.contains('\n') => found.push((path, text.clone())),
        Value::Number(_) | Value::Bool(_) => found.push((path, value.to_string())),
        Value::String(_) | Value::Null => {}
    }
}

/// Fields to change, and a box for what is no field.
fn edits(body: Option<&Value>) -> Markup {
    let fields = body.map(fields).unwrap_or_default();
    html! {
        fieldset class="fields" {
            legend { "Fields" }
            @if fields.is_empty() { p class="dim" { "Its body is no JSON with fields to change." } }
            @for (path, value) in fields.iter().take(MOST) {
                label { span { code { (line(path)) } } input data-path=(path) value=(value) autocomplete="off" spellcheck="false"; }
            }
            @if fields.len() > MOST { p class="dim" { "There are more; the box below changes any." } }
            label class="wide" { span { "More changes, one a line: " code { "path=value" } ", " code { "path:=JSON" } ", or " code { "-path" } " to take a field away" }
                textarea name="more" rows="2" spellcheck="false" autocomplete="off" {}
            }
        }
    }
}

fn pace() -> Markup {
    html! {
        label { span { "At a time" } input name="concurrency" inputmode="numeric" placeholder="1" autocomplete="off"; }
        label { span { "Rate" } input name="rate" placeholder="50/s" autocomplete="off"; }
    }
}

pub fn send(events: &[EventRow], to: Option<&str>) -> Markup {
    let of = |row: &EventRow| {
        let to = to.map(|to| {
            format!(
                "&to={}",
                form_urlencoded::byte_serialize(to.as_bytes()).collect::<String>()
            )
        });
        format!(
            "/send?provider={}&event={}{}",
            row.provider,
            row.event_type,
            to.unwrap_or_default()
        )
    };
    html! {
        section class="pane" {
            h1 { "Send an event" }
            p class="dim" { "A correctly signed event, as its provider sends it. Choose one; its fields can be changed before it goes." }
            input type="search" id="narrow" data-narrows="events" placeholder="Search events" aria-label="Search events" autocomplete="off" spellcheck="false";
            div class="events" id="events" {
                @for rows in events.chunk_by(|one, other| one.provider == other.provider) {
                    section aria-label=(rows[0].provider) {
                        h2 { (line(&rows[0].provider)) }
                        ul class="plain" { @for row in rows {
                            li data-words={ (row.provider) " " (row.event_type) } { a href=(of(row)) {
                                (line(&row.event_type))
                                @if let Some(text) = &row.description { span class="dim" { (line(text)) } }
                            } }
                        } }
                    }
                }
            }
        }
    }
}

/// The event that is sent.
pub struct Chosen<'a> {
    pub provider: &'a str,
    pub event: &'a str,
    pub body: Option<Value>,
    pub to: Option<&'a str>,
}

pub fn event(ui: &Inspector, chosen: &Chosen<'_>) -> Markup {
    html! {
        section class="pane" {
            p class="back" { a href="/send" { "← All events" } }
            h1 { (line(chosen.event)) " " span class="tag" { (line(chosen.provider)) } }
            form class="job" data-job="send" {
                input type="hidden" name="provider" value=(chosen.provider);
                input type="hidden" name="event" value=(chosen.event);
                (target(ui, chosen.to))
                (edits(chosen.body.as_ref()))
                fieldset class="options" {
                    legend { "How" }
                    label { span { "How many" } input name="count" inputmode="numeric" placeholder="1" autocomplete="off"; }
                    (pace())
                    label { span { "With a fault" }
                        select name="break" {
                            option value="" { "none: it is right" }
                            @for fault in Fault::value_variants() {
                                @if let Some(value) = fault.to_possible_value() {
                                    option value=(value.get_name()) { (value.get_name()) @if let Some(help) = value.get_help() { ": " (help.to_string()) } }
                                }
                            }
                        }
                    }
                }
                (buttons("Sign and send"))
            }
        }
    }
}

pub fn replay(ui: &Inspector, captures: &str, body: Option<&Value>, to: Option<&str>) -> Markup {
    html! {
        section class="pane" {
            h1 { "Replay" }
            p class="dim" { "Captured requests, delivered again: signed anew where the secret is at hand, each to its own path unless the target has one. Every replay is a run that can go on where it stopped." }
            form class="job" data-job="replay" {
                label class="wide" { span { "Captures" }
                    input name="captures" required value=(captures) placeholder="12, 3..7 or last" autocomplete="off" spellcheck="false";
                }
                (target(ui, to))
                fieldset class="options" {
                    legend { "How" }
                    label class="tick" { input type="checkbox" name="keep_signature"; span { "as it was: with the captured signature" } }
                    label class="tick" { input type="checkbox" name="fresh_id"; span { "with a new id, so that it is not taken for a repeat" } }
                    label { span { "How often" } input name="times" inputmode="numeric" placeholder="1" autocomplete="off"; }
                    (pace())
                }
                @if let Some(body) = body { details class="editing" { summary { "Edit it first" } (edits(Some(body))) } }
                (buttons("Replay"))
            }
        }
    }
}

pub fn check(ui: &Inspector, providers: &[String], provider: Option<&str>, to: Option<&str>) -> Markup {
    html! {
        section class="pane" {
            h1 { "Check a handler" }
            p class="dim" { "Some fifty cases: what is right must be accepted, what is wrong refused, what comes twice must have its effect once. The right ones are processed as real deliveries." }
            form class="job" data-job="check" {
                label class="wide" { span { "Provider" }
                    select name="provider" required {
                        @for name in providers { option value=(name) selected[Some(name.as_str()) == provider] { (name) } }
                    }
                }
                (target(ui, to))
                fieldset class="options" {
                    legend { "Which" }
                    label { span { "Kind of rule" }
                        select name="only" {
                            option value="" { "all" }
                            @for family in Family::ALL { option value=(family.name()) { (family.name()) } }
                        }
                    }
                    label { span { "Dialect" } input name="dialect" placeholder="its usual one" autocomplete="off" spellcheck="false"; }
                    label { span { "An address that shows its effects" } input name="observe_url" placeholder="localhost:3000/events" autocomplete="off" spellcheck="false"; }
                }
                (buttons("Check"))
            }
        }
    }
}
