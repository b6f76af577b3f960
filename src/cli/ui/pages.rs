//! The views: each an address, and what the store or a command says there.

use std::sync::Arc;

use ckwh::exchange::jsonl;
use ckwh::store::{Order, Selection, Summary};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::select::{self, Filters};
use super::serve::{Answer, Call, Refusal};
use super::view::{
    body as body_view, capture as capture_view, compare as compare_view, explanation as why, forms, list,
    notes as view_notes, page, runs as runs_view,
};
use super::{Inspector, work};
use crate::cli::report::{Item, shown};

/// How many rows are sent at once.
const ROWS: usize = 80;
/// How many signatures a handler may have computed.
const MOST_COMPUTED: usize = 50;
/// How long one may be, in bytes.
const LONGEST_COMPUTED: usize = 1000;

/// The view, whole or as the part that was asked for.
fn view(ui: &Inspector, call: &Call, here: &str, title: &str, main: Markup) -> Answer {
    Answer::Page(match call.part {
        Some(_) => main,
        None => page::whole(ui, here, title, &main),
    })
}

/// The names of the providers that have events.
async fn providers(ui: &Inspector) -> Result<Vec<String>, Refusal> {
    let mut names: Vec<String> = ui.events.all().await?.iter().map(|row| row.provider.clone()).collect();
    names.dedup();
    Ok(names)
}

async fn list_of(ui: &Inspector) -> Result<Markup, Refusal> {
    let numbers = ui.store.numbers(0..=i64::MAX).await?;
    let (first, _) = Filters::default().page(ui, i64::MAX, ROWS).await?;
    let providers = providers(ui).await?;
    Ok(list::list(ui, &first, &numbers.to_text(), &providers))
}

async fn both(ui: &Inspector, call: &Call, title: &str, detail: Markup) -> Result<Answer, Refusal> {
    let is_detail = call.part.as_deref() == Some("detail");
    let main = match is_detail {
        true => detail,
        false => html! { div class="captures" { (list_of(ui).await?) (detail) } },
    };
    Ok(view(ui, call, "/", title, main))
}

pub async fn captures(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    both(&ui, &call, "Captures", list::nothing_chosen()).await
}

pub async fn capture(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let capture = ui.capture(call.number()?).await?;
    let title = capture_view::title(&ui, &capture);
    let around = around(&ui, capture.id).await?;
    let detail = capture_view::detail(&ui, &capture, call.asked("body"), around);
    both(&ui, &call, &title, detail).await
}

/// The capture after this one, and the one before.
async fn around(ui: &Inspector, id: i64) -> Result<[Option<i64>; 2], Refusal> {
    let first = async |ids, order| -> Result<Option<i64>, Refusal> {
        let selection = Selection {
            ids: Some(vec![ids]),
            ..Selection::default()
        };
        let found = ui.store.summaries(selection, order).next().await?;
        Ok(found.first().map(|summary| summary.id))
    };
    let after = first(id.saturating_add(1)..=i64::MAX, Order::OldestFirst).await?;
    let before = match id > 1 {
        true => first(1..=id - 1, Order::NewestFirst).await?,
        false => None,
    };
    Ok([after, before])
}

pub async fn body(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let capture = ui.capture(call.number()?).await?;
    let bytes = jsonl::shown_body(&capture, Some(&ui.credentials));
    let kind = capture.recorded.message.headers.text("content-type");
    let way = call.asked("way").unwrap_or_else(|| body_view::first_way(&bytes));
    Ok(Answer::Page(body_view::body(&bytes, kind, way)))
}

/// One value that was masked.
pub async fn reveal(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let capture = ui.capture(call.number()?).await?;
    let place = call.text("place").unwrap_or_default();
    let message = &capture.recorded.message;
    let missing = || Refusal::missing("there is no such value");
    let index = |text: &str| text.parse::<usize>().map_err(|_| missing());
    let text = match place.split(':').collect::<Vec<_>>().as_slice() {
        ["target"] => shown(message.url.as_deref().unwrap_or("/")),
        ["body"] => shown(&String::from_utf8_lossy(&message.body)),
        ["header", at] => {
            let value = message.headers.iter().nth(index(at)?).ok_or_else(missing)?.1;
            capture_view::readable(value)
        }
        ["answer", delivery, at] => {
            let delivered = capture.recorded.deliveries.get(index(delivery)?);
            let outcome = delivered.and_then(|delivered| delivered.outcome.as_ref());
            let answer = outcome
                .and_then(|outcome| outcome.answer.as_ref())
                .ok_or_else(missing)?;
            capture_view::readable(answer.headers.iter().nth(index(at)?).ok_or_else(missing)?.1)
        }
        _ => return Err(missing()),
    };
    Ok(Answer::Json(json!({ "text": text })))
}

