//! Header fields: names without case, values as bytes, repeats in order.

use std::fmt;

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

/// How many bytes a field usually takes.
const USUAL: usize = 48;
/// How many of them its two lengths take.
const LENGTHS: usize = 8;

/// An ordered list of header fields, one behind the other in one piece of memory, as the store has them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// For each field: length of the name (u32, little-endian), name, length of the value, value.
    packed: Vec<u8>,
    count: usize,
}

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
        let mut fields = self.iter();
        std::iter::from_fn(move || fields.next_bytes())
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Whether `name` is there.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a field as it came, unchecked.
    pub fn append(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) {
        let (name, value) = (name.as_ref().as_bytes(), value.as_ref());
        self.packed.reserve(length(name, value));
        for part in [name, value] {
            // What is longer than 4 GiB is no header.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            self.packed.extend_from_slice(&length.to_le_bytes());
            self.packed.extend_from_slice(&part[..length as usize]);
        }
        self.count += 1;
    }

    /// Puts one value in place of all that `name` has; it keeps the place of the first.
    pub fn set(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let (mut first, mut at) = (None, 0);
        self.retain_bytes(|own, own_value| {
            let end = at + length(own, own_value);
            if !own.eq_ignore_ascii_case(name.as_bytes()) {
                at = end;
                true
            } else if first.is_none() {
                first = Some(at..end);
                at = end;
                true
            } else {
                false
            }
        });
        let value = value.as_ref();
        self.append(name, value);
        if let Some(first) = first {
            let added = length(name.as_bytes(), value);
            self.packed[first.start..].rotate_right(added);
            self.packed.drain(first.start + added..first.end + added);
            self.count -= 1;
        }
    }

    /// Puts each field of `other` in place of what has its name. `other` has each name once.
    pub fn set_all(&mut self, other: &Self) {
        for (name, value) in other.iter() {
            self.set(name, value);
        }
    }

    /// Takes every value of `name` away.
    pub fn remove(&mut self, name: &str) {
        self.retain_bytes(|own, _| !own.eq_ignore_ascii_case(name.as_bytes()));
    }

    /// Takes away the fields that `keep` says no to.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &[u8]) -> bool) {
        self.retain_bytes(|name, value| keep(text(name), value));
    }

    fn retain_bytes(&mut self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) {
        let (mut from, mut to) = (0, 0);
        self.count = 0;
        while let Some((name, value)) = field(&mut &self.packed[from..]) {
            let length = length(name, value);
            if keep(name, value) {
                self.packed.copy_within(from..from + length, to);
                to += length;
                self.count += 1;
            }
            from += length;
        }
        self.packed.truncate(to);
    }

    /// Every field, in order.
    pub fn iter(&self) -> Fields<'_> {
        Fields {
            packed: &self.packed,
            left: self.count,
        }
    }

    /// The fields as the store has them.
    #[cfg(feature = "store")]
    pub(crate) fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// The fields that the store has; what is damaged ends them.
    #[cfg(feature = "store")]
    pub(crate) fn unpack(packed: &[u8]) -> Self {
        /// How many bytes more are there for a request that is signed anew.
        const SPARE: usize = 128;
        let (mut rest, mut whole, mut count) = (packed, 0, 0);
        while let Some((name, value)) = field(&mut rest)
            && std::str::from_utf8(name).is_ok()
        {
            whole += length(name, value);
            count += 1;
        }
        let mut kept = Vec::with_capacity(whole + SPARE);
        kept.extend_from_slice(&packed[..whole]);
        Self { packed: kept, count }
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Takes away what concerns one connection, and what `Connection` names beside.
    pub fn remove_hops(&mut self) {
        let mut named: Vec<String> = Vec::new();
        for value in self.get_all("connection") {
            let value = String::from_utf8_lossy(value);
            named.extend(value.split(',').map(|name| name.trim().to_owned()));
        }
        self.retain_bytes(|name, _| {
            let is = |hop: &str| hop.as_bytes().eq_ignore_ascii_case(name);
            !HOP_BY_HOP.iter().any(|hop| is(hop)) && !named.iter().any(|hop| is(hop))
        });
    }

    /// Checks that every field can go out over HTTP/1.1 as it stands.
    ///
    /// # Errors
    /// The first field that can't.
    pub fn check(&self) -> Result<(), HeaderError> {
        for (name, value) in self.iter() {
            if !is_token(name) {
                return Err(HeaderError::Name(name.to_owned()));
            }
            if !is_value(value) {
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
        let value = value.trim_matches([' ', '\t']).as_bytes();
        let one: Self = [(name, value)].into_iter().collect();
        one.check()?;
        Ok((name.to_owned(), value.to_vec()))
    }
}

/// Whether a field can go out over HTTP/1.1 as it stands.
#[cfg(feature = "delivery")]
pub(crate) fn can_carry(name: &str, value: &[u8]) -> bool {
    is_token(name) && is_value(value)
}

/// Whether it is a token, as methods and field names are: RFC 9110, 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| TOKEN[usize::from(byte)])
}

const TOKEN: [bool; 256] = {
    let mut all = [false; 256];
    let mut byte = 0;
    while byte < all.len() {
        all[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'#' | b'$'
            | b'%' | b'&' | b'\'' | b'*' | b'+' | b'^' | b'`' | b'|' | b'~');
        byte += 1;
    }
    all
};

/// Whether a field may have that value: RFC 9110, 5.5.
fn is_value(value: &[u8]) -> bool {
    // All are looked at, which is faster than to stop at one.
    value.iter().fold(true, |good, byte| {
        good & (*byte == b'\t' || *byte >= b' ' && *byte != 0x7f)
    })
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let fields = fields.into_iter();
        let mut headers = Self {
            packed: Vec::with_capacity(fields.size_hint().0 * USUAL),
            count: 0,
        };
        for (name, value) in fields {
            headers.append(name, value);
        }
        headers
    }
}

