//! Why nothing is read in a body that is not what its place wants, in words.

use super::{Message, Place, multipart, xml};

impl Message {
    /// Why the body holds nothing at `place`, whatever its name: it is no XML that is read, or no `multipart/form-data`.
    /// `None` where it is what it should be, or where the place is not in such a body.
    pub(crate) fn unreadable(&self, place: &Place) -> Option<String> {
        match place {
            Place::Xml(_) => xml::problem(&self.body).map(str::to_owned),
            Place::Form { .. } => multipart::problem(self.headers.text("content-type")?, &self.body),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_not_read_has_one_sentence() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
        let deep = "<a>".repeat(100_000);
        let [xml, form] = [Place::Xml("/a".into()), "form:a".to_owned().try_into().unwrap()];
        for (kind, place, body, says) in [
            ("text/xml", &xml, bomb, Some("has a DOCTYPE")),
            ("text/xml", &xml, "<a><b></a>", Some("is no XML")),
            ("text/xml", &xml, "<a>", Some("ends within an element")),
            ("text/xml", &xml, &deep, Some("more than 64 elements")),
            ("text/xml", &xml, "{}", Some("no element")),
            ("text/xml", &xml, "<?xml version=\"1.0\"?><a><b/></a>\n", None),
            ("multipart/form-data", &form, "--B\r\n", Some("names no boundary")),
            (
                "multipart/form-data; boundary=B",
                &form,
                "rubbish --B",
                Some("has no field"),
            ),
            (
                "multipart/form-data; boundary=B",
                &form,
                "--B\r\n\r\nx",
                Some("has no field"),
            ),
            (
                "multipart/form-data; boundary=B",
                &form,
                "--B\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2\r\n--B--\r\n",
                None,
            ),
            ("application/x-www-form-urlencoded", &form, "%%%", None),
        ] {
            let message = Message {
                headers: [("Content-Type", kind)].into_iter().collect(),
                ..Message::new(body.to_owned())
            };
            let said = message.unreadable(place);
            let is_right = match says {
                Some(says) => said.as_deref().is_some_and(|said| said.contains(says)),
                None => said.is_none(),
            };
            assert!(is_right, "{kind} {}: {said:?}", &body[..body.len().min(40)]);
        }
    }
}