/// Rows of the list: those of the numbers that are asked for, or those before a number that pass the filters.
pub async fn rows(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let number = |name: &str| call.asked(name).and_then(|text| text.parse::<i64>().ok());
    let pairs = |found: &[Summary]| {
        found
            .iter()
            .map(|summary| list::pair(&ui, summary))
            .collect::<Vec<Value>>()
    };
    if let (Some(from), Some(to)) = (number("from"), number("to")) {
        let selection = Selection {
            ids: Some(vec![from.max(1)..=to.min(from.saturating_add(1000))]),
            ..Selection::default()
        };
        let mut pages = ui.store.summaries(selection, Order::NewestFirst);
        let mut found = Vec::new();
        loop {
            let page = pages.next().await?;
            if page.is_empty() {
                return Ok(Answer::Json(json!({ "rows": pairs(&found) })));
            }
            found.extend(page);
        }
    }
    let filters = Filters::of(&call)?;
    let (found, rest) = filters.page(&ui, number("before").unwrap_or(i64::MAX), ROWS).await?;
    let ranges = match filters.is_none() {
        true => Some(ui.store.numbers(0..=i64::MAX).await?.to_text()),
        false => None,
    };
    Ok(Answer::Json(
        json!({ "rows": pairs(&found), "rest": rest, "ranges": ranges }),
    ))
}

/// What a verdict says of a capture, and of what a handler computed for it.
pub async fn explanation(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let id = ui.there(call.number()?).await?;
    let computed: Vec<String> = call.texts("computed");
    let is_signature = |text: &String| text != "-" && text.len() <= LONGEST_COMPUTED;
    if computed.len() > MOST_COMPUTED || !computed.iter().all(is_signature) {
        return Err(Refusal::wrong("that holds something that is no signature"));
    }
    let asked = why::Asked {
        framework: call.text("framework").map(str::to_owned),
        computed: computed.clone(),
        provider: call.text("provider").map(str::to_owned),
        providers: providers(&ui).await?,
    };
    let words = select::verify(&ui, id, &call, computed).into_words();
    let render = move |item: &Item| match item {
        Item::Verdict(verdict) => Some(why::explanation(id, verdict, &asked)),
        _ => None,
    };
    let gathered = work::once(words, render).await?;
    Ok(Answer::Page(html! {
        @for shown in &gathered.results { (shown) }
        (view_notes(&gathered.notes))
    }))
}

pub async fn compare(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let number = |name: &str| call.asked(name).and_then(|text| text.parse::<i64>().ok());
    let main = match (number("a"), number("b")) {
        (Some(a), Some(b)) => {
            let words = select::compare(&ui, a, b).into_words();
            let gathered = work::once(words, |item| match item {
                Item::Difference(difference) => Some(compare_view::difference(difference)),
                _ => None,
            });
            html! { @for shown in gathered.await?.results { (shown) } }
        }
        _ => html! { section class="pane" {
            h1 { "Compare" }
            p class="dim" { "Two captures by their numbers: how their heads and bodies differ." }
            (compare_view::form(call.asked("a").unwrap_or_default(), call.asked("b").unwrap_or_default()))
        } },
    };
    Ok(view(&ui, &call, "/compare", "Compare", main))
}

pub async fn send(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let events = ui.events.all().await?;
    let to = call.asked("to");
    let main = match (call.asked("provider"), call.asked("event")) {
        (Some(provider), Some(event)) => {
            let words = vec![
                "events".to_owned(),
                format!("--provider={provider}"),
                "--".to_owned(),
                event.to_owned(),
            ];
            let body = work::once(words, |item| match item {
                Item::Payload(payload) => serde_json::from_str::<Value>(&payload.body).ok(),
                _ => None,
            });
            let body = body.await?.results.into_iter().next();
            let chosen = forms::Chosen {
                provider,
                event,
                body,
                to,
            };
            forms::event(&ui, &chosen)
        }
        _ => forms::send(events, to),
    };
    Ok(view(&ui, &call, "/send", "Send", main))
}

pub async fn replay(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let captures = call.asked("captures").unwrap_or_default();
    let body = match captures.parse() {
        Ok(id) => {
            let capture = ui.capture(id).await?;
            serde_json::from_slice::<Value>(&jsonl::shown_body(&capture, Some(&ui.credentials))).ok()
        }
        Err(_) => None,
    };
    let main = forms::replay(&ui, captures, body.as_ref(), call.asked("to"));
    Ok(view(&ui, &call, "/replay", "Replay", main))
}

pub async fn check(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let providers = providers(&ui).await?;
    let main = forms::check(&ui, &providers, call.asked("provider"), call.asked("to"));
    Ok(view(&ui, &call, "/check", "Check", main))
}

pub async fn runs(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let kept = work::once(select::runs(&ui, None).into_words(), |item| match item {
        Item::Run(run) => Some(runs_view::kept(run)),
        _ => None,
    });
    let main = runs_view::list(&ui.jobs.all(), &kept.await?.results);
    Ok(view(&ui, &call, "/runs", "Runs", main))
}

/// A replay that the store knows, whoever began it.
pub async fn run(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let id = call.number()?;
    if ui.store.run(Some(id)).await?.is_none() {
        return Err(Refusal::missing(format!("There is no replay {id}.")));
    }
    let goes_on = ui.jobs.goes_on();
    let words = select::runs(&ui, Some(id)).into_words();
    let whole = work::once(words, move |item| match item {
        Item::Run(run) => Some(runs_view::run(run, goes_on)),
        _ => None,
    });
    let main = html! { @for shown in whole.await?.results { (shown) } };
    Ok(view(&ui, &call, "/runs", &format!("Replay {id}"), main))
}

/// What was begun on the page.
pub async fn job(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let job = ui.jobs.get(call.number()?).ok_or_else(|| {
        Refusal::missing("There is nothing like that here: what was begun on the page is forgotten when ckwh ends. Replays are kept in the store.")
    })?;
    let main = runs_view::job(&job);
    Ok(view(&ui, &call, "/runs", &job.title, main))
}
