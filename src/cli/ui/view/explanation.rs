//! The explanation: what is wrong in one sentence, where the bytes differ, why that is sure, and what to do.

use ckwh::explain::{Basis, Difference, Framework, Kind, Proof, Recipe, Search};
use ckwh::verify::Reason;
use maud::{Markup, html};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::words;
use crate::cli::report::{CauseItem, VerdictItem, age_text, line, sentence, shown, spaces, verdict_sentence};

/// What it was asked with.
#[derive(Debug, Default)]
pub struct Asked {
    pub framework: Option<String>,
    pub computed: Vec<String>,
    pub provider: Option<String>,
    /// Every provider's name.
    pub providers: Vec<String>,
}

pub fn explanation(capture: i64, item: &VerdictItem, asked: &Asked) -> Markup {
    let is_right = item.counts();
    let is_open = matches!(
        item.reason,
        Reason::NoSecret | Reason::Unrecognised | Reason::NoBody | Reason::SignsNothing | Reason::Authenticated
    );
    let class = if item.valid {
        "right"
    } else if is_open {
        "open"
    } else {
        "wrong"
    };
    let sign = if item.valid {
        "✓"
    } else if is_open {
        "○"
    } else {
        "✗"
    };
    html! {
        div class={ "finding " (class) } {
            @if item.causes.is_empty() || !asked.computed.is_empty() || is_right {
                h2 { span class="sign" aria-hidden="true" { (sign) } (line(&sentence(&verdict_sentence(item)))) "." }
                @if let Some(detail) = &item.detail { p { (line(&sentence(detail))) "." } }
            }
            @for (index, cause) in item.causes.iter().enumerate() { (self::cause(index, cause, item)) }
            @for (index, right) in item.computed.iter().enumerate() {
                @if *right { p class="right" { "✓ Signature " (index + 1) " of your handler is right for this delivery." } }
            }
            (grounds(item))
        }
        (asking(capture, item, asked))
    }
}

fn cause(index: usize, item: &CauseItem, verdict: &VerdictItem) -> Markup {
    let cause = &item.cause;
    let remedy = format!("remedy-{index}");
    html! {
        section class="cause" {
            h2 {
                span class="sign" aria-hidden="true" { "✗" }
                (line(&sentence(&cause.detail))) "."
            }
            p class="kind" {
                @if let Some(number) = item.computed { "signature " (number) " of your handler · " }
                @else { (verdict.reason.to_string()) " · " }
                code { (cause.kind.name()) }
                @if let Some(proof) = &cause.proof { " · " (proven(proof)) }
            }
            @if let Some(difference) = &cause.difference { (bytes(difference, item.computed.is_some())) }
            @if !cause.ruled_out.is_empty() {
                h3 { "Ruled out" }
                ul { @for text in &cause.ruled_out { li { (line(text)) } } }
            }
            @if cause.search == Some(Search::Incomplete) { p class="warn" { "The search is incomplete: not everything could be tried." } }
            @if !cause.remedy.is_empty() {
                h3 { "What to do" }
                div class="remedy" { pre id=(remedy) tabindex="0" { (shown(&words::remedy(&cause.remedy))) } (super::copy(&remedy, "what to do")) }
            }
            @if let Some(recipe) = cause.proof.as_ref().and_then(|proof| proof.recipe.as_ref()) { (self::recipe(recipe)) }
        }
    }
}

fn proven(proof: &Proof) -> &'static str {
    match proof.by {
        Basis::Mac => "proven: the same MAC was made again",
        Basis::Clock => "proven: the signature is right, and the clock says the rest",
        _ => "seen in the headers as they stand",
    }
}

fn recipe(recipe: &Recipe) -> Markup {
    let facts = [
        ("MAC", Some(format!("{} in {}", recipe.mac, recipe.encoding))),
        ("over", Some(recipe.content.clone())),
        ("body", (!recipe.body.is_empty()).then(|| recipe.body.join(", then "))),
        ("key", (!recipe.key.is_empty()).then(|| recipe.key.join(", then "))),
        ("time", recipe.timestamp.clone()),
        ("URL", recipe.url.clone()),
        ("secret", Some(format!("from {}", recipe.secret))),
    ];
    html! {
        details class="proof" {
            summary { "Proof: what gives this signature" }
            dl class="pairs" {
                @for (name, fact) in facts { @if let Some(fact) = fact { dt { (name) } dd { (line(&fact)) } } }
            }
        }
    }
}

/// One place of two aligned texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    delivered: Option<char>,
    signed: Option<char>,
    differs: bool,
}

/// Both excerpts, with gaps where one has nothing. What stands at the end of only one is not said to differ: the excerpts
/// are cut there.
fn aligned(delivered: &str, signed: &str, cut: bool) -> Vec<Place> {
    let delivered: Vec<char> = delivered.chars().collect();
    let signed: Vec<char> = signed.chars().collect();
    let operations = capture_diff_slices(Algorithm::Myers, &delivered, &signed);
    let count = operations.len();
    let mut places = Vec::new();
    for (index, operation) in operations.into_iter().enumerate() {
        let (_, from, to) = operation.as_tag_tuple();
        // The first operation that is not equal is where they begin to differ, whatever follows.
        let is_tail = cut && index + 1 == count && index > 1;
        let differs = !matches!(operation, DiffOp::Equal { .. }) && !is_tail;
        for at in 0..from.len().max(to.len()) {
            places.push(Place {
                delivered: from.clone().nth(at).map(|at| delivered[at]),
                signed: to.clone().nth(at).map(|at| signed[at]),
                differs,
            });
        }
    }
    places
}

