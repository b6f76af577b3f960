//! A URL as curl reads it.

use url::Url;

/// What a URL says of a request.
pub struct Parts {
    /// The host with its port, where that is not the scheme's own.
    pub host: String,
    /// Name and password, decoded.
    pub user: Option<Vec<u8>>,
    /// Path and query.
    pub target: String,
}

/// Reads a URL.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(typed: &[u8], globoff: bool, path_as_is: bool) -> Result<Parts, String> {
    let typed = std::str::from_utf8(typed).map_err(|_| "its URL is not UTF-8")?;
    let text = if globoff {
        typed.to_owned()
    } else {
        without_globs(typed)?
    };
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", &text));
    if !["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return Err(format!("its URL is none of http: {}", scheme.escape_debug()));
    }
    let rest = rest.trim_start_matches('/');
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let parsed = Url::parse(&format!("{scheme}://{authority}/"));
    let is_variable = authority.starts_with('$');
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if !is_variable {
        parsed.map_err(|error| format!("its URL: {error}"))?;
    }
    let own = if scheme.eq_ignore_ascii_case("https") {
        ":443"
    } else {
        ":80"
    };
    let target = behind.split('#').next().unwrap_or_default();
    let target = match target.split_once('?') {
        // curl leaves what is not ASCII in a query as it is.
        Some((path, query)) => format!("{}?{}", path_of(path, path_as_is), query.replace(' ', "%20")),
        None => path_of(target, path_as_is),
    };
    Ok(Parts {
        host: host.strip_suffix(own).unwrap_or(host).to_owned(),
        user: user.map(|user| percent_encoding::percent_decode_str(user).collect()),
        target,
    })
}

fn path_of(path: &str, as_is: bool) -> String {
    let path = escape(path);
    match path.is_empty() {
        true => "/".into(),
        false if as_is => path,
        false => without_dots(&path),
    }
}

/// What can't stand in a request line, encoded.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

/// A path without its `.` and `..`, as RFC 3986 removes them.
fn without_dots(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let last = segments.len().saturating_sub(1);
    let mut kept: Vec<&str> = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        match *segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => {
                kept.push(segment);
                continue;
            }
        }
        if at == last {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

/// A URL without the backslashes before brackets and braces, which tell curl that they stand for themselves.
fn without_globs(typed: &str) -> Result<String, String> {
    let host_at = typed.find("://").map_or(0, |at| at + 3);
    let host_end = typed[host_at..]
        .find(['/', '?', '#'])
        .map_or(typed.len(), |at| host_at + at);
    let mut out = String::with_capacity(typed.len());
    let mut chars = typed.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => match chars.next_if(|(_, next)| matches!(next, '[' | ']' | '{' | '}')) {
                Some((_, next)) => out.push(next),
                None => out.push(char),
            },
            // An IPv6 address.
            '[' | ']' if (host_at..host_end).contains(&at) => out.push(char),
            '[' if typed[at..].starts_with("[]") => out.push(char),
            '{' if at > 0 && typed[..at].ends_with('$') => out.push(char),
            '{' | '[' => {
                return Err(format!(
                    "`{char}` in its URL stands for several URLs to curl; write `\\{char}` or add --globoff where it stands for itself"
                ));
            }
            _ => out.push(char),
        }
    }
    Ok(out)
}

/// Percent-encoded as forms are: a space is `+`.
pub fn encode_form(bytes: &[u8]) -> String {
    encode(bytes).replace("%20", "+")
}

/// Percent-encoded: RFC 3986's unreserved characters stay.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
