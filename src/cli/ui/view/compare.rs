//! How two captures differ.

use maud::{Markup, html};

use crate::cli::report::{DifferenceItem, line};

fn value(value: Option<&str>) -> Markup {
    html! { @match value { Some(text) => code { (line(text)) }, None => span class="dim" { "nothing" } } }
}

/// The form that asks for two.
pub fn form(a: &str, b: &str) -> Markup {
    html! {
        form class="comparing" data-go="/compare" {
            label { span { "Capture" } input name="a" value=(a) required inputmode="numeric" autocomplete="off"; }
            label { span { "with" } input name="b" value=(b) required inputmode="numeric" autocomplete="off"; }
            button { "Compare" }
        }
    }
}

pub fn difference(item: &DifferenceItem) -> Markup {
    let [a, b] = [item.a, item.b].map(|id| html! { a href={ "/captures/" (id) } { "#" (id) } });
    html! {
        section class="pane" {
            h1 { "Compare" }
            (form(&item.a.to_string(), &item.b.to_string()))
            @if item.equal { p class="right" { "✓ " (a) " and " (b) " are equal: head and body." } }
            @else {
                @if !item.head.is_empty() {
                    h2 { "Head" }
                    (table(&a, &b, item.head.iter().map(|(what, a, b)| (what.clone(), a.clone(), b.clone()))))
                } @else { p { "Their heads are equal." } }
                @if item.body_equal { p { "Their bodies are equal, byte for byte." } }
                @else {
                    h2 { "Body" }
                    @if let Some(at) = item.first_difference { p { "The first byte that differs is number " b { (at) } "." } }
                    @match &item.json {
                        Some(changes) if changes.is_empty() => p { "They say the same, written in another way." },
                        Some(changes) => {
                            (table(&a, &b, changes.iter().map(|(pointer, a, b)| {
                                let text = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
                                (pointer.clone(), text(a), text(b))
                            })))
                        }
                        None => {}
                    }
                    @if !item.lines.is_empty() {
                        pre class="text difference" tabindex="0" {
                            @for (mark, text) in &item.lines {
                                @match mark {
                                    '-' => del { "- " (line(text)) "\n" },
                                    '+' => ins { "+ " (line(text)) "\n" },
                                    _ => span { "  " (line(text)) "\n" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table(a: &Markup, b: &Markup, rows: impl Iterator<Item = (String, Option<String>, Option<String>)>) -> Markup {
    html! {
        div class="scrolled" tabindex="0" role="group" aria-label="Differences" {
            table class="compared" {
                thead { tr { th { "where" } th { (a) } th { (b) } } }
                tbody { @for (what, one, other) in rows {
                    tr { th scope="row" { code { (line(&what)) } } td { (value(one.as_deref())) } td { (value(other.as_deref())) } }
                } }
            }
        }
    }
}
