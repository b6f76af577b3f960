//! Threads that own a connection: one answers what is asked of it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, oneshot};

use super::Server;
use super::error::refused;
use super::run::OutcomeWriter;
use super::session::Session;
use super::share::ShareThread;
use super::watch::watch;
use super::writer;
use crate::store::run::{Lock, RunWriter};
use crate::store::share::{Share, Sharing};
use crate::store::writer::Writer;
use crate::store::{Claim, Location, StoreError, Watch};

/// How long a server that is away is waited for where work would be lost else.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long is waited before the first new try; each time twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The thread's connection, which it makes when it has none.
struct Held {
    server: Arc<Server>,
    session: Option<Session>,
}

type Answering<'h> = Pin<Box<dyn Future<Output = ()> + 'h>>;
type Work = Box<dyn for<'h> FnOnce(&'h mut Held) -> Answering<'h> + Send>;

/// A way to a thread that works with a connection of its own. The last way to it that is dropped ends it.
#[derive(Debug, Clone)]
pub struct SessionThread(Arc<ThreadHandle>);

struct ThreadHandle {
    server: Arc<Server>,
    /// `None` once it is to end.
    sender: Mutex<Option<mpsc::UnboundedSender<Work>>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for ThreadHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ThreadHandle({})", self.server)
    }
}

impl Drop for ThreadHandle {
    /// Waits until the connection is closed.
    fn drop(&mut self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Held {
    /// A connection; a new one where the last was lost, so that what is read once more finds a server that is back.
    async fn session(&mut self) -> Result<&mut Session, StoreError> {
        let session = match self.session.take() {
            Some(session) if !session.is_closed() => session,
            _ => Session::open(&self.server).await?,
        };
        Ok(self.session.insert(session))
    }
}

impl SessionThread {
    /// Opens a store, with what is not as it should be, in sentences.
    pub async fn open(server: &Server) -> Result<(Self, Vec<String>), StoreError> {
        let server = Arc::new(server.clone());
        let (sender, mut work) = mpsc::unbounded_channel::<Work>();
        let mut held = Held {
            server: server.clone(),
            session: None,
        };
        let thread = spawn("database", &server, move |runtime| {
            runtime.block_on(async {
                while let Some(work) = work.recv().await {
                    work(&mut held).await;
                }
            });
        })?;
        let own = Self(Arc::new(ThreadHandle {
            server,
            sender: Mutex::new(Some(sender)),
            thread: Some(thread),
        }));
        let notes = own.ask(async |session| Ok(session.notes())).await?;
        Ok((own, notes))
    }

    /// Does `work` on the thread.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || refused(&self.0.server, "it is closed");
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |held| {
            Box::pin(async move {
                let done = match held.session().await {
                    Ok(session) => work(session).await,
                    Err(error) => Err(error),
                };
                let _ = answer.send(done);
            })
        });
        let sender = self.0.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sender.and_then(|sender| sender.send(work).ok()).ok_or_else(closed)?;
        answered.await.map_err(|_| closed())?
    }

    /// Which server it is.
    pub fn server(&self) -> &Arc<Server> {
        &self.0.server
    }

    /// Begins to keep what arrives, with a connection of its own.
    pub async fn writer(&self) -> Result<Writer, StoreError> {
        self.ask(async |session| session.check_durable()).await?;
        writer::start(&self.0.server)
    }

    /// Is told when something was added; what the server can't tell is looked for.
    pub async fn watch(&self) -> Watch {
        Watch::new(watch(&self.0.server).await.ok())
    }

    /// A share of a run, which begins to hold nothing.
    pub fn share(&self, run: i64) -> Result<Claim, StoreError> {
        let share = Share(Sharing::Postgres(ShareThread::start(&self.0.server, run)?));
        Ok(Claim {
            held: Lock::Shared(share),
        })
    }

    /// Begins to write what comes of a run's requests, with a connection of its own.
    pub async fn run_writer(&self, run: i64, at_once: usize) -> Result<RunWriter, StoreError> {
        let server = &self.0.server;
        let location = Location::Postgres(Box::new(server.as_ref().clone()));
        let writer = OutcomeWriter::new(runtime(server)?, server.clone(), run);
        RunWriter::start(&location, at_once, writer).map_err(|error| of_thread(server, &error))
    }
}

/// Does work on a thread that is there for it alone.
pub async fn once<T: Send + 'static, F: Future<Output = Result<T, StoreError>>>(
    server: &Server,
    work: impl FnOnce(Arc<Server>) -> F + Send + 'static,
) -> Result<T, StoreError> {
    let (answer, answered) = oneshot::channel();
    let own = Arc::new(server.clone());
    spawn("database", server, move |runtime| {
        drop(answer.send(runtime.block_on(work(own))))
    })?;
    answered.await.map_err(|_| refused(server, "it is closed"))?
}

/// Starts a thread that has a runtime of its own.
pub fn spawn(
    name: &str,
    server: &Server,
    work: impl FnOnce(Runtime) + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    let runtime = runtime(server)?;
    let thread = Builder::new().name(name.into()).spawn(move || work(runtime));
    thread.map_err(|error| of_thread(server, &error))
}

/// A runtime for one thread.
pub fn runtime(server: &Server) -> Result<Runtime, StoreError> {
    let made = runtime::Builder::new_current_thread().enable_all().build();
    made.map_err(|error| of_thread(server, &error))
}

pub fn of_thread(server: &Server, error: &std::io::Error) -> StoreError {
    refused(server, format!("there can be no thread for it: {error}"))
}

/// Waits between tries, each time twice as long, with some chance so that many do not try together.
#[derive(Debug)]
pub struct BackOff(Duration);

impl Default for BackOff {
    fn default() -> Self {
        Self(FIRST_WAIT)
    }
}

impl BackOff {
    /// How long to wait now.
    pub fn next(&mut self) -> Duration {
        let wait = self.0.mul_f64(0.5 + fastrand::f64() / 2.0);
        self.0 = (self.0 * 2).min(LONGEST_WAIT);
        wait
    }
}

/// Does work again and again while the server is away, for at most a minute.
pub fn patiently<T>(runtime: &Runtime, mut work: impl AsyncFnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let begun = Instant::now();
    let mut back_off = BackOff::default();
    runtime.block_on(async {
        loop {
            match work().await {
                Err(error) if error.passes && begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(back_off.next()).await;
                }
                done => return done,
            }
        }
    })
}
