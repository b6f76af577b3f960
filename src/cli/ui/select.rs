//! What a form or an address asks for: as a selection of the store, or as a command line.

use std::time::{Duration, Instant};

use aho_corasick::AhoCorasick;
use ckwh::store::{Order, Pattern, Selection, StoreError, Summary};
use ckwh::verify::Reason;

use super::Inspector;
use super::serve::{Call, Refusal};
use crate::cli::line::Line;
use crate::cli::words;

/// How long a page of what is filtered is looked for.
const PATIENCE: Duration = Duration::from_millis(200);
/// The longest text that is looked for, in bytes.
const LONGEST: usize = 200;
/// How many fields may be changed at once.
const MOST_EDITS: usize = 500;
/// How long a delivery may take.
const TIMEOUT: &str = "30s";

/// What verdicts are called together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Right,
    Wrong,
    Unverified,
}

impl Group {
    fn of(reason: Option<Reason>) -> Self {
        match reason {
            Some(reason) if reason.is_authentic() => Self::Right,
            None | Some(Reason::NoSecret | Reason::Unrecognised | Reason::NoBody | Reason::SignsNothing) => {
                Self::Unverified
            }
            Some(_) => Self::Wrong,
        }
    }
}

/// Which captures are listed.
#[derive(Debug, Default)]
pub struct Filters {
    selection: Selection,
    group: Option<Group>,
    /// The text that is looked for in what is shown of them.
    text: Option<AhoCorasick>,
}

impl Filters {
    pub fn of(call: &Call) -> Result<Self, Refusal> {
        let event = call.asked("event").map(|event| match words::is_pattern(event) {
            true => Pattern::new(event),
            false => Pattern::new(format!("*{event}*")),
        });
        let status = call.asked("status").map(|status| {
            let each = status.split([',', ' ']).filter(|one| !one.is_empty());
            each.map(|one| Pattern::new(one.replace(['x', 'X'], "?"))).collect()
        });
        let group = call.asked("verdict").map(|verdict| match verdict {
            "right" => Ok(Group::Right),
            "wrong" => Ok(Group::Wrong),
            "unverified" => Ok(Group::Unverified),
            _ => Err(Refusal::wrong("a verdict is right, wrong or unverified")),
        });
        let text = call.asked("text").map(|text| {
            let text = &text[..text.floor_char_boundary(LONGEST)];
            let built = AhoCorasick::builder().ascii_case_insensitive(true).build([text]);
            built.map_err(|error| Refusal::wrong(error.to_string()))
        });
        Ok(Self {
            selection: Selection {
                event,
                provider: call.asked("provider").map(str::to_owned),
                status: status.unwrap_or_default(),
                failed: call.asked("failed").is_some(),
                ..Selection::default()
            },
            group: group.transpose()?,
            text: text.transpose()?,
        })
    }

    /// Whether every capture is meant.
    pub fn is_none(&self) -> bool {
        self.selection == Selection::default() && self.group.is_none() && self.text.is_none()
    }

    /// Of those before the number `before`, the newest, about as many as `most`; and the number before which more may
    /// be, where that is.
    pub async fn page(
        &self,
        ui: &Inspector,
        before: i64,
        most: usize,
    ) -> Result<(Vec<Summary>, Option<i64>), StoreError> {
        let begun = Instant::now();
        let selection = Selection {
            ids: Some(vec![1..=before.saturating_sub(1)]),
            ..self.selection.clone()
        };
        let mut pages = ui.store.summaries(selection, Order::NewestFirst);
        let mut found = Vec::new();
        loop {
            let page = pages.next().await?;
            let Some(last) = page.last().map(|summary| summary.id) else {
                return Ok((found, None));
            };
            let page = page
                .into_iter()
                .filter(|summary| self.group.is_none_or(|group| group == Group::of(summary.reason)))
                .collect();
            found.extend(self.with_text(ui, page).await?);
            if found.len() >= most || begun.elapsed() > PATIENCE {
                return Ok((found, (last > 1).then_some(last)));
            }
        }
    }

    /// Those that show the text: a credential that is masked is not found.
    async fn with_text(&self, ui: &Inspector, page: Vec<Summary>) -> Result<Vec<Summary>, StoreError> {
        let (Some(text), Some(last), Some(first)) = (&self.text, page.first(), page.last()) else {
            return Ok(page);
        };
        let (first, last) = (first.id, last.id);
        let selection = Selection {
            ids: Some(vec![first..=last]),
            ..Selection::default()
        };
        let mut requests = ui.store.requests(selection, last);
        let mut in_body = Vec::new();
        loop {
            let some = requests.next().await?;
            if some.is_empty() {
                break;
            }
            for (id, recorded) in some {
                let summary = page.iter().find(|summary| summary.id == id);
                let provider = summary.and_then(|summary| summary.provider.as_deref());
                let body = ui.credentials.mask_body(&recorded.message, provider);
                if summary.is_some() && text.is_match(body.as_ref()) {
                    in_body.push(id);
                }
            }
        }
        let shows = |summary: &Summary| {
            let target = ui.credentials.mask_url(&summary.target);
            let words = [
                summary.provider.as_deref(),
                summary.event_type.as_deref(),
                Some(&*target),
            ];
            words.into_iter().flatten().any(|word| text.is_match(word)) || in_body.contains(&summary.id)
        };
        Ok(page.into_iter().filter(|summary| shows(summary)).collect())
    }
}

