//! The `name=value` pairs of a query or a form. What is not changed keeps its writing.

/// Every value of `name`, decoded, in order.
pub(super) fn all(pairs: &[u8], name: &str) -> impl Iterator<Item = String> {
    form_urlencoded::parse(pairs)
        .filter(move |(own, _)| own == name)
        .map(|(_, value)| value.into_owned())
}

/// `pairs` with one `name`, which has `value`: in the place of the first, or behind all.
pub(super) fn set(pairs: &[u8], name: &str, value: &str) -> Vec<u8> {
    let own = form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish();
    let mut own = Some(own.into_bytes());
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for part in parts_of(pairs) {
        if is_named(part, name) {
            parts.extend(own.take());
        } else {
            parts.push(part.to_vec());
        }
    }
    parts.extend(own);
    parts.join(&b'&')
}

/// `pairs` without `name`.
pub(super) fn remove(pairs: &[u8], name: &str) -> Vec<u8> {
    let left: Vec<&[u8]> = parts_of(pairs).filter(|part| !is_named(part, name)).collect();
    left.join(&b'&')
}

/// `url` with `name=value` in its query.
pub(super) fn in_url(url: &str, name: &str, value: &str) -> String {
    with_query(url, |query| set(query, name, value))
}

/// `url` without `name` in its query.
pub(super) fn out_of_url(url: &str, name: &str) -> String {
    with_query(url, |query| remove(query, name))
}

fn with_query(url: &str, change: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let (url, fragment) = match url.split_once('#') {
        Some((url, fragment)) => (url, Some(fragment)),
        None => (url, None),
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let query = String::from_utf8_lossy(&change(query.as_bytes())).into_owned();
    let mut changed = match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{query}"),
    };
    if let Some(fragment) = fragment {
        changed = format!("{changed}#{fragment}");
    }
    changed
}

fn parts_of(pairs: &[u8]) -> impl Iterator<Item = &[u8]> {
    pairs.split(|byte| *byte == b'&').filter(|part| !part.is_empty())
}

fn is_named(part: &[u8], name: &str) -> bool {
    form_urlencoded::parse(part).any(|(own, _)| own == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_keeps_its_writing() {
        for (query, expected) in [
            ("", "sig=a+b"),
            ("x=%7e&y", "x=%7e&y&sig=a+b"),
            ("sig=1&x=%20&s%69g=2", "sig=a+b&x=%20"),
        ] {
            let changed = set(query.as_bytes(), "sig", "a b");
            assert_eq!(String::from_utf8(changed).unwrap(), expected);
        }
        assert_eq!(out_of_url("http://h/p?sig=1&x=%20#f", "sig"), "http://h/p?x=%20#f");
        assert_eq!(out_of_url("/p?sig=1", "sig"), "/p");
        assert_eq!(in_url("/p", "sig", "1"), "/p?sig=1");
        assert_eq!(all(b"a=1&b=2&a=%33", "a").collect::<Vec<_>>(), ["1", "3"]);
    }
}
