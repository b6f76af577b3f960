//! What an XML body says. A document with a type definition is not read, so that none of its entities is made.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// A longer body is not read, in bytes.
const LONGEST: usize = 1024 * 1024;
/// So many elements stand in each other.
const DEEPEST: usize = 64;

/// The text of the first element at `path`, such as `/order/status`, by local names.
pub(super) fn text_at(body: &[u8], path: &str) -> Option<String> {
    let text = str::from_utf8(body).ok().filter(|text| text.len() <= LONGEST)?;
    let steps: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let (last, parents) = steps.split_last()?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    let mut found: Option<String> = None;
    loop {
        let is_found = found.is_some();
        let is_inside = is_found && open.len() == steps.len();
        let mut push = |text: &str| found.as_mut().into_iter().for_each(|found| found.push_str(text));
        match reader.read_event().ok()? {
            Event::DocType(_) | Event::Eof => return None,
            Event::Start(_) if open.len() == DEEPEST => return None,
            Event::Start(start) => {
                open.push(start.local_name().as_ref().to_owned());
                if found.is_none() && open == steps {
                    found = Some(String::new());
                }
            }
            Event::Empty(empty) if !is_found && open == parents && empty.local_name().as_ref() == *last => {
                return Some(String::new());
            }
            Event::End(_) if is_inside => return found.map(|text| text.trim().to_owned()),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) if is_inside => push(&text),
            Event::CData(text) if is_inside => push(&text),
            Event::GeneralRef(reference) if is_inside => match reference.resolve_char_ref().ok()? {
                Some(char) => push(char.encode_utf8(&mut [0; 4])),
                None => push(resolve_predefined_entity(&reference)?),
            },
            _ => {}
        }
    }
}

/// Why nothing is read of such a body, in words; `None` where it is read to its end.
pub(super) fn problem(body: &[u8]) -> Option<&'static str> {
    if body.len() > LONGEST {
        return Some("the XML body is longer than 1 MiB, and is not read");
    }
    let Ok(text) = str::from_utf8(body) else {
        return Some("the body is no XML in UTF-8, and is not read");
    };
    let mut reader = Reader::from_str(text);
    let (mut depth, mut has_root) = (0_usize, false);
    loop {
        let Ok(event) = reader.read_event() else {
            return Some("the body is no XML that is well-formed, and is not read");
        };
        match event {
            Event::DocType(_) => {
                return Some("the XML body has a DOCTYPE, whose entities may grow without end: it is not read");
            }
            Event::Start(_) if depth == DEEPEST => {
                return Some("the XML body has more than 64 elements in each other, and is not read");
            }
            Event::Start(_) => (depth, has_root) = (depth + 1, true),
            Event::Empty(_) => has_root = true,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth > 0 => return Some("the XML body ends within an element"),
            Event::Eof if !has_root => return Some("the body is no XML: it has no element"),
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elements_text_is_read_by_its_path() {
        let text = r#"<?xml version="1.0"?><!-- c --><d:Env xmlns:d="urn:x"><a><s>no</s></a><Status at="1"> Sent &amp; <b>x</b><![CDATA[<]]>&#65; </Status><Empty/><Status>2</Status></d:Env>"#;
        let read = |path| text_at(text.as_bytes(), path);
        assert_eq!(read("/Env/Status").as_deref(), Some("Sent & <A"));
        assert_eq!(read("/Env/a/s").as_deref(), Some("no"));
        assert_eq!(read("/Env/Empty").as_deref(), Some(""));
        assert_eq!((read("/Env/s"), read("/Status"), read("Env")), (None, None, None));
    }

    #[test]
    fn bombs_and_rubbish_say_nothing() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"#;
        let outside = r#"<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>x</a>"#;
        let deep = format!("{}<a>x</a>", "<a>".repeat(100_000));
        for text in [
            bomb,
            outside,
            &deep,
            "<a>&b;</a>",
            "<a>",
            "</a>",
            "<a",
            "",
            "{}",
            "\u{0}<a>x",
        ] {
            assert_eq!(text_at(text.as_bytes(), "/a"), None, "{}", &text[..text.len().min(40)]);
        }
    }
}
