//! The same as data, in the shapes of `--json`.

use std::sync::Arc;

use ckwh::exchange::jsonl::CaptureFields;
use serde_json::{Value, json};

use super::select::{self, Filters};
use super::serve::{Answer, Call, Refusal};
use super::{Inspector, work};
use crate::cli::captures;
use crate::cli::report::{CaptureItem, Item};

/// Captures of one answer, at most.
const MOST: usize = 1000;
const USUAL: usize = 100;

fn data(item: &Item) -> Value {
    serde_json::to_value(item).unwrap_or_default()
}

/// Captures, the newest first; `before` in the answer is what the next call gives.
pub async fn captures(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let number = |name: &str| call.asked(name).and_then(|text| text.parse::<i64>().ok());
    let most = number("limit").and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(USUAL).clamp(1, MOST);
    let before = number("before").unwrap_or(i64::MAX);
    let (mut found, mut rest) = Filters::of(&call)?.page(&ui, before, most).await?;
    if found.len() > most {
        found.truncate(most);
        rest = found.last().map(|summary| summary.id);
    }
    let entries = found.into_iter().map(|mut summary| {
        summary.target = ui.credentials.mask_url(&summary.target).into_owned();
        data(&Item::Entry(Box::new(summary)))
    });
    Ok(Answer::Json(
        json!({ "results": entries.collect::<Vec<_>>(), "before": rest }),
    ))
}

pub async fn capture(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let capture = ui.capture(call.number()?).await?;
    let item = CaptureItem {
        fields: CaptureFields::new(&capture, Some(&ui.credentials), usize::MAX),
        bytes: bytes::Bytes::new(),
    };
    Ok(Answer::Json(data(&Item::Capture(Box::new(item)))))
}

pub async fn verdict(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let id = ui.there(call.number()?).await?;
    let words = select::verify(&ui, id, &call, Vec::new()).into_words();
    one(words).await
}

pub async fn compare(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let number = |name: &str| call.asked(name).and_then(|text| text.parse::<i64>().ok());
    let (Some(a), Some(b)) = (number("a"), number("b")) else {
        return Err(Refusal::wrong("`a` and `b` are numbers of captures"));
    };
    one(select::compare(&ui, a, b).into_words()).await
}

async fn one(words: Vec<String>) -> Result<Answer, Refusal> {
    let mut results = work::values(words).await?;
    match results.len() {
        0 => Err(Refusal::missing("there is no result")),
        _ => Ok(Answer::Json(results.swap_remove(0))),
    }
}

/// A capture as a text that sends it again, its credentials masked.
pub async fn export(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let capture = ui.capture(call.number()?).await?;
    let format = call.asked("format").unwrap_or("curl").to_owned();
    let text = work::aside(move || captures::exchange::text(&work::app()?, capture, &format)).await??;
    Ok(Answer::Json(json!({ "type": "text", "text": text })))
}

pub async fn event_types(_: Arc<Inspector>, _: Call) -> Result<Answer, Refusal> {
    let results = work::values(vec!["events".to_owned()]).await?;
    Ok(Answer::Json(json!({ "results": results })))
}

/// Replays that the store knows, the newest first.
pub async fn runs(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let line = select::runs(&ui, None).option("--limit", call.asked("limit"));
    let results = work::values(line.into_words()).await?;
    Ok(Answer::Json(json!({ "results": results })))
}

pub async fn run(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let id = call.number()?;
    if ui.store.run(Some(id)).await?.is_none() {
        return Err(Refusal::missing(format!("there is no run {id}")));
    }
    one(select::runs(&ui, Some(id)).into_words()).await
}

/// What was begun on the page came to so far.
pub async fn job(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let job = ui.jobs.get(call.number()?);
    let job = job.ok_or_else(|| Refusal::missing("there is no such job"))?;
    let state = work::lock(&job.state);
    let shown = state.shown.iter().chain(&state.summary);
    let results: Vec<&Value> = shown.map(|(_, value)| value).collect();
    let notes: Vec<String> = state.notes.iter().map(ToString::to_string).collect();
    Ok(Answer::Json(json!({
        "results": results,
        "left_off": state.left_off,
        "notes": notes,
        "ended": state.ended.is_some(),
    })))
}

/// What happens, as it happens.
pub async fn live(ui: Arc<Inspector>, _: Call) -> Result<Answer, Refusal> {
    let last = ui.store.last().await?;
    Ok(Answer::Stream(ui.feed.stream(&json!({ "last": last }))))
}
