//! Errors of PostgreSQL and of the way to it, as a user is told them.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::Server;
use crate::store::{Location, StoreError};

/// That a server takes no writes.
pub const READ_ONLY: &str = "it takes no writes: it is a standby, or read-only; name the one that takes them, or all hosts with ?target_session_attrs=read-write";

/// What a failure means for the connection that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is gone, or of no use any more.
    Connection,
    /// A day has no partition.
    NoDay,
    /// What was written is there already.
    Twice,
    /// The statement alone.
    Statement,
}

/// What a failure means for the connection.
pub fn fault(error: &Error) -> Fault {
    let Some(code) = error.code() else {
        return Fault::Connection;
    };
    match *code {
        SqlState::CHECK_VIOLATION | SqlState::UNDEFINED_TABLE => Fault::NoDay,
        SqlState::UNIQUE_VIOLATION => Fault::Twice,
        // A standby stays one for this connection; what may write is found by a new one.
        SqlState::READ_ONLY_SQL_TRANSACTION
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::IDLE_SESSION_TIMEOUT
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Fault::Connection,
        _ => match code.code().get(..2) {
            Some("08") => Fault::Connection,
            _ => Fault::Statement,
        },
    }
}

/// An error as a user is told it.
pub fn told(server: &Server, error: &Error) -> StoreError {
    StoreError {
        store: Location::Postgres(Box::new(server.clone())),
        problem: problem(server, error),
        retry: fault(error) != Fault::Connection,
        passes: passes(error),
    }
}

/// Whether the server may be back by itself: it starts anew, another takes its place, its disk or its connections are
/// full.
fn passes(error: &Error) -> bool {
    match error.code() {
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => true,
        Some(code) => matches!(code.code().get(..2), Some("08" | "40" | "53" | "55" | "57")),
        None => error.is_closed() || of_io(error).is_some_and(|error| error.kind() != io::ErrorKind::InvalidData),
    }
}

/// The error of the network, where it is one.
fn of_io(error: &Error) -> Option<&io::Error> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

/// That it can't be used, in a sentence.
pub fn refused(server: &Server, problem: impl Into<String>) -> StoreError {
    StoreError::refused(Location::Postgres(Box::new(server.clone())), problem)
}

fn problem(server: &Server, error: &Error) -> String {
    let user = server.config.get_user().unwrap_or_default().escape_debug().to_string();
    if let Some(code) = error.code() {
        return of_server(&user, code, error);
    }
    if let Some(error) = of_io(error) {
        return of_network(error);
    }
    let text = match error.source() {
        Some(source) => source.to_string(),
        None => error.to_string(),
    };
    match text.as_str() {
        "password missing" => format!(
            "the server asks for the password of {user}; set PGPASSWORD, write it into ~/.pgpass, or name a file with --store-password-file"
        ),
        "server does not support TLS" => {
            "the server speaks no TLS, which is wanted off this machine; set it up, or write ?sslmode=disable into the URL where the network is yours".to_owned()
        }
        _ if error.is_closed() => "the connection was lost".to_owned(),
        "connection timed out" => "it does not answer; check the host, the port and the firewall".to_owned(),
        _ => text.escape_debug().to_string(),
    }
}

fn of_network(error: &io::Error) -> String {
    let text = error.to_string().escape_debug().to_string();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nobody is there: the connection was refused; is the server running?".into()
        }
        io::ErrorKind::InvalidData if text.contains("certificate") => {
            format!("the server's certificate is not accepted ({text}); name its CA with ?sslrootcert=FILE in the URL")
        }
        io::ErrorKind::TimedOut => "it does not answer; check the host, the port and the firewall".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            "the connection was lost".into()
        }
        _ => format!("it can't be reached: {text}"),
    }
}

fn of_server(user: &str, code: &SqlState, error: &Error) -> String {
    let said = error
        .as_db_error()
        .map(|error| error.message().escape_debug().to_string());
    let said = said.unwrap_or_default();
    match *code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => format!(
            "the server does not let {user} in ({said}); the password is looked for in PGPASSWORD, ~/.pgpass and --store-password-file"
        ),
        SqlState::INVALID_CATALOG_NAME => {
            format!("there is no such database ({said}); make it with createdb, or name another with --store")
        }
        SqlState::INSUFFICIENT_PRIVILEGE => {
            format!("{user} may not do that ({said}); docs/team.md says what a writer and a reader are granted")
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => READ_ONLY.into(),
        SqlState::DISK_FULL => "the server's disk is full; make room and it goes on".into(),
        SqlState::TOO_MANY_CONNECTIONS => {
            "the server has no connection left; raise max_connections, or end other sessions".into()
        }
        SqlState::QUERY_CANCELED => {
            format!("the server gave the statement up ({said}); raise statement_timeout for {user}")
        }
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW => {
            format!("the server is going down or starting ({said})")
        }
        SqlState::LOCK_NOT_AVAILABLE | SqlState::T_R_DEADLOCK_DETECTED => {
            format!("another session held it for too long ({said})")
        }
        _ => format!("{said} ({})", code.code()),
    }
}
