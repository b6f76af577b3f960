//! Deliveries as a JUnit report, for CI.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::visible::line;
use ckwh::check::Outcome;
use ckwh::delivery::run::RequestOrigin;

use super::{CaseItem, DeliveryItem, Item, SkippedItem};

/// Why the report can't be written.
#[derive(Debug, thiserror::Error)]
#[error("the report {}", path.display())]
pub struct JunitError {
    path: PathBuf,
    source: io::Error,
}

impl JunitError {
    fn new(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self { path, source }
    }
}

/// A report that is written as results come. Its cases wait in a file beside until their number is known.
pub struct Junit {
    path: PathBuf,
    waiting: PathBuf,
    suite: &'static str,
    cases: Writer<BufWriter<File>>,
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
    seconds: f64,
}

impl Junit {
    pub fn create(path: &Path, suite: &'static str) -> Result<Self, JunitError> {
        let mut waiting = path.as_os_str().to_owned();
        waiting.push(".part");
        let waiting = PathBuf::from(waiting);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&waiting)
            .map_err(|error| JunitError::new(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            waiting,
            suite,
            cases: Writer::new(BufWriter::new(file)),
            tests: 0,
            failures: 0,
            errors: 0,
            skipped: 0,
            seconds: 0.0,
        })
    }

    pub fn result(&mut self, item: &Item) -> Result<(), JunitError> {
        let written = match item {
            Item::Delivery(item) => self.delivery(item),
            Item::Skipped(item) => self.skip(item),
            Item::Case(item) => self.checked(item),
            Item::CheckSummary(_) => self.finish(),
            Item::Summary(item) => self.not_sent(item.not_sent.unwrap_or(0)).and_then(|()| self.finish()),
            _ => Ok(()),
        };
        written.map_err(|error| JunitError::new(&self.path, error))
    }

    fn delivery(&mut self, item: &DeliveryItem) -> io::Result<()> {
        let seconds: f64 = item.attempts.iter().map(|attempt| attempt.duration_ms / 1000.0).sum();
        let name = [item.event_type.as_deref(), item.event_id.as_deref()];
        let name: Vec<&str> = name.into_iter().flatten().collect();
        self.seconds += seconds;
        let problem = match (item.ok, &item.response) {
            (true, _) => None,
            (false, Some(_)) => {
                self.failures += 1;
                Some("failure")
            }
            (false, None) => {
                self.errors += 1;
                Some("error")
            }
        };
        let message = item.unmet.join("; ");
        self.case(
            item.provider.as_deref().unwrap_or("unknown"),
            item.origin,
            &name.join(" "),
            seconds,
            problem.map(|kind| (kind, message.as_str())),
        )
    }

    fn skip(&mut self, item: &SkippedItem) -> io::Result<()> {
        self.skipped += 1;
        self.case("unknown", item.origin, "", 0.0, Some(("skipped", &item.reason)))
    }

    fn checked(&mut self, item: &CaseItem) -> io::Result<()> {
        self.tests += 1;
        let took = item.answered.iter().filter_map(|answered| answered.duration_ms);
        let seconds = took.sum::<f64>() / 1000.0;
        self.seconds += seconds;
        let problem = match item.outcome {
            Outcome::Fail if !item.known => {
                self.failures += 1;
                Some("failure")
            }
            Outcome::Unseen | Outcome::Skipped => {
                self.skipped += 1;
                Some("skipped")
            }
            _ => None,
        };
        let problem = problem.map(|kind| (kind, item.reason.as_str()));
        self.write_case(item.family.name(), &item.name, seconds, problem)
    }

    /// One case stands for all that had no turn, so that their report is not taken for a whole one.
    fn not_sent(&mut self, count: u64) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        self.skipped += 1;
        let reason = match count {
            1 => "1 request was not sent".to_owned(),
            _ => format!("{count} requests were not sent"),
        };
        self.tests += 1;
        self.write_case("unknown", "not sent", 0.0, Some(("skipped", &reason)))
    }

    fn case(
        &mut self,
        class: &str,
        origin: RequestOrigin,
        name: &str,
        seconds: f64,
        problem: Option<(&str, &str)>,
    ) -> io::Result<()> {
        self.tests += 1;
        let number = match (origin.capture, origin.record) {
            (Some(capture), _) => format!("capture {capture}"),
            (None, Some(record)) => format!("request {record}"),
            (None, None) => format!("delivery {}", self.tests),
        };
        let turn = origin.turn.map_or_else(String::new, |turn| format!(" turn {turn}"));
        let name = format!("{number}{turn} {name}");
        self.write_case(class, name.trim(), seconds, problem)
    }

    fn write_case(&mut self, class: &str, name: &str, seconds: f64, problem: Option<(&str, &str)>) -> io::Result<()> {
        let mut case = BytesStart::new("testcase");
        case.push_attribute(("classname", line(class).as_str()));
        case.push_attribute(("name", line(name).as_str()));
        case.push_attribute(("time", format!("{seconds:.6}").as_str()));
        let Some((kind, message)) = problem else {
            return self.cases.write_event(Event::Empty(case));
        };
        let message = line(message);
        let mut inner = BytesStart::new(kind);
        inner.push_attribute(("message", message.as_str()));
        self.cases.write_event(Event::Start(case))?;
        self.cases.write_event(Event::Start(inner))?;
        self.cases.write_event(Event::Text(BytesText::new(&message)))?;
        self.cases.write_event(Event::End(BytesEnd::new(kind)))?;
        self.cases.write_event(Event::End(BytesEnd::new("testcase")))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.cases.get_mut().flush()?;
        let mut out = BufWriter::new(File::create(&self.path)?);
        let counts = format!(
            r#"tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.6}""#,
            self.tests, self.failures, self.errors, self.skipped, self.seconds
        );
        let suite = self.suite;
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<testsuites {counts}><testsuite name="{suite}" {counts}>"#)?;
        let mut cases = File::open(&self.waiting)?;
        cases.rewind()?;
        io::copy(&mut BufReader::new(cases), &mut out)?;
        writeln!(out, "</testsuite></testsuites>")?;
        out.flush()
    }
}

impl Drop for Junit {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.waiting);
    }
}