/// The fields of [`Headers`], in order.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    packed: &'a [u8],
    left: usize,
}

impl<'a> Fields<'a> {
    fn next_bytes(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let field = field(&mut self.packed)?;
        self.left -= 1;
        Some(field)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.next_bytes()?;
        Some((text(name), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Fields<'_> {}

/// A field's name, which is text wherever it came from.
fn text(name: &[u8]) -> &str {
    std::str::from_utf8(name).unwrap_or_default()
}

/// How many bytes a field takes.
fn length(name: &[u8], value: &[u8]) -> usize {
    LENGTHS + name.len() + value.len()
}

/// Takes a field's name and value from `packed`.
fn field<'a>(packed: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    part(packed).zip(part(packed))
}

/// Takes a length and as many bytes from `packed`.
fn part<'a>(packed: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = packed.split_first_chunk::<4>()?;
    let (found, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *packed = rest;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_repeats_keep_their_order() {
        let mut headers: Headers = [("X-A", "1"), ("x-b", "2"), ("x-a", "3")].into_iter().collect();
        assert_eq!(headers.get_all("X-a").collect::<Vec<_>>(), [b"1", b"3"]);
        headers.set("X-A", "45");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("X-A", &b"45"[..]), ("x-b", b"2")]);
        headers.set("X-B", "");
        headers.set("x-c", "6");
        let expected = [("X-A", &b"45"[..]), ("X-B", b""), ("x-c", b"6")];
        assert_eq!(headers.iter().collect::<Vec<_>>(), expected);
        assert_eq!(headers, expected.into_iter().collect());
        headers.remove("x-b");
        assert_eq!(headers, [expected[0], expected[2]].into_iter().collect());
        assert_eq!(Headers::unpack(headers.packed()), headers);
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
        let mut headers: Headers = [
            ("Connection", "close, X-Hop"),
            ("X-Hop", "1"),
            ("TE", "trailers"),
            ("X-A", "1"),
            ("X-A", "2"),
        ]
        .into_iter()
        .collect();
        headers.remove_hops();
        let kept: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value)))
            .collect();
        assert_eq!(kept, ["X-A=1", "X-A=2"]);
    }
}
