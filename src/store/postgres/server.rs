//! Which server, which database, which schema, and how it is reached.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use url::Url;

/// The schema where none is named.
const SCHEMA: &str = "ckwh";
/// The longest name that PostgreSQL keeps whole, in bytes.
const LONGEST_NAME: usize = 63;
/// How long a connection may take to be made, unless the URL says it.
const CONNECT: Duration = Duration::from_secs(5);
/// How long what was sent may be without an answer of the other machine's.
const SILENT: Duration = Duration::from_secs(15);
/// After how long an idle connection is looked after.
const IDLE: Duration = Duration::from_secs(30);

/// A PostgreSQL database, and the schema in it. It shows no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: Tls,
    pub(super) schema: String,
    /// Whether a commit that is not on the disk is taken for one.
    pub(super) may_lose: bool,
}

/// How far the server's certificate counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Whatever the server shows.
    Unchecked,
    /// One of its host's name, issued by those of the system.
    System,
    /// One of its host's name, issued by those of a file in PEM.
    File(PathBuf),
}

/// What is wrong with a URL of a PostgreSQL database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// It is no URL.
    #[error("the store's URL can't be read: {0}; write postgres://USER@HOST:PORT/DATABASE")]
    Url(String),
    /// No host.
    #[error("the store's URL names no host; write postgres://USER@HOST:PORT/DATABASE")]
    NoHost,
    /// A parameter that is not known, or its value.
    #[error(
        "the store's URL: {0}; known are schema, sslmode, sslrootcert, connect_timeout, options, target_session_attrs and application_name"
    )]
    Parameter(String),
    /// A mode of TLS that is not known.
    #[error("the store's URL: sslmode is disable, prefer, require or verify-full, and not `{}`", .0.escape_debug())]
    SslMode(String),
    /// A name that no schema has.
    #[error("`{}` is no name of a schema: give 1 to 63 letters, digits and _, and no digit first", .0.escape_debug())]
    Schema(String),
}

impl Server {
    /// Reads a URL. Where it names no `sslmode`, the certificate of a server on another machine is checked.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn parse(text: &str) -> Result<Self, ServerError> {
        let Parts {
            plain,
            mode,
            root,
            schema,
        } = parts(text)?;
        let parameter = |error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            ServerError::Parameter(cause.unwrap_or_else(|| error.to_string()))
        };
        let mut config = tokio_postgres::Config::from_str(&plain).map_err(parameter)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(ServerError::NoHost);
        }
        if config.get_application_name().is_none() {
            config.application_name("ckwh");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.tcp_user_timeout(SILENT).keepalives_idle(IDLE);
        let is_near =
            config.get_hosts().iter().all(is_near) && config.get_hostaddrs().iter().all(|ip| ip.is_loopback());
        let checked = root.map_or(Tls::System, Tls::File);
        let (ssl, tls) = match mode.as_deref() {
            None if is_near => (SslMode::Prefer, Tls::Unchecked),
            Some("disable") => (SslMode::Disable, Tls::Unchecked),
            Some("allow" | "prefer") => (SslMode::Prefer, Tls::Unchecked),
            Some("require") => match checked {
                // As libpq has it: a CA that is named is asked.
                Tls::File(_) => (SslMode::Require, checked),
                _ => (SslMode::Require, Tls::Unchecked),
            },
            None | Some("verify-ca" | "verify-full") => (SslMode::Require, checked),
            Some(other) => return Err(ServerError::SslMode(other.to_owned())),
        };
        config.ssl_mode(ssl);
        let server = Self {
            config,
            tls,
            schema: SCHEMA.to_owned(),
            may_lose: false,
        };
        match schema {
            Some(schema) => server.in_schema(&schema),
            None => Ok(server),
        }
    }

    /// The same in another schema.
    ///
    /// # Errors
    /// [`ServerError::Schema`].
    pub fn in_schema(mut self, schema: &str) -> Result<Self, ServerError> {
        let is_name = schema.len() <= LONGEST_NAME
            && schema.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && schema.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name || schema.starts_with("pg_") {
            return Err(ServerError::Schema(schema.to_owned()));
        }
        schema.clone_into(&mut self.schema);
        Ok(self)
    }

    /// The same with a password, unless the URL has one.
    #[must_use]
    pub fn or_password(mut self, password: Option<&[u8]>) -> Self {
        if let Some(password) = password.filter(|_| !self.has_password()) {
            self.config.password(password);
        }
        self
    }

    /// The same as a user, unless the URL names one.
    #[must_use]
    pub fn or_user(mut self, user: Option<&str>) -> Self {
        if let Some(user) = user.filter(|_| self.config.get_user().is_none()) {
            self.config.user(user);
        }
        self
    }

    /// The same, where a server that answers before a commit is on its disk may keep what arrives.
    #[must_use]
    pub fn may_lose(mut self) -> Self {
        self.may_lose = true;
        self
    }

    /// Whether the URL holds a password.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// The first host's name, its port, the database and the user, as a file of passwords has them.
    pub fn place(&self) -> (String, u16, String, String) {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            // As libpq has it.
            _ => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let user = self.config.get_user().unwrap_or_default().to_owned();
        let database = self.config.get_dbname().unwrap_or(&user).to_owned();
        (host, port, database, user)
    }

    /// The schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }
}

