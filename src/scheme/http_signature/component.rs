//! A component of a request that an HTTP message signature covers: a header, or what is derived of the request line and the
//! URL (RFC 9421, section 2; draft-cavage-http-signatures-12, section 2.3).

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sfv::{Dictionary, FieldType as _, Item, List, Parser};

use super::Style;
use crate::message::{Message, Place};
use crate::scheme::change::Change;
use crate::scheme::content::{ContentError, Facts};
use crate::scheme::part::Part;

/// What a form's encoding leaves as it is (RFC 9421, section 2.2.8).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// One component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    name: Name,
    /// As it stands in the signature base.
    text: String,
}

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Method,
    TargetUri,
    Authority,
    Scheme,
    RequestTarget,
    Path,
    Query,
    QueryParam(String),
    Header(String, Written),
    /// Of the cavage drafts alone.
    MethodAndTarget,
    Created,
    Expires,
}

/// How a header's value is put into the base.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Written {
    AsItIs,
    /// `sf`: as a structured field is written anew.
    Strict,
    /// `bs`: each line as a byte sequence.
    Bytes,
    /// `key`: one member of a dictionary.
    Member(String),
}

const DERIVED: [(&str, Name); 7] = [
    ("@method", Name::Method),
    ("@target-uri", Name::TargetUri),
    ("@authority", Name::Authority),
    ("@scheme", Name::Scheme),
    ("@request-target", Name::RequestTarget),
    ("@path", Name::Path),
    ("@query", Name::Query),
];

const IN_BRACKETS: [(&str, Name); 3] = [
    ("(request-target)", Name::MethodAndTarget),
    ("(created)", Name::Created),
    ("(expires)", Name::Expires),
];

/// The times that a signature names of itself, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) created: Option<i64>,
    pub(crate) expires: Option<i64>,
}

