//! Where deliveries go, read from the many ways of typing it.

use std::borrow::Cow;
use std::fmt;

use url::{Host, Url};

use crate::exchange::credentials::Credentials;
use crate::message::Message;
use crate::suggest::has_typographic_quotes;

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
    /// gets `default_path`. `/` at the end means the root. What a URL parser would quietly make another host of is an
    /// error: a number that is no port and no four decimal parts, a single slash, a space.
    ///
    /// # Errors
    /// [`EndpointError`], for credentials in it too, since they would end up in every report.
    pub fn parse(target: &str, default_path: &str) -> Result<Self, EndpointError> {
        let wrong = |problem: String| EndpointError {
            target: without_credentials(target),
            problem,
        };
        let typed = Typed::split(target).map_err(|problem| wrong(problem.into_owned()))?;
        let Typed { scheme, behind, .. } = typed;
        let authority = typed.authority().map_err(|problem| wrong(problem.to_owned()))?;
        let mut url =
            Url::parse(&format!("{scheme}://{authority}{behind}")).map_err(|error| wrong(error.to_string()))?;
        check_host(&url, &authority).map_err(wrong)?;
        url.set_fragment(None);
        let default_path_used = !behind.starts_with('/');
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
        let target = path_and_query(&url);
        Self {
            url,
            host_header,
            target,
            default_path,
        }
    }

    /// The endpoint of a whole URL.
    pub(super) fn of_url(url: Url) -> Self {
        Self::of(url, false)
    }

    /// Where an answer's `Location` leads from here; `None` where HTTP does not go there. A user and a password in it are
    /// left out.
    pub(super) fn redirected(&self, location: &str) -> Option<Self> {
        let mut url = self.url.join(location).ok()?;
        let has_host = matches!(url.scheme(), "http" | "https") && url.has_host();
        url.set_fragment(None);
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        has_host.then(|| Self::of(url, false))
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL without its query, which may hold a credential: for messages.
    pub fn place(&self) -> &str {
        let url = self.url.as_str();
        url.split('?').next().unwrap_or(url)
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
        // What is no target, such as one with a space in it, goes out as the URL has it.
        let is_sent = target.bytes().all(|byte| byte.is_ascii_graphic());
        if is_sent && target.starts_with('/') || target == "*" {
            Self {
                target: target.to_owned(),
                ..tidied
            }
        } else {
            tidied
        }
    }

    /// Where `message` goes, which may name another path and query of this endpoint.
    pub(super) fn of_message(&self, message: &Message) -> Cow<'_, Self> {
        match &message.target {
            Some(target) if *target != self.target => Cow::Owned(self.with_target(target)),
            _ => Cow::Borrowed(self),
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
            Some(Host::Domain(name)) => is_localhost(name),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The path and query without `..`, and with what no URL holds written in another way.
    pub fn tidied_target(&self) -> String {
        path_and_query(&self.url)
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

fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// Whether `name` is this machine, whatever a resolver says (RFC 6761, section 6.3).
pub fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// A target in its parts, as it was typed.
struct Typed<'a> {
    scheme: &'a str,
    /// Whether the scheme was typed.
    is_url: bool,
    /// Host and port.
    authority: &'a str,
    /// Path, query and fragment.
    behind: &'a str,
}

impl<'a> Typed<'a> {
    fn split(target: &'a str) -> Result<Self, Cow<'static, str>> {
        let until = |text: &'a str, ends: &[char]| text.split_at(text.find(ends).unwrap_or(text.len()));
        if target.is_empty() {
            return Err("it is empty; is the variable in it set?".into());
        }
        if has_typographic_quotes(target) {
            return Err("it holds typographic quotes, as text processors make them; leave them out".into());
        }
        if target.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("it holds a space or a control character; in a path or a query a space is %20".into());
        }
        if until(target, &['?', '#']).0.contains('\\') {
            return Err("it holds a backslash".into());
        }
        let (head, tail) = until(target, &['/', '?', '#']);
        let (scheme, rest) = match (head.strip_suffix(':'), tail.strip_prefix("//")) {
            (Some(scheme), Some(rest)) => (Some(scheme), rest),
            _ => (None, target),
        };
        if let Some(other) = scheme.filter(|scheme| !is_http(scheme)) {
            return Err(format!("{} is neither http nor https", other.escape_debug()).into());
        }
        let (authority, behind) = until(rest, &['/', '?', '#']);
        Ok(Self {
            scheme: scheme.unwrap_or("http"),
            is_url: scheme.is_some(),
            authority,
            behind,
        })
    }

    /// Host and port, the host filled in where it was left out.
    fn authority(&self) -> Result<String, &'static str> {
        let authority = self.authority;
        if authority.contains('@') {
            return Err("it holds a user name or password, which go into -H 'Authorization: …'");
        }
        if authority.contains('%') {
            return Err("its host holds a %");
        }
        if authority.is_empty() {
            return Err("it names no host");
        }
        if self.is_url {
            return Ok(authority.to_owned());
        }
        let (host, port) = authority.split_once(':').unwrap_or((authority, "-"));
        if is_http(host) && port != "-" {
            return Err("two slashes follow the colon of a URL");
        }
        if port.is_empty() {
            return Err("no port follows the colon");
        }
        if host.is_empty() {
            return Ok(format!("localhost{authority}"));
        }
        if is_http(host) && self.behind.starts_with("//") {
            return Err("a colon and two slashes follow the scheme, as in http://localhost:3000");
        }
        if is_localhost(host) && port == "-" && is_port(self.behind) {
            return Err("a colon stands before a port, as in localhost:3000");
        }
        if authority.bytes().all(|byte| byte.is_ascii_digit()) {
            // A number that begins with 0 is octal elsewhere.
            return match authority.parse::<u16>() {
                Ok(1..) if !authority.starts_with('0') => Ok(format!("localhost:{authority}")),
                _ => Err("a number alone is a port, from 1 to 65535"),
            };
        }
        Ok(authority.to_owned())
    }
}

/// Whether what stands behind a host is a port behind a slash.
fn is_port(behind: &str) -> bool {
    let digits = behind.strip_prefix('/').unwrap_or_default();
    (4..=5).contains(&digits.len()) && digits.parse::<u16>().is_ok()
}

fn is_http(scheme: &str) -> bool {
    ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

/// Whether the host is the one that was typed, and no other writing of a number or of letters.
fn check_host(url: &Url, authority: &str) -> Result<(), String> {
    let typed = match authority.starts_with('[') {
        true => return Ok(()),
        false => authority.split(':').next().unwrap_or_default(),
    };
    match url.host() {
        Some(Host::Ipv4(address)) if address.to_string() != typed => Err(format!(
            "its host {typed} is a number and not four decimal parts, as 127.0.0.1 is; a port stands behind the host, as in localhost:3000"
        )),
        Some(Host::Domain(name)) if !name.eq_ignore_ascii_case(typed) && !name.contains("xn--") => {
            Err(format!("its host is another writing of {name}"))
        }
        Some(Host::Domain(name)) if !may_be_host(name) => Err(format!("{name} is no name of a host")),
        Some(_) => Ok(()),
        None => Err("it names no host".into()),
    }
}

/// Whether `name` has the characters of a host's name, and is no number with marks in it, as a mistyped port is.
fn may_be_host(name: &str) -> bool {
    let is_known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_number = |c: char| c.is_ascii_digit() || c == '_';
    name.chars().all(is_known) && !name.chars().all(is_number)
}

/// `target` without what may be a user name and a password, or another credential, for messages.
fn without_credentials(target: &str) -> String {
    let (before, behind) = target.rsplit_once('@').unwrap_or(("", target));
    let scheme = before
        .split_inclusive("://")
        .next()
        .filter(|scheme| scheme.ends_with("://"));
    let user = if behind.len() < target.len() { "…@" } else { "" };
    let behind = Credentials::default().mask_url(behind).into_owned();
    format!("{}{user}{behind}", scheme.unwrap_or_default())
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
            ("1", "http://localhost:1/hook", true),
            ("65535", "http://localhost:65535/hook", true),
            ("3000/hooks", "http://localhost:3000/hooks", false),
            ("3000/", "http://localhost:3000/", false),
            ("3000?a=b", "http://localhost:3000/hook?a=b", true),
            (
                "3000/a?u=http://x.test/y",
                "http://localhost:3000/a?u=http://x.test/y",
                false,
            ),
            ("localhost:3000", "http://localhost:3000/hook", true),
            ("localhost:3000/", "http://localhost:3000/", false),
            ("localhost:3000/hooks?a=b", "http://localhost:3000/hooks?a=b", false),
            ("localhost:3000?a=b", "http://localhost:3000/hook?a=b", true),
            ("localhost:3000?a=/b", "http://localhost:3000/hook?a=/b", true),
            ("localhost:3000/users/@me", "http://localhost:3000/users/@me", false),
            ("localhost/http:/x", "http://localhost/http:/x", false),
            ("localhost/300", "http://localhost/300", false),
            ("localhost:3000//x", "http://localhost:3000//x", false),
            (":8080/x", "http://localhost:8080/x", false),
            ("127.0.0.1:80", "http://127.0.0.1/hook", true),
            ("0.0.0.0:8080", "http://0.0.0.0:8080/hook", true),
            ("[::1]:3000", "http://[::1]:3000/hook", true),
            ("[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000/hook", true),
            ("https://example.com", "https://example.com/hook", true),
            ("HTTPS://Example.COM/X", "https://example.com/X", false),
            ("example.com/x#y", "http://example.com/x", false),
            ("app.localhost:3000", "http://app.localhost:3000/hook", true),
            ("3com.test", "http://3com.test/hook", true),
            ("bücher.example", "http://xn--bcher-kva.example/hook", true),
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
            " ",
            "0",
            "00",
            "99999",
            "65536",
            "03000",
            "ftp://x",
            "file:///etc/passwd",
            "file:/etc/passwd",
            "localhost:port",
            "localhost:99999",
            "localhost:",
            "localhost:/x",
            ":",
            ":/x",
            ":x",
            "http://[::1",
            "[::1]x",
            "localhost/3000",
            "http//localhost:3000",
            "“3000”",
        ] {
            assert!(Endpoint::parse(target, "/").is_err(), "{target}");
        }
    }

    /// Each of these is another host to the system's `inet_aton`.
    #[test]
    fn no_number_becomes_another_host() {
        let numbers = [
            "0x7f000001",
            "0x7F000001",
            "0x7f.1",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "0177.1",
            "017700000001",
            "2130706433",
            "4294967295",
            "127.1",
            "127.0.1",
            "1.2.3",
            "10.1",
            "010.0.0.1",
            "127.0.0.01",
            "127.0.0.1.",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.256",
            "0x",
            "1.2.3.0x4",
            "127.0.0.0x1",
            "a.1",
            "3000.",
        ];
        let ends = ["", ":3000", "/x", ":3000/x", "?a=b", "#a"];
        for number in numbers {
            for end in ends {
                for scheme in ["", "http://", "https://"] {
                    let target = format!("{scheme}{number}{end}");
                    assert!(Endpoint::parse(&target, "/").is_err(), "{target}");
                }
            }
        }
    }

    /// Each of these is another host to a URL parser.
    #[test]
    fn no_target_becomes_another_host() {
        for target in [
            "http://3000",
            "http://3000/hooks",
            "3000:80",
            "http:3000",
            "https:443",
            "http:/localhost",
            "https:/localhost",
            "http:localhost",
            "HTTP:localhost",
            "http:",
            "http:/",
            "http://",
            "http:///localhost",
            "http:////localhost",
            "https:///localhost:3000/x",
            "/path",
            "//localhost",
            "//evil.test/x",
            "/",
            "?a=b",
            "#x",
            "a b",
            "localhost:3000 x",
            "localhost:3000\tx",
            "localhost:3000\n",
            "\nlocalhost:3000",
            "local\thost:3000",
            " localhost",
            "localhost ",
            "localhost:3000\u{a0}x",
            "localhost\\@evil.test",
            "http:\\\\evil.test",
            "\\\\evil.test",
            "localhost:3000\\x",
            "@evil.test",
            "http://@evil.test",
            "user@evil.test",
            "localhost@evil.test/x",
            "localhost:3000@evil.test",
            "3000@evil.test",
            "user:@evil.test",
            "http://localhost:3000@evil.test",
            "%6cocalhost",
            "%31%32%37.1",
            "evil.test%00.localhost",
            "\u{ff11}\u{ff12}\u{ff17}.1",
            "\u{ff11}.2.3.4",
            "\u{ff4c}ocalhost",
            "local\u{ad}host:3000",
            "evil\u{3002}test",
        ] {
            assert!(Endpoint::parse(target, "/").is_err(), "{target}");
        }
    }

    #[test]
    fn an_error_says_what_to_type_and_no_password() {
        let error = |target: &str| Endpoint::parse(target, "/").unwrap_err().to_string();
        for target in ["0x7f000001", "127.1", "http://3000/hooks"] {
            let error = error(target);
            assert!(
                error.contains("four decimal parts") && error.contains("localhost:3000"),
                "{error}"
            );
        }
        for target in [
            "https://me:hunter2@example.com",
            "me:hunter2@example.com",
            "me:hunter2@example.com:port",
            "https://me:hunter2/x@example.com",
            "https://me:hunter2 @example.com",
            "ftp://me:hunter2@example.com",
            "127.1/?token=hunter2",
            "http:/localhost?a=b&code=hunter2",
        ] {
            assert!(!error(target).contains("hunter2"), "{target}");
        }
        assert!(error("https://me:hunter2@example.com").contains("Authorization"));
    }

    /// Whatever a captured target holds, it goes to the host that was typed.
    #[test]
    fn a_captured_target_changes_no_host() {
        for own in ["localhost:3000", "https://example.com", "localhost:3000/hooks"] {
            let endpoint = Endpoint::parse(own, "/").unwrap();
            for target in [
                "@evil.test/x",
                "//evil.test/x",
                "/\\evil.test",
                "http://evil.test/",
                ":80@evil.test",
                "evil.test",
                "?@evil.test",
                "#@evil.test",
                "\\\\evil.test\\x",
                "/../../@evil.test",
                "*",
                "",
                "\t//evil.test",
                "/\t/evil.test",
            ] {
                let toward = endpoint.toward(target);
                let place = |endpoint: &Endpoint| (endpoint.url().host_str().map(str::to_owned), endpoint.url().port());
                assert_eq!(place(&toward), place(&endpoint), "{own} {target}");
                assert_eq!(toward.host_header(), endpoint.host_header());
                let is_path = toward.target().starts_with('/') || toward.target() == "*";
                assert!(is_path, "{target}: {}", toward.target());
                let again = Url::parse(&toward.to_string()).unwrap();
                assert_eq!(again.host_str(), endpoint.url().host_str(), "{target}");
            }
        }
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
            ("LOCALHOST:3000", true),
            ("localhost.:3000", true),
            ("a.b.localhost.", true),
            ("notlocalhost", false),
            ("localhost.test", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
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
