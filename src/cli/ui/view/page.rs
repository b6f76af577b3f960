//! What stands around every view.

use maud::{DOCTYPE, Markup, html};

use crate::cli::ui::Inspector;

/// The views of the bar, with the key that leads there.
const VIEWS: [(&str, &str); 4] = [
    ("/", "Captures"),
    ("/send", "Send"),
    ("/check", "Check"),
    ("/runs", "Runs"),
];

/// What the keys do.
const KEYS: [(&str, &str); 9] = [
    ("j k", "the next capture, the one before"),
    ("e", "its explanation"),
    ("r", "replay it"),
    ("d", "compare it with the one before of its kind"),
    ("c", "copy it as a curl line"),
    ("/", "search"),
    ("s", "send an event"),
    ("Esc", "back to the list"),
    ("?", "these keys"),
];

/// A whole page: `here` is the view's address.
pub fn whole(ui: &Inspector, here: &str, title: &str, main: &Markup) -> Markup {
    document(
        title,
        &html! {
            a class="skip" href="#main" { "To the content" }
            header class="bar" {
                a class="name" href="/" { "ckwh" }
                nav aria-label="Views" {
                    @for (address, name) in VIEWS {
                        a href=(address) aria-current=[(address == here).then_some("page")] { (name) }
                    }
                }
                span class="room" {}
                @if let Some(url) = &ui.given.catching {
                    span class="catching" { span class="dim" { "catching at " } code id="catching" { (url) } (super::copy("catching", "the address")) }
                }
                span id="live" class="live" role="status" { "connecting" }
                button type="button" class="quiet" data-open="keys" aria-label="Keys" title="Keys (?)" { "?" }
            }
            main id="main" tabindex="-1" { (main) }
            (keys())
            dialog id="question" aria-labelledby="question-text" {
                form method="dialog" {
                    p id="question-text" {}
                    div class="buttons" {
                        button value="no" { "Cancel" }
                        button value="yes" class="main" { "Send there" }
                    }
                }
            }
            div id="said" class="said" role="status" aria-live="polite" {}
        },
    )
}

fn keys() -> Markup {
    html! {
        dialog id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { "Keys" }
            dl class="keys" {
                @for (key, does) in KEYS {
                    dt { @for key in key.split(' ') { kbd { (key) } " " } }
                    dd { (does) }
                }
            }
            form method="dialog" { div class="buttons" { button { "Close" } } }
        }
    }
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · ckwh" }
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="/icon.svg";
                script type="module" src="/page.js" {}
            }
            body { (body) }
        }
    }
}

/// Asks for the token; the script takes it from the address where it stands there.
pub fn sign_in() -> Markup {
    document(
        "Token",
        &html! {
            main class="alone" id="main" {
                h1 { "ckwh" }
                p { "This page shows what webhooks sent, to you alone. Open the address that the terminal printed, or paste its end here: what stands behind " code { "#" } "." }
                form id="token" {
                    label for="token-text" { "Token" }
                    input id="token-text" name="token" type="password" autocomplete="off" spellcheck="false" required autofocus;
                    button class="main" { "Open" }
                }
                p id="said" role="status" aria-live="polite" {}
            }
        },
    )
}

/// That something is not there.
pub fn problem(ui: &Inspector, text: &str) -> Markup {
    whole(ui, "", "Not found", &notice(text))
}

/// A view with nothing to show but why.
pub fn notice(text: &str) -> Markup {
    html! { section class="pane narrow" { h1 { "Nothing here" } p { (text) } p { a href="/" { "Captures" } } } }
}
