//! Waits until something was added.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often it is looked where nobody tells.
const POLL: Duration = Duration::from_millis(150);
/// How often it is looked all the same: what was told may be lost.
const POLL_TOLD: Duration = Duration::from_secs(1);

/// Says when it is time to look for captures that were added, by whatever process.
#[derive(Debug)]
pub struct Watch {
    /// Told after commits; `None` where the backend tells nothing.
    told: Option<Receiver<()>>,
}

impl Watch {
    pub(super) fn new(told: Option<Receiver<()>>) -> Self {
        Self { told }
    }

    /// Blocks this thread until something may have been added, for at most a second.
    pub fn wait(&mut self) {
        let Some(told) = &self.told else {
            thread::sleep(POLL);
            return;
        };
        match told.recv_timeout(POLL_TOLD) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            // The connection is gone: it is looked without being told from now on.
            Err(RecvTimeoutError::Disconnected) => self.told = None,
        }
    }
}