fn bytes(difference: &Difference, is_handlers: bool) -> Markup {
    let ends = |excerpt: &str, whole: usize| difference.from + excerpt.len() >= whole;
    let more = [
        !ends(&difference.delivered, difference.delivered_bytes),
        !ends(&difference.signed, difference.signed_bytes),
    ];
    let places = aligned(&difference.delivered, &difference.signed, more != [false; 2]);
    let signed = if is_handlers { "hashed" } else { "signed" };
    html! {
        div class="bytes-compared" {
            p {
                "They differ from byte " b { (difference.offset) } " on: "
                (difference.delivered_bytes) " bytes were delivered, "
                (difference.signed_bytes) " give the signature."
            }
            div class="aligned" tabindex="0" role="group" aria-label="Delivered and signed bytes, aligned" {
                (row("delivered", difference.from, &places, |place| place.delivered, more[0]))
                (row(signed, difference.from, &places, |place| place.signed, more[1]))
                div class="marks" aria-hidden="true" {
                    span class="label" {} code {
                        @if difference.from > 0 { span { " " } }
                        @for place in &places { span { @if place.differs { "^" } @else { " " } } }
                    }
                }
            }
        }
    }
}

fn row(label: &str, from: usize, places: &[Place], side: fn(&Place) -> Option<char>, more: bool) -> Markup {
    html! {
        div {
            span class="label" { (label) }
            code {
                @if from > 0 { span class="dim" { "…" } }
                @for place in places {
                    @match side(place) {
                        Some(char) if place.differs => mark { (spaces(char.encode_utf8(&mut [0; 4]))) },
                        Some(char) => span { (spaces(char.encode_utf8(&mut [0; 4]))) },
                        None if place.differs => mark class="gap" title="nothing here" { " " },
                        None => span { " " },
                    }
                }
                @if more { span class="dim" { "…" } }
            }
        }
    }
}

/// What the verdict goes by.
fn grounds(item: &VerdictItem) -> Markup {
    html! {
        dl class="pairs grounds" {
            @if let Some(provider) = &item.provider {
                dt { "provider" } dd { (line(provider)) @if let Some(dialect) = &item.dialect { " (" (line(dialect)) ")" } }
            }
            @if let Some(secret) = &item.matched_secret { dt { "secret" } dd { "from " (line(secret)) } }
            @else { @for tried in &item.tried {
                dt { "tried" } dd { "the secret from " (line(&tried.secret)) ", fingerprint " code { (line(&tried.fingerprint)) } }
            } }
            @if let Some(age) = item.timestamp_age_ms {
                dt { "signed" } dd { (age_text(age)) " when it arrived" @if let Some(today) = item.timestamp_age_today_ms { ", " (age_text(today)) " today" } }
            }
            @if item.caveat.is_some() { dt { "but" } dd class="warn" { "it rests on something that you did not confirm: the sender chose the provider, or it is this project's own" } }
        }
    }
}

fn asking(capture: i64, item: &VerdictItem, asked: &Asked) -> Markup {
    let remedies = item.causes.iter().map(|cause| cause.cause.remedy.as_str());
    let asks_for_provider = remedies.clone().any(words::asks_for_provider);
    let has_remedy = remedies.clone().any(|remedy| !remedy.is_empty());
    html! {
        form class="asking" data-explain={ "/captures/" (capture) "/explanation" } {
            @if has_remedy {
                label { span { "Handler in" }
                    select name="framework" {
                        option value="" { "as the project's files say" }
                        @for name in Framework::all().map(Framework::name) {
                            option value=(name) selected[asked.framework.as_deref() == Some(name)] { (name) }
                        }
                    }
                }
            }
            @if item.reason == Reason::Unrecognised || asked.provider.is_some() || asks_for_provider {
                label { span { "Whose it is" }
                    select name="provider" {
                        option value="" { "as its headers say" }
                        @for name in &asked.providers { option value=(name) selected[asked.provider.as_ref() == Some(name)] { (name) } }
                    }
                }
            }
            @if item.causes.iter().any(|cause| cause.cause.kind == Kind::Unknown) {
                div { button name="thorough" { "Search longer" } " " span class="dim" { "rarer causes, and more of them together" } }
            }
            details open[!asked.computed.is_empty()] {
                summary { "My handler computed another signature" }
                label { span { "What your handler computed for this delivery, as its log shows it; one a line" }
                    textarea name="computed" rows="2" spellcheck="false" autocomplete="off" { (asked.computed.join("\n")) }
                }
                div class="buttons" { button class="main" { "Say what it did" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(places: &[Place]) -> [String; 3] {
        let side = |of: fn(&Place) -> Option<char>| places.iter().map(|place| of(place).unwrap_or('_')).collect();
        [
            side(|place| place.delivered),
            side(|place| place.signed),
            side(|place| Some(if place.differs { '^' } else { ' ' })),
        ]
    }

    #[test]
    fn what_one_has_and_the_other_has_not_is_a_gap() {
        let places = aligned(r#"{"a": 1, "b": 2"#, r#"{"a":1,"b":2}"#, false);
        assert_eq!(
            texts(&places),
            [r#"{"a": 1, "b": 2_"#, r#"{"a":_1,_"b":_2}"#, "     ^  ^    ^ ^"]
        );
        // The delivered bytes go on behind the excerpt, so its end is no difference.
        let places = aligned(r#"{"a": 1}"#, r#"{"a":1}x"#, true);
        assert_eq!(texts(&places), [r#"{"a": 1}_"#, r#"{"a":_1}x"#, "     ^   "]);
    }
}
