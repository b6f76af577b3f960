//! Programs that a user names to look at a handler's effects and to undo them: no shell, no secrets, bounded output, and
//! a process group that ends with the check.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::groups::{Group, Groups};

/// How long one run may take.
const LONGEST: Duration = Duration::from_secs(30);
/// How much of what it prints is read, in bytes.
const MOST: u64 = 1024 * 1024;

/// The words of a command line, and the variables that its environment must not have.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Program {
    /// The program and its arguments. `{id}` in one stands for an event's id.
    pub words: Vec<String>,
    /// The names of variables that hold secrets.
    pub without: Vec<String>,
}

/// Why a program showed nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// There is no word in the command line.
    #[error("the command is empty")]
    Empty,
    /// It could not be started, or its output could not be read.
    #[error("{program}: {source}")]
    Run {
        /// The first word.
        program: String,
        /// The system's.
        source: io::Error,
    },
    /// It failed.
    #[error("{program} ended with {status}{}", said(.stderr))]
    Failed {
        /// The first word.
        program: String,
        /// The system's words for it.
        status: String,
        /// The last line that it wrote to standard error.
        stderr: String,
    },
    /// It took too long.
    #[error("{0} took longer than 30 s and was ended")]
    Late(String),
    /// It printed too much.
    #[error("{0} printed more than 1 MiB")]
    Long(String),
}

fn said(stderr: &str) -> String {
    match stderr {
        "" => String::new(),
        text => format!(": {text}"),
    }
}

impl Program {
    /// A program of these words.
    pub fn new(words: Vec<String>, without: Vec<String>) -> Self {
        Self { words, without }
    }

    /// Runs it; gives what it printed.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(super) async fn run(&self, id: &str, groups: &Groups) -> Result<String, ProgramError> {
        let words: Vec<String> = self.words.iter().map(|word| word.replace("{id}", id)).collect();
        let (program, arguments) = words.split_first().ok_or(ProgramError::Empty)?;
        let failed = |source| ProgramError::Run {
            program: program.clone(),
            source,
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Group::begin(&mut command);
        for name in &self.without {
            command.env_remove(name);
        }
        let mut child = command.spawn().map_err(failed)?;
        let group = Group::of(&child);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let ended = timeout(LONGEST, async {
            let (stdout, stderr) = tokio::join!(read(out), read(err));
            Ok((stdout?, stderr?, child.wait().await?))
        });
        let ended = ended.await;
        match &ended {
            Err(_) => group.end(),
            Ok(_) => groups.keep(group),
        }
        let (stdout, stderr, status) = ended
            .map_err(|_| ProgramError::Late(program.clone()))?
            .map_err(failed)?;
        if stdout.len() as u64 > MOST {
            return Err(ProgramError::Long(program.clone()));
        }
        if !status.success() {
            let stderr = String::from_utf8_lossy(&stderr);
            return Err(ProgramError::Failed {
                program: program.clone(),
                status: status.to_string(),
                stderr: stderr.lines().last().unwrap_or_default().chars().take(200).collect(),
            });
        }
        Ok(String::from_utf8_lossy(&stdout).into_owned())
    }
}

/// What comes, up to a byte more than is allowed.
async fn read(from: Option<impl tokio::io::AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(MOST + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}
