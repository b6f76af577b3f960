//! A jq filter in a process of its own: one that recurses without end, or fills the memory, ends that process alone.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ckwh::delivery::BodyTest;
use ckwh::replay::{BodyFilter, BodyFilterError};
use ckwh::store::{Filter, FilterError};

/// The first argument of the process that filters: nothing that a user types.
const ROLE: &str = "\u{1}filter";
/// How long one body may take.
const LONGEST: Duration = Duration::from_secs(10);
/// How much memory the process may have, in bytes: many times the largest body.
#[cfg(unix)]
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;
/// The stack that a filter recurses on, in bytes.
const STACK: usize = 256 * 1024 * 1024;
/// Answers of the process.
const YES: u8 = b'1';
const NO: u8 = b'0';
const NO_FILTER: u8 = b'e';

/// Says which bodies a filter means.
pub struct FilterProcess {
    text: String,
    child: Child,
    bodies: ChildStdin,
    answers: Receiver<u8>,
}

impl FilterProcess {
    /// Begins to filter by `text`.
    pub fn start(text: &str) -> Result<Self, BodyFilterError> {
        let mut child = std::env::current_exe()
            .and_then(|program| {
                Command::new(program)
                    .arg(ROLE)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
            })
            .map_err(BodyFilterError::Start)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (bodies, mut stdout) = pipes.ok_or_else(|| BodyFilterError::Start(io::Error::other("it has no pipes")))?;
        let (sender, answers) = channel();
        thread::spawn(move || {
            let mut answer = [0];
            while stdout.read_exact(&mut answer).is_ok() && sender.send(answer[0]).is_ok() {}
        });
        let mut process = Self {
            text: text.to_owned(),
            child,
            bodies,
            answers,
        };
        match process.ask(text.as_bytes())? {
            NO_FILTER => Err(FilterError::new(text).into()),
            _ => Ok(process),
        }
    }

    fn ask(&mut self, bytes: &[u8]) -> Result<u8, BodyFilterError> {
        let sent = self
            .bodies
            .write_all(&(bytes.len() as u64).to_le_bytes())
            .and_then(|()| self.bodies.write_all(bytes))
            .and_then(|()| self.bodies.flush());
        let ended = || BodyFilterError::Ended(self.text.clone());
        sent.map_err(|_| ended())?;
        self.answers.recv_timeout(LONGEST).map_err(|error| match error {
            RecvTimeoutError::Disconnected => ended(),
            RecvTimeoutError::Timeout => BodyFilterError::Slow(self.text.clone(), LONGEST),
        })
    }
}

impl BodyFilter for FilterProcess {
    fn matches(&mut self, body: &[u8]) -> Result<bool, BodyFilterError> {
        self.ask(body).map(|answer| answer == YES)
    }
}

/// A filter that an answer must say yes to.
pub struct AnswerTest {
    text: String,
    process: Mutex<FilterProcess>,
}

impl AnswerTest {
    pub fn start(text: &str) -> Result<Self, BodyFilterError> {
        Ok(Self {
            text: text.to_owned(),
            process: Mutex::new(FilterProcess::start(text)?),
        })
    }
}

impl fmt::Debug for AnswerTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnswerTest({:?})", self.text)
    }
}

impl BodyTest for AnswerTest {
    fn passes(&self, body: &[u8]) -> Result<bool, String> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.matches(body).map_err(|error| error.to_string())
    }

    fn text(&self) -> &str {
        &self.text
    }
}

impl Drop for FilterProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Filters, where this process was started to do so.
pub fn if_asked() -> Option<ExitCode> {
    (std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ROLE))).then(|| {
        bound();
        let work = thread::Builder::new().stack_size(STACK).spawn(filter);
        match work.map(thread::JoinHandle::join) {
            Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    })
}

/// Sets bounds to this process.
#[cfg(unix)]
fn bound() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = |bytes| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    let _ = setrlimit(Resource::As, most(MEMORY));
    let _ = setrlimit(Resource::Core, most(0));
}

#[cfg(not(unix))]
fn bound() {}

fn filter() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut answer = |answer: u8| output.write_all(&[answer]).and_then(|()| output.flush());
    let Some(text) = next(&mut input)? else { return Ok(()) };
    let Ok(filter) = Filter::parse(&String::from_utf8_lossy(&text)) else {
        return answer(NO_FILTER);
    };
    answer(YES)?;
    while let Some(body) = next(&mut input)? {
        answer(if filter.matches(&body) { YES } else { NO })?;
    }
    Ok(())
}

/// The next text or body; `None` at the end.
fn next(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    if input.read_exact(&mut length).is_err() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    input.take(u64::from_le_bytes(length)).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
