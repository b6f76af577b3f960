//! The table of URLs: the same one as others saw it or wrote it.

use crate::explain::body::{percent_decode, queries, reencoded};
use crate::message::Message;

/// The same URL as others saw it: behind a proxy, with another scheme, host, port, or without its query.
pub(crate) fn other_urls(message: &Message, url: Option<&str>) -> Vec<(String, String)> {
    let header = |name: &str| {
        message
            .headers
            .text(name)
            .map(|text| text.split(',').next().unwrap_or(text).trim())
    };
    let given = url.and_then(|url| url::Url::parse(url).ok());
    let rest = given.as_ref().map(|url| {
        let query = url.query().map_or(String::new(), |query| format!("?{query}"));
        format!("{}{query}", url.path())
    });
    let rest = rest.as_deref().unwrap_or("/");
    let mut hosts: Vec<String> = Vec::new();
    if let Some(url) = &given
        && let Some(host) = url.host_str()
    {
        hosts.push(url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")));
        hosts.push(host.to_owned());
    }
    for name in ["x-forwarded-host", "x-original-host", "host"] {
        if let Some(host) = header(name) {
            hosts.push(host.to_owned());
            hosts.push(host.split(':').next().unwrap_or(host).to_owned());
        }
    }
    let path = rest.split('?').next().unwrap_or(rest);
    let mut all: Vec<(String, String)> = Vec::new();
    for host in &hosts {
        for scheme in ["https", "http"] {
            let port = if scheme == "https" { ":443" } else { ":80" };
            for (port, host) in [("", host.as_str()), (port, host.split(':').next().unwrap_or(host))] {
                for (path, what) in [
                    (rest.to_owned(), "the URL"),
                    (path.to_owned(), "the URL without its query"),
                    (
                        format!("{}/", path.trim_end_matches('/')),
                        "the URL with `/` at its end",
                    ),
                    (path.trim_end_matches('/').to_owned(), "the URL without `/` at its end"),
                ] {
                    let made = format!("{scheme}://{host}{port}{path}");
                    let what = format!("{what} as {made}");
                    if url != Some(made.as_str()) && !all.iter().any(|(own, _)| *own == made) {
                        all.push((made, what));
                    }
                }
            }
        }
    }
    all.push((rest.to_owned(), format!("the path alone, {rest}")));
    all.push((path.to_owned(), format!("the path alone, without its query, {path}")));
    all.truncate(96);
    all
}

/// Where a process listens behind a tunnel or a proxy, and the ports that frameworks' examples have.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "0.0.0.0"];
const PORTS: [&str; 17] = [
    "", ":3000", ":3001", ":4000", ":4567", ":5000", ":5001", ":5173", ":7071", ":8000", ":8080", ":8081", ":8443",
    ":8787", ":8888", ":9000", ":9292",
];

/// The URL as the process itself sees it behind a tunnel or a proxy.
pub(in crate::explain) fn local(url: &str) -> Vec<(String, String)> {
    let (_, path, query) = split(url);
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    let mut all = Vec::new();
    for host in LOCAL {
        for port in PORTS {
            for scheme in ["http", "https"] {
                let what = "the address at which the process itself listens".to_owned();
                all.push((format!("{scheme}://{host}{port}{path}{query}"), what));
            }
        }
    }
    all
}

/// The same at another port: of this machine, and of its own host.
pub(in crate::explain) fn at_port(url: &str, port: u16) -> [(String, &'static str); 3] {
    let (head, path, query) = split(url);
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    let host = match head.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => bare,
        _ => head,
    };
    let process = "the address at which the process itself listens";
    [
        (format!("http://localhost:{port}{path}{query}"), process),
        (format!("http://127.0.0.1:{port}{path}{query}"), process),
        (format!("{host}:{port}{path}{query}"), "the URL with another port"),
    ]
}

/// So many ways to write one URL are tried.
const MOST: usize = 512;
/// URLs up to this size are written again, in bytes.
const LONGEST: usize = 8192;

/// The same URL with its path or its query written otherwise; what each is, in words.
pub(in crate::explain) fn rewritten(message: &Message, url: Option<&str>) -> Vec<(String, String)> {
    let Some(url) = url.filter(|url| url.len() <= LONGEST) else {
        return Vec::new();
    };
    let mut all: Vec<(String, String)> = Vec::new();
    for base in bases(message, url) {
        let mut push = |made: String, what: &str| {
            if made != url && all.len() < MOST && !all.iter().any(|(own, _)| *own == made) {
                let what = format!("{what}, as {made}");
                all.push((made, what));
            }
        };
        let (head, path, query) = split(&base);
        decoded(&base, &mut push);
        if let Some(query) = query {
            let before = &base[..base.len() - query.len() - 1];
            parameters(before, query, &mut push);
        }
        paths(head, path, query, &mut push);
        whole(&base, &mut push);
    }
    all
}

/// The URL as it is given, with the other scheme, and behind the hosts and paths that a proxy's headers name.
fn bases(message: &Message, url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let (head, path, query) = split(url);
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    let other = match head.split_once("://") {
        Some(("https", host)) => format!("http://{host}"),
        Some(("http", host)) => format!("https://{host}"),
        _ => return all,
    };
    all.push(format!("{other}{path}{query}"));
    for name in [
        "x-original-uri",
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-uri",
        "x-forwarded-path",
    ] {
        if let Some(path) = message.headers.text(name).filter(|path| path.starts_with('/')) {
            all.extend([format!("{head}{path}"), format!("{other}{path}")]);
        }
    }
    for name in ["x-forwarded-prefix", "x-script-name"] {
        if let Some(prefix) = message.headers.text(name).filter(|prefix| prefix.starts_with('/')) {
            let prefix = prefix.trim_end_matches('/');
            all.extend([
                format!("{head}{prefix}{path}{query}"),
                format!("{other}{prefix}{path}{query}"),
            ]);
        }
    }
    if let Some(port) = message
        .headers
        .text("x-forwarded-port")
        .filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let bare = |head: &str| {
            head.rsplit_once(':')
                .filter(|(_, port)| !port.contains('/'))
                .map_or(head.to_owned(), |(bare, _)| bare.to_owned())
        };
        all.extend([
            format!("{}:{port}{path}{query}", bare(head)),
            format!("{}:{port}{path}{query}", bare(&other)),
        ]);
    }
    all
}

