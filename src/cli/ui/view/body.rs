//! A body: as a folding tree, as text, and as bytes.

use maud::{Markup, html};
use serde_json::Value;

use crate::cli::report::{hex, line, shown, size_text};

/// How many values a tree has, at most.
const MOST: usize = 4000;
/// How much of a text or of bytes is shown, in bytes.
const LONGEST_TEXT: usize = 256 * 1024;
const LONGEST_BYTES: usize = 16 * 1024;
/// How much of one value is shown, in bytes.
const LONGEST_VALUE: usize = 2000;
/// What is folded from the beginning: deeper than this.
const OPEN: usize = 4;

/// The ways to look at a body.
pub const WAYS: [(&str, &str); 3] = [("tree", "Tree"), ("text", "Text"), ("bytes", "Bytes")];

/// Which way is first: a tree where it is JSON or a form.
pub fn first_way(body: &[u8]) -> &'static str {
    match serde_json::from_slice::<Value>(body) {
        Ok(_) => "tree",
        Err(_) if std::str::from_utf8(body).is_ok() => "text",
        Err(_) => "bytes",
    }
}

/// The body in one way.
pub fn body(bytes: &[u8], kind: Option<&str>, way: &str) -> Markup {
    if bytes.is_empty() {
        return html! { p class="dim" { "The body is empty." } };
    }
    match way {
        "bytes" => in_hex(bytes),
        "text" => text(bytes),
        _ => match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => {
                let mut left = MOST;
                html! { div class="tree" { (tree(None, &value, 0, &mut left)) @if left == 0 { p class="dim" { "The rest is not shown as a tree; the text has it." } } } }
            }
            Err(_) if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) => form(bytes),
            Err(_) => html! { p class="dim" { "It is no JSON, so there is no tree." } (text(bytes)) },
        },
    }
}

fn text(bytes: &[u8]) -> Markup {
    let cut = &bytes[..bytes.len().min(LONGEST_TEXT)];
    html! {
        pre class="text" tabindex="0" { (shown(&String::from_utf8_lossy(cut))) }
        @if cut.len() < bytes.len() { p class="dim" { "These are the first " (size_text(cut.len() as u64)) " of " (size_text(bytes.len() as u64)) "." } }
    }
}

fn form(bytes: &[u8]) -> Markup {
    html! {
        dl class="pairs" {
            @for (name, value) in form_urlencoded::parse(bytes).take(MOST) {
                dt { (line(&name)) } dd { (line(&cut(&value))) }
            }
        }
    }
}

fn cut(text: &str) -> String {
    match text.len() > LONGEST_VALUE {
        true => format!("{}…", &text[..text.floor_char_boundary(LONGEST_VALUE)]),
        false => text.to_owned(),
    }
}

fn tree(key: Option<&str>, value: &Value, depth: usize, left: &mut usize) -> Markup {
    if *left == 0 {
        return Markup::default();
    }
    *left -= 1;
    let name = html! { @if let Some(key) = key { span class="key" { (line(&cut(key))) } ": " } };
    let (count, open, close) = match value {
        Value::Object(members) => (members.len(), "{", "}"),
        Value::Array(items) => (items.len(), "[", "]"),
        _ => return html! { div class="leaf" { (name) (leaf(value)) } },
    };
    if count == 0 {
        return html! { div class="leaf" { (name) span class="dim" { (open) (close) } } };
    }
    html! {
        details open[depth < OPEN] {
            summary { (name) span class="dim" { (open) " " (count) " " (close) } }
            @match value {
                Value::Object(members) => { @for (key, value) in members { (tree(Some(key), value, depth + 1, left)) } }
                Value::Array(items) => { @for (index, value) in items.iter().enumerate() { (tree(Some(&index.to_string()), value, depth + 1, left)) } }
                _ => {}
            }
        }
    }
}

fn leaf(value: &Value) -> Markup {
    match value {
        Value::String(text) => html! { span class="string" { "\"" (line(&cut(text))) "\"" } },
        Value::Number(number) => html! { span class="number" { (number) } },
        other => html! { span class="word" { (other) } },
    }
}

fn in_hex(bytes: &[u8]) -> Markup {
    let cut = &bytes[..bytes.len().min(LONGEST_BYTES)];
    let lines: String = hex(cut).map(|(offset, line)| format!("{offset}  {line}\n")).collect();
    html! {
        pre class="text bytes" tabindex="0" { (lines) }
        @if cut.len() < bytes.len() { p class="dim" { "These are the first " (size_text(cut.len() as u64)) " of " (size_text(bytes.len() as u64)) "." } }
    }
}
