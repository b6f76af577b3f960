//! Where deliveries go, read from the many ways of typing it.

use std::fmt;

use url::{Host, Url};

/// Why a target is none.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a target: {problem}; give a port (3000), localhost:3000/hooks or a URL", target.escape_debug())]
pub struct EndpointError {
    target: String,
    problem: String,
}

/// A URL that messages are delivered to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    host_header: String,
    /// As it was given, where the URL has it otherwise: without `..`, say.
    target: String,
    /// Whether the path is the one that `parse` was given to fall back on.
    pub default_path: bool,
}

impl Endpoint {
    /// Reads `3000`, `localhost:3000`, `localhost:3000/hooks` or a URL; without a scheme it is http, without a path it
    /// gets `default_path`. `/` at the end means the root.
    ///
    /// # Errors
    /// [`EndpointError`], for credentials in it too, since they would end up in every report.
    pub fn parse(target: &str, default_path: &str) -> Result<Self, EndpointError> {
        let wrong = |problem: String| EndpointError {
            target: target.to_owned(),
            problem,
        };
        let text = match target {
            "" => return Err(wrong("it is empty".into())),
            _ if target.bytes().all(|byte| byte.is_ascii_digit()) => format!("http://localhost:{target}"),
            _ if target.starts_with(':') || target.starts_with('/') => format!("http://localhost{target}"),
            _ if target.contains("://") => target.to_owned(),
            _ => format!("http://{target}"),
        };
        let mut url = Url::parse(&text).map_err(|error| wrong(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong(format!("{} is neither http nor https", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError {
                target: format!("{}://…@{}", url.scheme(), url.host_str().unwrap_or_default()),
                problem: "it holds a user name or password, which go into -H 'Authorization: …'".into(),
            });
        }
        url.set_fragment(None);
        let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
        let default_path_used = !after_scheme.contains('/');
        if default_path_used {
            url.set_path(default_path);
        }
        Ok(Self::of(url, default_path_used))
    }

    fn of(url: Url, default_path: bool) -> Self {
        let host = url.host_str().unwrap_or_default();
        let host_header = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Self {
            url,
            host_header,
            target,
            default_path,
        }
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The same endpoint for another path and query, given as a request line has them.
    pub fn with_target(&self, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let mut url = self.url.clone();
        url.set_path(path);
        url.set_query(query);
        let tidied = Self::of(url, false);
        if target.starts_with('/') || target == "*" {
            Self {
                target: target.to_owned(),
                ..tidied
            }
        } else {
            tidied
        }
    }

    /// Where a request for `target` goes: to the request's own path where this endpoint has none, else to this one's, with
    /// the request's query.
    pub fn toward(&self, target: &str) -> Self {
        if self.default_path {
            return self.with_target(target);
        }
        let own = &self.target;
        match target.split_once('?') {
            None => self.clone(),
            Some((_, query)) if own.contains('?') => self.with_target(&format!("{own}&{query}")),
            Some((_, query)) => self.with_target(&format!("{own}?{query}")),
        }
    }

    /// The URL with the target as it is given, and not tidied; one that is no path, such as the `*` of OPTIONS, has no
    /// place in it.
    pub fn untidied(&self) -> String {
        let target = if self.target.starts_with('/') {
            self.target.as_str()
        } else {
            ""
        };
        format!("{}://{}{target}", self.url.scheme(), self.host_header)
    }

    /// Whether it is served over TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Whether it is this machine, without TLS: what limits many deliveries there is what a client spends on each.
    pub fn is_plain_loopback(&self) -> bool {
        self.is_loopback() && !self.is_https()
    }

    /// The `Host` header: the port is left out where it is the scheme's own.
    pub fn host_header(&self) -> &str {
        &self.host_header
    }

    /// The path and query of the request line.
    pub fn target(&self) -> &str {
        &self.target
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_typed() {
        for (target, url, default_path) in [
            ("3000", "http://localhost:3000/hook", true),
            ("localhost:3000", "http://localhost:3000/hook", true),
            ("localhost:3000/", "http://localhost:3000/", false),
            ("localhost:3000/hooks?a=b", "http://localhost:3000/hooks?a=b", false),
            ("localhost:3000?a=b", "http://localhost:3000/hook?a=b", true),
            (":8080/x", "http://localhost:8080/x", false),
            ("127.0.0.1:80", "http://127.0.0.1/hook", true),
            ("[::1]:3000", "http://[::1]:3000/hook", true),
            ("https://example.com", "https://example.com/hook", true),
            ("example.com/x#y", "http://example.com/x", false),
        ] {
            let endpoint = Endpoint::parse(target, "/hook").unwrap();
            assert_eq!(
                (endpoint.to_string().as_str(), endpoint.default_path),
                (url, default_path),
                "{target}"
            );
        }
    }

    #[test]
    fn what_is_no_target_says_so() {
        for target in [
            "",
            "99999",
            "ftp://x",
            "http://",
            "localhost:port",
            "http://[::1",
            "a b",
        ] {
            assert!(Endpoint::parse(target, "/").is_err(), "{target}");
        }
        let error = Endpoint::parse("https://me:hunter2@example.com", "/")
            .unwrap_err()
            .to_string();
        assert!(!error.contains("hunter2") && error.contains("Authorization"), "{error}");
    }

    #[test]
    fn a_target_is_kept_as_it_came() {
        let endpoint = Endpoint::parse("3000", "/").unwrap();
        for (target, url) in [
            ("/../%2e%2e/a?b=..", "http://localhost:3000/../%2e%2e/a?b=.."),
            ("/a", "http://localhost:3000/a"),
            ("*", "http://localhost:3000"),
        ] {
            let toward = endpoint.toward(target);
            assert_eq!((toward.target(), toward.untidied().as_str()), (target, url));
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        for (target, expected) in [
            ("3000", true),
            ("127.9.9.9", true),
            ("[::1]", true),
            ("app.localhost", true),
            ("10.0.0.1", false),
            ("localhost.example.com", false),
        ] {
            assert_eq!(
                Endpoint::parse(target, "/").unwrap().is_loopback(),
                expected,
                "{target}"
            );
        }
    }
}