/// Scheme and authority, path, and query without its `?`.
fn split(url: &str) -> (&str, &str, Option<&str>) {
    let (rest, query) = url
        .split_once('?')
        .map_or((url, None), |(rest, query)| (rest, Some(query)));
    let from = rest.find("://").map_or(0, |at| at + 3);
    let at = rest[from..].find('/').map_or(rest.len(), |at| from + at);
    (&rest[..at], &rest[at..], query)
}

type Push<'p> = dyn FnMut(String, &str) + 'p;

/// What HubSpot's documentation tells to decode, and no more.
const HUBSPOT: &[u8] = b":/?@!$'()*,;";

/// The URL with its `%XX` decoded, all or some.
fn decoded(url: &str, push: &mut Push<'_>) {
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let (head, path, query) = split(url);
    let query_of = |query: &str| format!("?{query}");
    if let Some(made) = text(percent_decode(url.as_bytes(), false)) {
        push(made, "the URL with its `%XX` decoded");
    }
    if let Some(made) = text(percent_decode(url.as_bytes(), true)) {
        push(made, "the URL with its `%XX` decoded and `+` as a space");
    }
    push(
        some_decoded(url, HUBSPOT),
        "the URL with the `%XX` decoded that HubSpot names",
    );
    push(
        some_decoded(url, b":/?#[]@!$&'()*+,;=-._~"),
        "the URL with the `%XX` of ASCII punctuation decoded",
    );
    push(
        some_decoded(url, b"-._~"),
        "the URL with the `%XX` decoded that need no encoding",
    );
    if let Some(made) = query.and_then(|query| text(percent_decode(query.as_bytes(), false))) {
        push(format!("{head}{path}?{made}"), "the URL with its query decoded");
    }
    if let Some(made) = query.and_then(|query| text(percent_decode(query.as_bytes(), true))) {
        push(
            format!("{head}{path}?{made}"),
            "the URL with its query decoded and `+` as a space",
        );
    }
    if let Some(made) = text(percent_decode(path.as_bytes(), false)) {
        push(
            format!("{head}{made}{}", query.map_or(String::new(), query_of)),
            "the URL with its path decoded",
        );
    }
}