fn is_near(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// What stands in a URL beside what the client reads.
struct Parts {
    plain: String,
    mode: Option<String>,
    /// The file of CAs.
    root: Option<PathBuf>,
    schema: Option<String>,
}

fn parts(text: &str) -> Result<Parts, ServerError> {
    // Several hosts are no URL to the standard, so that only what stands behind `?` is read here.
    let (before, query) = match text.split_once('?') {
        Some((before, query)) => (before, query),
        None => (text, ""),
    };
    if !before.contains(',')
        && let Err(error) = Url::parse(before)
        && error != url::ParseError::EmptyHost
    {
        return Err(ServerError::Url(error.to_string()));
    }
    let (mut mode, mut root, mut schema) = (None, None, None);
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "sslmode" => mode = Some(value.into_owned()),
            "schema" => schema = Some(value.into_owned()),
            "sslrootcert" if value == "system" => {}
            "sslrootcert" => root = Some(PathBuf::from(value.into_owned())),
            _ => drop(kept.append_pair(&name, &value)),
        }
    }
    // A space is %20 here: a + stands for itself.
    let kept = kept.finish().replace('+', "%20");
    let plain = match kept.as_str() {
        "" => before.to_owned(),
        kept => format!("{before}?{kept}"),
    };
    Ok(Parts {
        plain,
        mode,
        root,
        schema,
    })
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (.., database, user) = self.place();
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        });
        let ports = self.config.get_ports();
        let places: Vec<String> = hosts
            .enumerate()
            .map(|(at, host)| match ports.get(at).or(ports.last()) {
                None | Some(5432) => host,
                Some(port) => format!("{host}:{port}"),
            })
            .collect();
        let at = if user.is_empty() { "" } else { "@" };
        let shown = format!("postgres://{user}{at}{}/{database}", places.join(","));
        f.write_str(&shown.escape_debug().to_string())?;
        match self.schema.as_str() {
            SCHEMA => Ok(()),
            schema => write!(f, " (schema {schema})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_another_machine_is_verified_unless_another_mode_is_written() {
        for (url, mode, tls) in [
            ("postgres://u@localhost/d", SslMode::Prefer, Tls::Unchecked),
            ("postgres://u@127.0.0.1:5433/d", SslMode::Prefer, Tls::Unchecked),
            ("postgres://u@[::1]/d", SslMode::Prefer, Tls::Unchecked),
            ("postgresql://u@%2Frun%2Fpg/d", SslMode::Prefer, Tls::Unchecked),
            ("postgres://u@db.test/d", SslMode::Require, Tls::System),
            ("postgres://u@localhost,db.test/d", SslMode::Require, Tls::System),
            (
                "postgres://u@db.test/d?sslmode=disable",
                SslMode::Disable,
                Tls::Unchecked,
            ),
            (
                "postgres://u@db.test/d?sslmode=require",
                SslMode::Require,
                Tls::Unchecked,
            ),
            (
                "postgres://u@db.test/d?sslmode=verify-full",
                SslMode::Require,
                Tls::System,
            ),
            (
                "postgres://u@localhost/d?sslmode=verify-full&sslrootcert=/a%20b.pem",
                SslMode::Require,
                Tls::File("/a b.pem".into()),
            ),
        ] {
            let server = Server::parse(url).unwrap();
            assert_eq!((server.config.get_ssl_mode(), &server.tls), (mode, &tls), "{url}");
        }
    }

    #[test]
    fn it_shows_no_password_and_no_parameter() {
        let server = Server::parse("postgres://me:pw-1@h.test:6000/d?options=-c%20x%3Dpw-2").unwrap();
        assert_eq!(server.to_string(), "postgres://me@h.test:6000/d");
        assert!(!format!("{server:?}").contains("pw-1"));
        let server = Server::parse("postgres://me@h.test/d?schema=b").unwrap();
        assert_eq!(server.to_string(), "postgres://me@h.test/d (schema b)");
        assert_eq!(server.place(), ("h.test".into(), 5432, "d".into(), "me".into()));
    }

    #[test]
    fn what_can_not_be_used_is_an_error() {
        for url in [
            "postgres:///d",
            "postgres://u@h/d?sslmode=maybe",
            "postgres://u@h/d?colour=red",
            "postgres://u@h:x/d",
        ] {
            assert!(Server::parse(url).is_err(), "{url}");
        }
        for schema in ["", "a b", "a\"b", "1a", "pg_x", &"a".repeat(64)] {
            let server = Server::parse("postgres://u@h/d").unwrap();
            assert!(server.in_schema(schema).is_err(), "{schema}");
        }
    }
}
