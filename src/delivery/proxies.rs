//! Which proxy a request goes through, as curl reads the environment.

use std::fmt;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::Endpoint;

/// Proxies, as `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` name them. What goes to this machine never goes
/// through one.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Named>>);

/// The proxies of both schemes, and what does not go through them.
struct Named {
    http: Option<Variable>,
    https: Option<Variable>,
    matcher: Matcher,
}

/// A variable that names a proxy, and that proxy's URL.
type Variable = (String, Option<Url>);

/// A proxy that is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} holds no URL of a proxy, such as http://localhost:3128; set another, or name the target's host in NO_PROXY"
)]
pub struct ProxyError(String);

impl Proxies {
    /// `variable` gives the value of an environment variable. Each is looked for in lower case first. A program that a
    /// web server runs (CGI) takes no `HTTP_PROXY`, which a header of a request could have set.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let value = |name: &str| {
            let upper = name.to_ascii_uppercase();
            let names = [name.to_owned(), upper];
            let mut found = names.into_iter().filter_map(|name| {
                let text = variable(&name).filter(|text| !text.trim().is_empty());
                Some((name, text?))
            });
            found.find(|(name, _)| !is_cgi || name != "HTTP_PROXY")
        };
        let all = value("all_proxy");
        let http = value("http_proxy").or_else(|| all.clone());
        let https = value("https_proxy").or(all);
        if http.is_none() && https.is_none() {
            return Self(None);
        }
        let but = value("no_proxy").map_or_else(String::new, |(_, text)| hosts(&text));
        // Which hosts go through one; where it is, is read here, so that what is no URL is told.
        let matcher = Matcher::builder().all("http://proxy.invalid").no(but).build();
        let named = |(name, text): (String, String)| (name, url(&text));
        Self(Some(Arc::new(Named {
            http: http.map(named),
            https: https.map(named),
            matcher,
        })))
    }

    /// The URL of the proxy that a request to `endpoint` goes through.
    ///
    /// # Errors
    /// Where what is named is none.
    pub(super) fn of(&self, endpoint: &Endpoint) -> Result<Option<Url>, ProxyError> {
        let Some(named) = self.0.as_deref().filter(|_| !endpoint.is_loopback()) else {
            return Ok(None);
        };
        let own = match endpoint.is_https() {
            true => &named.https,
            false => &named.http,
        };
        let is_meant = || {
            let uri = endpoint.url().as_str().parse().ok()?;
            named.matcher.intercept(&uri)
        };
        match own {
            Some((name, url)) if is_meant().is_some() => url.clone().map(Some).ok_or_else(|| ProxyError(name.clone())),
            _ => Ok(None),
        }
    }
}

impl fmt::Debug for Proxies {
    /// Without the proxies, whose URLs may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let are = if self.0.is_some() { "some" } else { "none" };
        f.debug_tuple("Proxies").field(&are).finish()
    }
}

/// A proxy's URL; without a scheme it is http, whose port is 1080 where none is given.
fn url(text: &str) -> Option<Url> {
    let text = text.trim();
    let mut url = match text.contains("://") {
        true => Url::parse(text).ok()?,
        false => Url::parse(&format!("http://{text}")).ok()?,
    };
    let is_known = matches!(
        url.scheme(),
        "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
    );
    let typed = text.rsplit_once("://").map_or(text, |(_, rest)| rest);
    let authority = typed.split('/').next().unwrap_or_default();
    let has_port = authority.rsplit(['@', ']']).next().unwrap_or_default().contains(':');
    if !has_port && url.scheme() != "https" {
        url.set_port(Some(1080)).ok()?;
    }
    (is_known && url.has_host()).then_some(url)
}

/// Hosts that white space or commas separate, IPv6 addresses without brackets and none with a port.
fn hosts(text: &str) -> String {
    let hosts = text.split([',', ' ', '\t', '\n']).filter(|host| !host.is_empty());
    let bare = hosts.map(|host| match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host,
    });
    bare.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], target: &str) -> Option<String> {
        let proxies = Proxies::from_variables(|name| {
            let found = variables.iter().find(|(own, _)| *own == name)?;
            Some(found.1.to_owned())
        });
        let url = proxies.of(&Endpoint::parse(target, "/").unwrap()).unwrap();
        url.map(|url| url.to_string())
    }

    /// As `curl(1)` has it under ENVIRONMENT and `--noproxy`.
    #[test]
    fn variables_are_read_as_curl_reads_them() {
        let both = [("http_proxy", "a.test:1"), ("HTTPS_PROXY", "http://b.test:2")];
        for (variables, target, expected) in [
            (&both[..], "http://x.test", Some("http://a.test:1/")),
            (&both, "https://x.test", Some("http://b.test:2/")),
            (&both, "http://localhost:1", None),
            (&both, "http://127.9.9.9:1", None),
            (&both, "http://[::1]:1", None),
            (&both, "http://app.localhost", None),
            (&[("HTTP_PROXY", "a.test:1")], "http://x.test", Some("http://a.test:1/")),
            (&[("HTTP_PROXY", "a.test:1")], "https://x.test", None),
            (
                &[("HTTP_PROXY", "a.test:1"), ("REQUEST_METHOD", "GET")],
                "http://x.test",
                None,
            ),
            (
                &[("http_proxy", "a.test:1"), ("REQUEST_METHOD", "GET")],
                "http://x.test",
                Some("http://a.test:1/"),
            ),
            (
                &[("http_proxy", "a.test:1"), ("HTTP_PROXY", "b.test:1")],
                "http://x.test",
                Some("http://a.test:1/"),
            ),
            (
                &[("http_proxy", ""), ("HTTP_PROXY", "b.test:1")],
                "http://x.test",
                Some("http://b.test:1/"),
            ),
            (
                &[("ALL_PROXY", "a.test")],
                "https://x.test",
                Some("http://a.test:1080/"),
            ),
            (
                &[("all_proxy", "socks5h://a.test:9")],
                "http://x.test",
                Some("socks5h://a.test:9"),
            ),
            (
                &[("http_proxy", "http://me:pw@a.test:1")],
                "http://x.test",
                Some("http://me:pw@a.test:1/"),
            ),
            (&[("http_proxy", "a.test:80")], "http://x.test", Some("http://a.test/")),
        ] {
            assert_eq!(of(variables, target).as_deref(), expected, "{variables:?} {target}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_and_what_is_below_them() {
        for (but, target, expected) in [
            ("x.test", "http://x.test:80", false),
            ("x.test", "http://www.x.test", false),
            (".x.test", "http://x.test", false),
            ("x.test", "http://notx.test", true),
            ("y.test, x.test", "http://x.test", false),
            ("y.test x.test", "http://x.test", false),
            ("*", "http://x.test", false),
            ("192.0.2.0/24", "http://192.0.2.7", false),
            ("192.0.2.0/24", "http://192.0.3.7", true),
            ("[2001:db8::1]", "http://[2001:db8::1]:3000", false),
            ("", "http://x.test", true),
        ] {
            let found = of(&[("http_proxy", "a.test:1"), ("no_proxy", but)], target);
            assert_eq!(found.is_some(), expected, "{but} {target}");
        }
    }

    #[test]
    fn what_is_no_proxy_says_so() {
        for text in ["ftp://a.test:1", "http://", "a b", "://"] {
            let proxies = Proxies::from_variables(|name| (name == "HTTP_PROXY").then(|| text.to_owned()));
            let error = proxies.of(&Endpoint::parse("http://x.test", "/").unwrap()).unwrap_err();
            assert!(error.to_string().starts_with("HTTP_PROXY holds no URL"), "{text}");
        }
    }
}