impl Component {
    /// Reads a component of a table, such as `@method`, `date` or `@query-param;name="id"`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn of_table(text: &str, style: Style) -> Result<Self, String> {
        let wrong = |problem: String| format!("`covers` has `{text}`: {problem}");
        if style == Style::Cavage {
            return Self::of_cavage(text).map_err(wrong);
        }
        let (name, parameters) = text.split_at(text.find(';').unwrap_or(text.len()));
        let item = Parser::new(&format!("\"{name}\"{parameters}"))
            .parse::<Item>()
            .map_err(|_| wrong("it is no component name with its parameters".into()))?;
        Self::of_item(&item).map_err(wrong)
    }

    /// Reads a name of the list `headers`.
    pub(super) fn of_cavage(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_lowercase();
        let derived = IN_BRACKETS.iter().find(|(own, _)| *own == name);
        let name = match derived {
            Some((_, name)) => name.clone(),
            None if is_header_name(&name) => Name::Header(name, Written::AsItIs),
            None => return Err(format!("it is neither a header nor one of {}", names(&IN_BRACKETS))),
        };
        let text = text.to_ascii_lowercase();
        Ok(Self { name, text })
    }

    /// Reads a component of `Signature-Input`.
    pub(super) fn of_item(item: &Item) -> Result<Self, String> {
        let name = item
            .bare_item
            .as_string()
            .ok_or("a component's name is no text")?
            .as_str();
        let mut written = Written::AsItIs;
        let mut parameter = None;
        for (key, value) in &item.params {
            let text = value.as_string().map(|text| text.as_str().to_owned());
            match (key.as_str(), text) {
                ("req", _) => return Err("`;req` is of a response, and this is a request".into()),
                ("tr", _) => return Err("`;tr` is of trailers, which are not kept".into()),
                ("sf", None) if value.as_boolean() == Some(true) => written = Written::Strict,
                ("bs", None) if value.as_boolean() == Some(true) => written = Written::Bytes,
                ("key", Some(member)) => written = Written::Member(member),
                ("name", Some(text)) => parameter = Some(text),
                (other, _) => return Err(format!("`;{other}` is no parameter of a component that is known here")),
            }
        }
        let text = item.serialize();
        let derived = DERIVED.iter().find(|(own, _)| *own == name);
        let name = match (derived, parameter) {
            (Some((_, derived)), None) if written == Written::AsItIs => derived.clone(),
            (None, Some(parameter)) if name == "@query-param" && written == Written::AsItIs => {
                Name::QueryParam(parameter)
            }
            (None, None) if is_header_name(name) && item.params.len() < 2 => Name::Header(name.to_owned(), written),
            (None, None) if name == "@status" => return Err("`@status` is of a response, and this is a request".into()),
            (None, None) if name == "@query-param" => return Err("`@query-param` needs `;name`".into()),
            _ => {
                return Err(format!(
                    "it is neither a header in lower case nor one of {}",
                    names(&DERIVED)
                ));
            }
        };
        Ok(Self { name, text })
    }

    /// The item that it is in `Signature-Input`.
    pub(super) fn item(&self) -> Option<Item> {
        Parser::new(&self.text).parse().ok()
    }

    /// What of a message it is, as a content has it.
    pub(super) fn parts(&self) -> Vec<Part> {
        match &self.name {
            Name::Method => vec![Part::Method],
            Name::TargetUri | Name::Authority | Name::Scheme => vec![Part::Url],
            Name::RequestTarget | Name::Query | Name::QueryParam(_) => vec![Part::Target],
            Name::Path => vec![Part::Path],
            Name::MethodAndTarget => vec![Part::Method, Part::Target],
            Name::Created | Name::Expires => Vec::new(),
            Name::Header(name, _) if name == "host" => vec![Part::Url],
            Name::Header(name, _) if self.digest_header().is_some() => {
                let digest = Change::named("sha256-base64");
                let digest = digest.map(|digest| Part::Changed(Box::new(Part::Body), digest));
                std::iter::once(Part::Value(Place::Header(name.clone())))
                    .chain(digest)
                    .collect()
            }
            Name::Header(name, _) => vec![Part::Value(Place::Header(name.clone()))],
        }
    }

    /// The header that it is, where that holds a digest of the body.
    pub(crate) fn digest_header(&self) -> Option<&str> {
        match &self.name {
            Name::Header(name, _) if ["content-digest", "digest"].contains(&name.as_str()) => Some(name),
            _ => None,
        }
    }

    /// The header that it is.
    pub(crate) fn header(&self) -> Option<&str> {
        match &self.name {
            Name::Header(name, _) => Some(name),
            _ => None,
        }
    }

    /// Whether it is the method, alone or with the target.
    pub(crate) fn is_method(&self) -> bool {
        matches!(self.name, Name::Method | Name::MethodAndTarget)
    }

    /// Whether the URL says it, in whole or in part.
    pub(crate) fn is_of_url(&self) -> bool {
        !matches!(&self.name, Name::Method | Name::Created | Name::Expires)
            && !matches!(&self.name, Name::Header(name, _) if name != "host")
    }

    /// Its line in the base, up to the value.
    pub(crate) fn base_name(&self) -> &str {
        &self.text
    }

    /// Its value in a request.
    ///
    /// # Errors
    /// [`ContentError`] where it is not there.
    pub(crate) fn value(&self, facts: &Facts<'_>, times: Times) -> Result<String, ContentError> {
        let time = |time: Option<i64>| time.map(|time| time.to_string()).ok_or(ContentError::Timestamp);
        Ok(match &self.name {
            Name::Method => facts.method.to_owned(),
            Name::TargetUri => target_uri(facts)?,
            Name::Authority => authority(facts)?,
            Name::Scheme => {
                let (scheme, _) = facts
                    .url
                    .and_then(|url| url.split_once("://"))
                    .ok_or(ContentError::Url)?;
                scheme.to_ascii_lowercase()
            }
            Name::RequestTarget => facts.target()?.to_owned(),
            Name::Path => rooted(facts.target()?.split('?').next().unwrap_or_default()),
            Name::Query => format!("?{}", query(facts)?),
            Name::QueryParam(name) => query_param(query(facts)?, name)?,
            Name::MethodAndTarget => {
                format!("{} {}", facts.method.to_ascii_lowercase(), rooted(facts.target()?))
            }
            Name::Created => time(times.created)?,
            Name::Expires => time(times.expires)?,
            Name::Header(name, written) => header(facts, name, written)?,
        })
    }
}

/// As a table writes it.
impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.strip_prefix('"').unwrap_or(&self.text);
        f.write_str(&text.replacen('"', "", 1))
    }
}

