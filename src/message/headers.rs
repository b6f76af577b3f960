//! Header fields: names without case, values as bytes, repeats in order.

/// Why a header can't be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Not a field name.
    #[error("`{}` is not a header name: letters, digits and -_.!#$%&'*+^`|~ only", .0.escape_debug())]
    Name(String),
    /// A value that HTTP can't carry.
    #[error("the value of {name} holds a line break, a NUL or another control character; a header value is one line")]
    Value {
        /// The field's name.
        name: String,
    },
    /// Not `Name: value`.
    #[error("`{}` is not a header: write it as 'Name: value'", .0.escape_debug())]
    Form(String),
}

/// Fields that concern one connection or are made anew for each (RFC 9110, 7.6.1 and 8.6), in lower case.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "content-length",
];

/// An ordered list of header fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.get_all(name).next()
    }

    /// The first value of `name`, where it is UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Every value of `name`, in the order they came.
    pub fn get_all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        self.0
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// Whether `name` is there.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a field as it came, unchecked.
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.0.push((name.into(), value.into()));
    }

    /// Puts one value in place of all that `name` has; it keeps the place of the first.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let at = self.0.iter().position(|(own, _)| own.eq_ignore_ascii_case(name));
        self.remove(name);
        let at = at.unwrap_or(self.0.len());
        self.0.insert(at, (name.to_owned(), value.into()));
    }

    /// Puts each field of `other` in place of what has its name. `other` has each name once.
    pub fn set_all(&mut self, other: &Self) {
        for (name, value) in other.iter() {
            self.set(name, value);
        }
    }

    /// Takes every value of `name` away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without what concerns one connection, and what `Connection` names beside.
    pub fn without_hops(&self) -> Self {
        let named: Vec<String> = self
            .get_all("connection")
            .flat_map(|value| {
                String::from_utf8_lossy(value)
                    .split(',')
                    .map(|name| name.trim().to_ascii_lowercase())
                    .collect::<Vec<_>>()
            })
            .collect();
        self.iter()
            .filter(|(name, _)| {
                let name = name.to_ascii_lowercase();
                !HOP_BY_HOP.contains(&name.as_str()) && !named.contains(&name)
            })
            .collect()
    }

    /// Checks that every field can go out over HTTP/1.1 as it stands.
    ///
    /// # Errors
    /// The first field that can't.
    pub fn check(&self) -> Result<(), HeaderError> {
        for (name, value) in self.iter() {
            if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(HeaderError::Name(name.to_owned()));
            }
            if http::HeaderValue::from_bytes(value).is_err() {
                return Err(HeaderError::Value { name: name.to_owned() });
            }
        }
        Ok(())
    }

    /// Splits `Name: value` as a user types it; white space around the value is not part of it.
    ///
    /// # Errors
    /// [`HeaderError`] where it could not go out.
    pub fn parse_line(line: &str) -> Result<(String, Vec<u8>), HeaderError> {
        let (name, value) = line.split_once(':').ok_or_else(|| HeaderError::Form(line.to_owned()))?;
        let one = Self(vec![(
            name.to_owned(),
            value.trim_matches([' ', '\t']).as_bytes().to_vec(),
        )]);
        one.check()?;
        Ok(one.0.into_iter().next().unwrap_or_default())
    }
}

impl<N: Into<String>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_repeats_keep_their_order() {
        let mut headers: Headers = [("X-A", "1"), ("x-b", "2"), ("x-a", "3")].into_iter().collect();
        assert_eq!(headers.get_all("X-a").collect::<Vec<_>>(), [b"1", b"3"]);
        headers.set("X-A", "4");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("X-A", &b"4"[..]), ("x-b", b"2")]);
    }

    #[test]
    fn what_would_split_a_request_is_refused() {
        for line in [
            "X-A: a\r\nX-B: b",
            "X-A: a\nb",
            "X-A: \0",
            "X A: b",
            ": b",
            "no colon",
            "X-\u{e9}: b",
        ] {
            assert!(Headers::parse_line(line).is_err(), "{line:?}");
        }
        let (name, value) = Headers::parse_line("X-A:  b: \u{e9} ").unwrap();
        assert_eq!((name.as_str(), value.as_slice()), ("X-A", "b: \u{e9}".as_bytes()));
    }

    #[test]
    fn what_concerns_one_connection_stays_there() {
        let headers: Headers = [
            ("Connection", "close, X-Hop"),
            ("X-Hop", "1"),
            ("TE", "trailers"),
            ("X-A", "1"),
            ("X-A", "2"),
        ]
        .into_iter()
        .collect();
        let kept: Vec<_> = headers
            .without_hops()
            .iter()
            .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value)))
            .collect();
        assert_eq!(kept, ["X-A=1", "X-A=2"]);
    }
}
