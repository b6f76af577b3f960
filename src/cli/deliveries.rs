//! What the flags ask of deliveries, and what happens to them as results.

use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::sync::watch;

use ckwh::capture::{Capture, Recorded};
use ckwh::delivery::run::{Delivered, Event, Observer, RunOutcome};
use ckwh::delivery::{BodyTest, Expectation, ExpectedHeader, PaceOptions};
use ckwh::exchange::jsonl::{self, BodyFields, CaptureFields, HeaderPairs};

use super::app::App;
use super::args::{ExpectArgs, PaceArgs};
use super::exit::{Failure, Status};
use super::filter::AnswerTest;
use super::memory::Memory;
use super::report::{
    AttemptItem, CaptureItem, DeliveryItem, Detail, Item, LatenciesItem, ReportLayout, ResponseItem, SkippedItem,
    SlowItem, SummaryItem, in_milliseconds,
};

impl PaceArgs {
    /// The pace that was typed.
    pub fn options(&self) -> PaceOptions {
        PaceOptions {
            concurrency: self.concurrency,
            rate: self.rate,
            retry: self.retry,
            retry_scale: self.retry_scale,
        }
    }
}

impl ExpectArgs {
    /// The expectation that was typed: a 2xx where nothing is said.
    pub fn expectation(&self) -> Result<Expectation, Failure> {
        let test = self.expect_json.as_deref().map(AnswerTest::start).transpose()?;
        let headers = self.expect_header.iter().map(|text| ExpectedHeader::parse(text));
        Ok(Expectation {
            statuses: self.expect.clone().unwrap_or_default(),
            body: self.expect_body.clone(),
            test: test.map(|test| Arc::new(test) as Arc<dyn BodyTest>),
            headers: headers.collect::<Result<_, _>>()?,
            within: self.expect_within,
        })
    }
}

/// What ends deliveries before their end.
#[derive(Debug, Clone, Default)]
pub enum Interrupt {
    /// Ctrl-C.
    #[default]
    Keys,
    /// Whoever called.
    Told(watch::Receiver<bool>),
}

impl Interrupt {
    /// Ends when it comes.
    pub async fn comes(self) {
        match self {
            Self::Keys => drop(tokio::signal::ctrl_c().await),
            // One who goes away wants no more either.
            Self::Told(mut told) => drop(told.wait_for(|told| *told).await),
        }
    }
}

/// How deliveries are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// The one there is, with its answer.
    Whole,
    /// Each in a line, with the answer where it is not as expected.
    Each,
    /// Failures alone, each in a line.
    Failures,
}

/// Reports each delivery as it ends.
pub struct DeliveryReporter<'a> {
    app: &'a mut App,
    telling: Telling,
    /// What came of the same the last time.
    memory: Option<&'a mut Memory>,
    /// Why a result could not be reported, which ends the deliveries.
    failure: Option<Failure>,
}

impl<'a> DeliveryReporter<'a> {
    /// `widest` is the length of the longest event type, in characters.
    pub fn new(app: &'a mut App, telling: Telling, widest: usize) -> Self {
        app.report.lay_out(ReportLayout {
            columns: [widest, 0, 0],
            brief: telling == Telling::Failures,
            each: telling == Telling::Each,
            ..ReportLayout::default()
        });
        Self {
            app,
            telling,
            memory: None,
            failure: None,
        }
    }

    /// Compares each with what came of it the last time.
    pub fn with_memory(self, memory: &'a mut Memory) -> Self {
        Self {
            memory: Some(memory),
            ..self
        }
    }

    /// What came of the deliveries that were reported here.
    pub fn finish<T, E: Into<Failure>>(self, outcome: Result<T, E>) -> Result<T, Failure> {
        match self.failure {
            Some(failure) => Err(failure),
            None => outcome.map_err(Into::into),
        }
    }