/// The URL with those `%XX` decoded that are one of `bytes`.
fn some_decoded(url: &str, bytes: &[u8]) -> String {
    let mut out = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let byte = rest.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|byte| bytes.contains(byte)) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &rest[3..];
            }
            None => {
                out.push('%');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// The query written again, sorted, twice, in part, or put behind the URL as parameters.
fn parameters(before: &str, query: &str, push: &mut Push<'_>) {
    push(format!("{before}?{query}?{query}"), "the URL with its query twice");
    push(format!("{before}?{query}&{query}"), "the URL with its parameters twice");
    push(format!("{before}?"), "the URL with `?` and without its query");
    push(before.to_owned(), "the URL without its query");
    // As the fields of a form are signed: sorted by name, name and value with nothing between them.
    for (made, what) in queries(query) {
        match what.joined {
            true => {
                push(
                    format!("{before}?{query}{made}"),
                    "the URL with its parameters behind it once more",
                );
                push(
                    format!("{before}{made}"),
                    "the URL with its parameters behind it in place of its query",
                );
            }
            false => push(
                format!("{before}?{made}"),
                &format!("the URL with its query {}", what.what),
            ),
        }
    }
    let fields: Vec<&str> = query.split('&').collect();
    for left in 0..fields.len().min(24) {
        let kept = fields.iter().enumerate().filter(|(index, _)| *index != left);
        let kept: Vec<&str> = kept.map(|(_, field)| *field).collect();
        let name = fields[left].split('=').next().unwrap_or_default();
        let mark = if kept.is_empty() { "" } else { "?" };
        push(
            format!("{before}{mark}{}", kept.join("&")),
            &format!("the URL without its parameter `{name}`"),
        );
    }
    for kept in fields.iter().take(if fields.len() > 2 { 24 } else { 0 }) {
        let name = kept.split('=').next().unwrap_or_default();
        push(
            format!("{before}?{kept}"),
            &format!("the URL with its parameter `{name}` alone"),
        );
    }
}

/// The path written otherwise, and the parts of the URL alone.
fn paths(head: &str, path: &str, query: Option<&str>, push: &mut Push<'_>) {
    let tail = query.map_or(String::new(), |query| format!("?{query}"));
    push(format!("{head}{path}?"), "the URL with `?` behind its path");
    push(
        format!("{head}{}/{tail}", path.trim_end_matches('/')),
        "the URL with `/` at the end of its path",
    );
    push(
        format!("{head}{}{tail}", path.trim_end_matches('/')),
        "the URL without `/` at the end of its path",
    );
    push(format!("{head}/{path}{tail}"), "the URL with `//` before its path");
    let single = path.replace("//", "/");
    push(
        format!("{head}{single}{tail}"),
        "the URL with `/` for each `//` in its path",
    );
    push(
        format!("{head}{}{tail}", path.to_lowercase()),
        "the URL with its path in lower case",
    );
    for made in reencoded(path) {
        push(format!("{head}{made}{tail}"), "the URL with its path encoded again");
    }
    let (_, host) = head.split_once("://").unwrap_or(("", head));
    push(format!("{host}{path}{tail}"), "the URL without its scheme");
    push(format!("//{host}{path}{tail}"), "the URL without its scheme");
    push(format!("{host}{path}"), "the URL without its scheme and its query");
    push(head.to_owned(), "the URL without its path");
    push(format!("{head}/"), "the URL with `/` for its path");
    push(format!("{head}/{tail}"), "the URL with `/` for its path");
    push(host.to_owned(), "the host alone");
    push(
        path.trim_start_matches('/').to_owned() + &tail,
        "the path without its first `/`",
    );
    push(tail.clone(), "the query alone");
    push(tail.trim_start_matches('?').to_owned(), "the query alone");
    // As a router that was mounted behind the first segments sees it.
    let mut rest = path;
    for _ in 0..6 {
        let Some((_, behind)) = rest.get(1..).and_then(|rest| rest.split_once('/')) else {
            break;
        };
        rest = &rest[rest.len() - behind.len() - 1..];
        push(
            format!("{head}{rest}{tail}"),
            "the URL without the first segments of its path",
        );
        push(format!("{rest}{tail}"), "the path without its first segments");
        push(rest.to_owned(), "the path without its first segments and its query");
    }
    let mut kept = path;
    for _ in 0..6 {
        let Some((before, _)) = kept.rsplit_once('/').filter(|(before, _)| !before.is_empty()) else {
            break;
        };
        kept = before;
        push(
            format!("{head}{kept}{tail}"),
            "the URL without the last segments of its path",
        );
    }
}

/// The whole URL written otherwise.
fn whole(url: &str, push: &mut Push<'_>) {
    push(format!("{url}#"), "the URL with `#` behind it");
    push(
        url.split('#').next().unwrap_or(url).to_owned(),
        "the URL without its fragment",
    );
    push(url.replace('&', "&amp;"), "the URL escaped for HTML");
    push(url.replace("&amp;", "&"), "the URL with its HTML escapes undone");
    push(url.replace("%20", "+"), "the URL with `+` for each `%20`");
    push(url.replace('+', "%20"), "the URL with `%20` for each `+`");
    push(url.replace(' ', "%20"), "the URL with `%20` for each space");
    push(url.to_lowercase(), "the URL in lower case");
    push(url.replacen("://", ":/", 1), "the URL with one `/` behind its scheme");
    push(format!("{url} "), "the URL with a space behind it");
    push(url.trim().to_owned(), "the URL without the white space around it");
    push(format!("\"{url}\""), "the URL in quotes");
    for made in reencoded(url) {
        push(made, "the URL encoded as a whole");
    }
    if let Some((before, behind)) = url.split_once("://")
        && let Some((_, host)) = behind.split_once('@')
    {
        push(format!("{before}://{host}"), "the URL without the user in it");
    }
    let (head, path, query) = split(url);
    let tail = query.map_or(String::new(), |query| format!("?{query}"));
    push(
        format!("{}{path}{tail}", head.to_lowercase()),
        "the URL with its host in lower case",
    );
    let port = head.rsplit_once(':').filter(|(_, port)| !port.contains('/'));
    if let Some((bare, _)) = port {
        push(format!("{bare}{path}{tail}"), "the URL without its port");
    } else {
        let default = if head.starts_with("https") { ":443" } else { ":80" };
        for port in [default, ":443", ":80", ":8080", ":3000", ":8443", ":5000", ":8000"] {
            push(format!("{head}{port}{path}{tail}"), "the URL with a port");
        }
    }
    match head.strip_prefix("https://www.").or(head.strip_prefix("http://www.")) {
        Some(host) => push(format!("https://{host}{path}{tail}"), "the URL without `www.`"),
        None => push(
            format!("{}{path}{tail}", head.replacen("://", "://www.", 1)),
            "the URL with `www.` before its host",
        ),
    }
}
