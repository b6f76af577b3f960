//! A thread that owns a connection and answers what is asked of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{Builder, JoinHandle};

use tokio::sync::oneshot;

use super::Database;
use super::run::OutcomeWriter;
use super::writer;
use crate::store::run::RunWriter;
use crate::store::writer::{Tell, Writer};
use crate::store::{Location, StoreError};

/// The thread's connection, which it opens when it has none.
struct Held {
    path: PathBuf,
    database: Option<Database>,
}

type Work = Box<dyn FnOnce(&mut Held) + Send>;

/// A way to a thread that works with a connection of its own. The last way to it that is dropped ends it.
#[derive(Debug, Clone)]
pub struct DatabaseThread(Arc<ThreadHandle>);

#[derive(Debug)]
struct ThreadHandle {
    path: PathBuf,
    /// `None` once it is to end.
    sender: Mutex<Option<mpsc::Sender<Work>>>,
    thread: Option<JoinHandle<()>>,
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
    fn database(&mut self) -> Result<&mut Database, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => Database::open(&self.path)?,
        };
        Ok(self.database.insert(database))
    }
}

impl DatabaseThread {
    /// Opens the store at `path`, with what was not as it should be, in sentences.
    pub async fn open(path: &Path) -> Result<(Self, Vec<String>), StoreError> {
        let (sender, work) = mpsc::channel::<Work>();
        let mut held = Held {
            path: path.to_owned(),
            database: None,
        };
        let thread = Builder::new().name("database".into()).spawn(move || {
            while let Ok(work) = work.recv() {
                work(&mut held);
            }
        });
        let own = Self(Arc::new(ThreadHandle {
            path: path.to_owned(),
            sender: Mutex::new(Some(sender)),
            thread: Some(thread.map_err(|error| StoreError::io(path, &error))?),
        }));
        let notes = own.ask(|database| Ok(database.notes())).await?;
        Ok((own, notes))
    }

    /// Does `work` on the thread.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.put(|held| held.database().and_then(work)).await
    }

    /// Has the thread's connection keep what arrives.
    pub async fn writer(self, tell: Tell) -> Result<Writer, StoreError> {
        let database = self.put(|held| {
            held.database()?;
            held.database
                .take()
                .ok_or_else(|| StoreError::closed(held.path.as_path()))
        });
        writer::start(database.await?, tell).map_err(|error| StoreError::io(&self.0.path, &error))
    }

    /// Begins to write what comes of a run's requests, with a connection of its own.
    pub async fn run_writer(&self, run: i64, at_once: usize) -> Result<RunWriter, StoreError> {
        let writer = self
            .put(move |held| OutcomeWriter::start(Database::open(&held.path)?, run))
            .await?;
        let location = Location::from(self.0.path.as_path());
        RunWriter::start(&location, at_once, writer).map_err(|error| StoreError::io(&self.0.path, &error))
    }

    async fn put<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Held) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::closed(self.0.path.as_path());
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |held| drop(answer.send(work(held))));
        let sender = self.0.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sender.and_then(|sender| sender.send(work).ok()).ok_or_else(closed)?;
        answered.await.map_err(|_| closed())?
    }
}