    fn report(&mut self, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Delivered(delivered)
                if self.telling == Telling::Failures && delivered.is_ok() && !self.app.wants_all() =>
            {
                self.app.report.advance();
                Ok(())
            }
            Event::Delivered(delivered) => {
                let change = self.memory.as_mut().and_then(|memory| memory.compare(&delivered));
                let item = DeliveryItem {
                    change,
                    ..delivery_item(delivered)
                };
                self.app.result(Item::Delivery(item))
            }
            Event::Skipped { origin, reason } => self.app.result(Item::Skipped(SkippedItem { origin, reason })),
            _ => Ok(()),
        }
    }
}

impl Observer for DeliveryReporter<'_> {
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match self.report(event) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }
}

/// The request and the answer, whole.
pub fn show_sides(app: &mut App, recorded: &Recorded) -> Result<(), Failure> {
    let capture = Capture {
        id: 0,
        duplicate_of: None,
        recorded: Arc::new(recorded.clone()),
    };
    app.report.lay_out(ReportLayout {
        detail: Detail::Exchange,
        ..ReportLayout::default()
    });
    if app.report.wants_all() {
        return Ok(());
    }
    app.result(Item::Capture(Box::new(CaptureItem {
        fields: CaptureFields::new(&capture, app.settings.masked(false), usize::MAX),
        bytes: jsonl::shown_body(&capture, app.settings.masked(false)).into_owned(),
    })))
}

fn delivery_item(delivered: Delivered<'_>) -> DeliveryItem {
    let provider = delivered.provider;
    let event_id = delivered.event_id();
    let delivery = delivered.delivery;
    let attempts = delivery.attempts.into_iter().map(|attempt| AttemptItem {
        status: attempt.status,
        duration_ms: in_milliseconds(attempt.duration),
        error: attempt.failure.map(|failure| failure.message),
    });
    DeliveryItem {
        provider: provider.map(|provider| provider.name.clone()),
        dialect: provider.map(|provider| provider.dialect.clone()),
        caveat: provider.and_then(|provider| provider.caveat_of(None)),
        event_type: delivered.message.event_type.clone(),
        event_id,
        origin: delivered.origin,
        url: delivered.endpoint.to_string(),
        ok: delivered.unmet.is_empty(),
        attempts: attempts.collect(),
        response: delivery.answer.map(|answer| ResponseItem {
            status: answer.status,
            headers: HeaderPairs(answer.headers),
            body: BodyFields::new(&answer.body, answer.truncated),
        }),
        unmet: delivered.unmet,
        change: None,
    }
}

/// Counts and latencies; `run` is the number under which a replay is kept.
pub fn summary(outcome: &RunOutcome, run: Option<i64>) -> SummaryItem {
    let tally = &outcome.tally;
    let slowest = outcome.slowest.iter().map(|slow| SlowItem {
        origin: slow.origin,
        event_type: slow.event_type.clone(),
        event_id: slow.event_id.clone(),
        duration_ms: in_milliseconds(slow.duration),
    });
    SummaryItem {
        run,
        deliveries: tally.total(),
        ok: tally.ok,
        failed: tally.failed,
        skipped: outcome.skipped,
        not_sent: outcome.not_sent(),
        statuses: tally.statuses.clone(),
        failures: tally.failures.clone(),
        duration_ms: in_milliseconds(outcome.duration),
        latencies: LatenciesItem::of(tally),
        slowest: slowest.collect(),
    }
}

/// The exit status: interrupted, unanswered, unmet, or yes.
pub fn status(outcome: &RunOutcome) -> Status {
    if outcome.interrupted {
        Status::Interrupted
    } else if outcome.tally.unanswered > 0 {
        Status::Unavailable
    } else if outcome.tally.failed > 0 || outcome.skipped > 0 {
        Status::No
    } else {
        Status::Yes
    }
}

/// What was left undone, for a sentence that says why; `None` where that is nothing.
pub fn left_text(outcome: &RunOutcome) -> Option<String> {
    let counted = |count: u64, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {several}")),
    };
    let parts = [
        counted(outcome.not_sent().unwrap_or(0), "was not sent", "were not sent"),
        counted(
            outcome.on_the_way(),
            "was on its way without an answer",
            "were on their way without an answer",
        ),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}