fn names(all: &[(&str, Name)]) -> String {
    all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn is_header_name(name: &str) -> bool {
    !name.bytes().any(|byte| byte.is_ascii_uppercase()) && http::HeaderName::from_bytes(name.as_bytes()).is_ok()
}

fn rooted(target: &str) -> String {
    match target.starts_with('/') {
        true => target.to_owned(),
        false => format!("/{target}"),
    }
}

fn target_uri(facts: &Facts<'_>) -> Result<String, ContentError> {
    let url = facts.url.ok_or(ContentError::Url)?;
    let url = url.split('#').next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").ok_or(ContentError::Url)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    Ok(format!("{scheme}://{authority}{}", rooted(target)))
}

/// Host and port: the URL's, else what `Host` says.
fn host<'a>(facts: &Facts<'a>) -> Result<&'a str, ContentError> {
    let of_url = facts.url.and_then(|url| url.split_once("://")).map(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    });
    let of_header = || facts.message?.headers.text("host");
    of_url.or_else(of_header).ok_or(ContentError::Url)
}

/// In lower case, and without the port that the scheme has anyway (RFC 9421, section 2.2.3).
fn authority(facts: &Facts<'_>) -> Result<String, ContentError> {
    let host = host(facts)?.to_ascii_lowercase();
    let usual = match facts.url.and_then(|url| url.split_once("://")) {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => ":443",
        Some(_) => ":80",
        None => return Ok(host),
    };
    Ok(host.strip_suffix(usual).unwrap_or(&host).to_owned())
}

fn query<'f>(facts: &'f Facts<'_>) -> Result<&'f str, ContentError> {
    Ok(facts.target()?.split_once('?').map_or("", |(_, query)| query))
}

/// The one parameter of that name, encoded anew (RFC 9421, section 2.2.8); one that stands twice can't be signed.
fn query_param(query: &str, name: &str) -> Result<String, ContentError> {
    let encoded = |text: &str| utf8_percent_encode(text, KEPT).to_string();
    let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(own, _)| encoded(own) == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Ok(encoded(&value)),
        _ => Err(ContentError::Value(Place::Query(name.to_owned()))),
    }
}

/// The lines of a header, without the white space around them.
fn lines<'m>(message: &'m Message, name: &'m str) -> Vec<&'m [u8]> {
    message.headers.get_all(name).map(<[u8]>::trim_ascii).collect()
}

/// The value of a header in one line, as text.
pub(super) fn joined(message: &Message, name: &str) -> Option<String> {
    let lines = lines(message, name);
    let joined = (!lines.is_empty()).then(|| lines.join(&b", "[..]))?;
    String::from_utf8(joined).ok()
}