/// The line that says whether a capture's signature is right, and why not. What `call` names of the provider counts more
/// than what was typed when the page began.
pub fn verify(ui: &Inspector, id: i64, call: &Call, computed: Vec<String>) -> Line {
    let provider = call.text("provider").or_else(|| call.asked("provider"));
    let judging = match provider {
        Some(provider) => vec![format!("--provider={provider}")],
        None => ui.given.judging.clone(),
    };
    Line::new(&["verify"])
        .words(&ui.given.store)
        .words(&ui.given.secrets)
        .words(&judging)
        .option(
            "--framework",
            call.text("framework").or_else(|| call.asked("framework")),
        )
        .option("--effort", call.is_on("thorough").then_some("high"))
        .each("--computed", computed)
        .behind(id.to_string())
}

/// The line that compares two captures.
pub fn compare(ui: &Inspector, a: i64, b: i64) -> Line {
    let line = Line::new(&["captures", "diff"]).words(&ui.given.store);
    line.behind(a.to_string()).behind(b.to_string())
}

/// The changes of a form's fields.
fn edits(call: &Call, mut line: Line) -> Result<Line, Refusal> {
    let fields = call.given["edits"].as_array().map(Vec::as_slice).unwrap_or_default();
    if fields.len() > MOST_EDITS {
        return Err(Refusal::wrong(format!("{MOST_EDITS} fields are changed at most")));
    }
    let set = fields
        .iter()
        .filter_map(|field| Some((field[0].as_str()?, field[1].as_str()?)));
    line = line.each("--set", set.map(|(path, value)| format!("{path}={value}")));
    let more = call.text("more").unwrap_or_default().lines().map(str::trim);
    for text in more.filter(|text| !text.is_empty()) {
        line = match text.strip_prefix('-') {
            Some(path) => line.each("--unset", [path.trim().to_owned()]),
            None => line.each("--set", [text.to_owned()]),
        };
    }
    Ok(line)
}

fn pace(call: &Call, line: Line) -> Line {
    line.option("--concurrency", call.text("concurrency"))
        .option("--rate", call.text("rate"))
        .option("--timeout", Some(TIMEOUT))
}

/// The line that sends an event, with a title.
pub async fn send(ui: &Inspector, call: &Call) -> Result<(String, Line), Refusal> {
    let (provider, event) = (
        call.text("provider").unwrap_or_default(),
        call.text("event").unwrap_or_default(),
    );
    // Another name would be taken for a file.
    let known = ui.events.all().await?.iter();
    if !known
        .into_iter()
        .any(|row| row.provider == provider && row.event_type == event)
    {
        return Err(Refusal::wrong("there is no such event"));
    }
    let line = Line::new(&["send"])
        .words(&ui.given.secrets)
        .option("--provider", Some(provider))
        .option("--dialect", call.text("dialect"))
        .option("--count", call.text("count"))
        .option("--break", call.text("break"));
    let line = edits(call, pace(call, line))?;
    Ok((format!("send {event} of {provider}"), line.behind(event)))
}

/// The line that replays captures, with a title.
pub fn replay(ui: &Inspector, call: &Call) -> Result<(String, Line), Refusal> {
    let typed = call.text("captures").unwrap_or_default();
    let is_name = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') || *word == "last";
    let names: Vec<&str> = typed.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    if names.is_empty() || !names.iter().all(is_name) {
        return Err(Refusal::wrong("name captures by their numbers: 12, 3..7 or last"));
    }
    let url = ui.given.judging.iter().filter(|flag| flag.starts_with("--public-url="));
    let line = Line::new(&["replay"])
        .words(&ui.given.store)
        .words(&url.cloned().collect::<Vec<_>>())
        .flag("--keep-signature", call.is_on("keep_signature"))
        .flag("--fresh-id", call.is_on("fresh_id"))
        .option("--times", call.text("times"));
    let line = match call.is_on("keep_signature") {
        true => line,
        false => line.words(&ui.given.secrets),
    };
    let mut line = edits(call, pace(call, line))?;
    for name in &names {
        line = line.behind(*name);
    }
    Ok((format!("replay {}", names.join(", ")), line))
}

/// The line that lists the replays that the store knows, or shows one.
pub fn runs(ui: &Inspector, run: Option<i64>) -> Line {
    let line = Line::new(&["captures", "runs"]).words(&ui.given.store);
    match run {
        Some(run) => line.behind(run.to_string()),
        None => line,
    }
}

/// The line that goes on with a replay that was cut off, with a title.
pub fn resume(ui: &Inspector, run: i64) -> (String, Line) {
    let line = Line::new(&["replay"])
        .words(&ui.given.store)
        .words(&ui.given.secrets)
        .option("--resume", Some(run));
    (format!("go on with replay {run}"), line)
}

/// The line that checks a handler, with a title.
pub fn check(ui: &Inspector, call: &Call) -> Result<(String, Line), Refusal> {
    let provider = call.text("provider").unwrap_or_default();
    let only = call.text("only").unwrap_or_default().split([',', ' ']);
    let only = only.filter(|name| !name.is_empty()).map(str::to_owned);
    let line = Line::new(&["check"])
        .words(&ui.given.secrets)
        .option("--provider", Some(provider))
        .option("--dialect", call.text("dialect"))
        .option("--observe-url", call.text("observe_url"))
        .each("--only", only);
    Ok((format!("check a handler of {provider}"), line))
}