fn header(facts: &Facts<'_>, name: &str, written: &Written) -> Result<String, ContentError> {
    let missing = || ContentError::Value(Place::Header(name.to_owned()));
    let form = |text: &str| ContentError::Form(format!("the header {name} with {text}"));
    if name == "host" && *written == Written::AsItIs {
        return host(facts).map(str::to_owned);
    }
    let message = facts.message.ok_or_else(missing)?;
    let value = joined(message, name).ok_or_else(missing)?;
    match written {
        Written::AsItIs => Ok(value),
        Written::Bytes => {
            let each = lines(message, name).into_iter();
            let each = each.map(|line| Item::new(line.to_vec()).serialize());
            Ok(each.collect::<Vec<_>>().join(", "))
        }
        // A text that is both a list and a dictionary is written alike.
        Written::Strict => {
            let list = Parser::new(&value)
                .parse::<List>()
                .ok()
                .and_then(|list| list.serialize());
            let dictionary = || Parser::new(&value).parse::<Dictionary>().ok()?.serialize();
            list.or_else(dictionary)
                .ok_or_else(|| form("`;sf`, as a structured field"))
        }
        Written::Member(key) => {
            let dictionary = Parser::new(&value).parse::<Dictionary>();
            let dictionary = dictionary.map_err(|_| form("`;key`, as a dictionary"))?;
            let member = dictionary.get(key.as_str()).cloned();
            let alone = member.and_then(|member| List::from([member]).serialize());
            alone.ok_or_else(missing)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of a component in the base of a request.
    fn line(component: &str, url: &str, headers: &[(&str, &str)]) -> Result<String, String> {
        let mut message = Message::new("");
        for (name, value) in headers {
            message.headers.append(name, value);
        }
        let facts = Facts {
            method: "GET",
            url: Some(url),
            message: Some(&message),
            ..Facts::default()
        };
        let component = Component::of_table(component, Style::Rfc9421)?;
        let value = component
            .value(&facts, Times::default())
            .map_err(|error| error.to_string())?;
        Ok(format!("{}: {value}", component.base_name()))
    }

    /// The examples of RFC 9421, sections 2.1.1 to 2.1.3.
    #[test]
    fn headers_are_written_as_the_rfc_has_them() {
        let url = "https://www.example.com/";
        let dictionary = ("Example-Dict", "  a=1, b=2;x=1;y=2, c=(a   b    c), d");
        for (component, expected) in [
            ("example-dict;sf", "\"example-dict\";sf: a=1, b=2;x=1;y=2, c=(a b c), d"),
            ("example-dict;key=\"a\"", "\"example-dict\";key=\"a\": 1"),
            ("example-dict;key=\"d\"", "\"example-dict\";key=\"d\": ?1"),
            ("example-dict;key=\"b\"", "\"example-dict\";key=\"b\": 2;x=1;y=2"),
            ("example-dict;key=\"c\"", "\"example-dict\";key=\"c\": (a b c)"),
        ] {
            assert_eq!(line(component, url, &[dictionary]).unwrap(), expected);
        }
        assert!(line("example-dict;key=\"e\"", url, &[dictionary]).is_err());
        let lines = [
            ("Example-Header", "value, with, lots"),
            ("Example-Header", "of, commas"),
        ];
        let one = [("Example-Header", "value, with, lots, of, commas")];
        let plain = "\"example-header\": value, with, lots, of, commas";
        assert_eq!(line("example-header", url, &lines).unwrap(), plain);
        assert_eq!(line("example-header", url, &one).unwrap(), plain);
        assert_eq!(
            line("example-header;bs", url, &lines).unwrap(),
            "\"example-header\";bs: :dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"
        );
        assert_eq!(
            line("example-header;bs", url, &one).unwrap(),
            "\"example-header\";bs: :dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:"
        );
        assert!(line("example-header;sf", url, &[("Example-Header", "(((")]).is_err());
        assert_eq!(line("x-empty", url, &[("X-Empty", "")]).unwrap(), "\"x-empty\": ");
    }

    /// The examples of RFC 9421, section 2.2.8.
    #[test]
    fn parameters_of_the_query_are_encoded_anew() {
        let url = "https://www.example.com/path?param=value&foo=bar&baz=batman&qux=";
        let other = "https://www.example.com/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something";
        for (url, name, value) in [
            (url, "baz", "batman"),
            (url, "qux", ""),
            (url, "param", "value"),
            (other, "var", "this%20is%20a%20big%0Amultiline%20value"),
            (other, "bar", "with%20plus%20whitespace"),
            (other, "fa%C3%A7ade%22%3A%20", "something"),
        ] {
            let component = format!("@query-param;name=\"{name}\"");
            assert_eq!(
                line(&component, url, &[]).unwrap(),
                format!("\"@query-param\";name=\"{name}\": {value}")
            );
        }
        assert!(line("@query-param;name=\"a\"", "https://x.test/?a=1&a=2", &[]).is_err());
    }

    /// Sections 2.2.3 to 2.2.7; the words of the examples are those of the RFC.
    #[test]
    fn the_url_is_taken_apart_as_the_rfc_has_it() {
        for (url, component, value) in [
            (
                "https://www.EXAMPLE.com:443/path?param=value",
                "@authority",
                "www.example.com",
            ),
            ("http://www.example.com:8080/", "@authority", "www.example.com:8080"),
            (
                "https://www.example.com/path?param=value",
                "@target-uri",
                "https://www.example.com/path?param=value",
            ),
            ("HTTP://www.example.com", "@scheme", "http"),
            (
                "https://www.example.com/path?param=value",
                "@request-target",
                "/path?param=value",
            ),
            ("https://www.example.com", "@path", "/"),
            ("https://www.example.com?a=b", "@path", "/"),
            ("https://www.example.com/path?queryString", "@query", "?queryString"),
            ("https://www.example.com/path", "@query", "?"),
        ] {
            assert_eq!(
                line(component, url, &[]).unwrap(),
                format!("\"{component}\": {value}"),
                "{url}"
            );
        }
    }
}
