//! Values in the place of others that no runtime's golden shows: the clock's own time, methods and paths.

use ckwh::explain::{Effort, Kind, computed};
use ckwh::message::Place;
use jiff::SignedDuration;

use crate::question::{Case, SECRET, Said, at, content, kinds, mac, scheme, secret};

const BODY: &str = r#"{"id":"evt_1"}"#;

/// A handler that signs with its own clock, which is off by what the way and the tolerance allow.
#[test]
fn the_handlers_own_clock_for_the_timestamp_is_named() {
    let arrived = at() + SignedDuration::from_millis(700);
    let did = |stamp: String, effort| {
        let case = Case::usual(BODY);
        let mut question = case.question();
        question.at = Some(arrived);
        question.effort = effort;
        let signature = mac(SECRET.as_bytes(), format!("{stamp}.{BODY}").as_bytes());
        Said::from(computed(&question, &[signature]).remove(0))
    };
    let seconds = |off: i64| (arrived.as_second() + off).to_string();
    for stamp in [
        seconds(3),
        seconds(-17),
        seconds(299),
        (arrived.as_millisecond() + 1234).to_string(),
    ] {
        let said = did(stamp.clone(), Effort::Normal);
        assert_eq!(kinds(&said), [Kind::ContentTimestampOther], "{stamp}: {said:?}");
        assert!(said.causes[0].detail.contains("the clock's own time"), "{said:?}");
    }
    // Each millisecond of the tolerance is high effort's.
    let far = (arrived.as_millisecond() + 123_456).to_string();
    assert_eq!(kinds(&did(far.clone(), Effort::Normal)), [Kind::Unknown]);
    assert_eq!(kinds(&did(far, Effort::High)), [Kind::ContentTimestampOther]);
}

#[test]
fn where_a_value_was_taken_from_is_said() {
    let mut with_id = scheme();
    with_id.id = Some(Place::Header("X-Id".into()));
    with_id.signatures[0].content = content(&["{id}", ".", "{timestamp}", ".", "{body}"]);
    let mut case = Case::signed(with_id, &secret(SECRET), BODY);
    case.message.headers.set("X-Request-Id", "req-77");
    for (id, from) in [
        ("evt_1", "`/id` in the body, not from the header X-Id"),
        ("req-77", "the header `X-Request-Id`, not from the header X-Id"),
        ("1", "the URL's parameter `a`, not from the header X-Id"),
    ] {
        let said = case.did(mac(SECRET.as_bytes(), format!("{id}.1778241600250.{BODY}").as_bytes()));
        assert_eq!(kinds(&said), [Kind::ContentIdOther], "{id}");
        let detail = &said.causes[0].detail;
        assert!(detail.contains(&format!("the id taken from {from}")), "{detail}");
    }
}

#[test]
fn methods_and_paths_are_named_in_both_directions() {
    let mut with_url = scheme();
    with_url.signatures[0].content = content(&["{method}", "{url}", "{body}", "{timestamp}"]);
    let origin = "https://example.com";
    let made = |method: &str, url: &str| {
        mac(
            SECRET.as_bytes(),
            format!("{method}{url}{BODY}1778241600250").as_bytes(),
        )
    };
    for (method, url, kind) in [
        ("post", "https://example.com/api/v1/hooks", Kind::ContentMethod),
        ("Post", "https://example.com/api/v1/hooks", Kind::ContentMethod),
        ("PUT", "https://example.com/api/v1/hooks", Kind::ContentMethod),
        ("", "https://example.com/api/v1/hooks", Kind::ContentMethod),
        ("POST", "https://example.com/api/v1/hooks?", Kind::ContentUrl),
        ("POST", "https://example.com/v1/hooks", Kind::ContentUrl),
        ("POST", "https://example.com/hooks", Kind::ContentUrl),
        ("POST", "/hooks", Kind::ContentUrl),
        ("POST", "/v1/hooks", Kind::ContentUrl),
        ("POST", "/api/v1/hooks", Kind::ContentUrl),
    ] {
        let mut case = Case::signed(with_url.clone(), &secret(SECRET), BODY);
        case.message.url = Some(format!("{origin}/api/v1/hooks"));
        let text = made(method, url);
        assert_eq!(kinds(&case.did(text.clone())), [kind], "{method} {url}");
        assert_eq!(
            case.header(format!("sha256={text}")).why_kinds(),
            [kind],
            "{method} {url}"
        );
    }
}

/// The parts of a content in any order, with anything between them.
#[test]
fn every_order_of_the_parts_is_named() {
    let mut with_id = scheme();
    with_id.id = Some(Place::Header("X-Id".into()));
    with_id.signatures[0].content = content(&["v0:", "{id}", ":", "{timestamp}", ":", "{body}"]);
    let case = Case::signed(with_id, &secret(SECRET), BODY);
    for signed in [
        format!("1778241600250.msg_1.{BODY}"),
        format!("{BODY}\nmsg_1\n1778241600250"),
        format!("v0|1778241600250|{BODY}|msg_1"),
        format!("v0msg_11778241600250{BODY}"),
        format!("msg_1{BODY}"),
        format!("{BODY}.1778241600250"),
    ] {
        let said = case.did(mac(SECRET.as_bytes(), signed.as_bytes()));
        let kind = said.causes[0].kind;
        assert!(
            matches!(
                kind,
                Kind::ContentSeparator | Kind::ContentTimestampMissing | Kind::ContentIdMissing
            ),
            "{signed}: {said:?}"
        );
        assert_eq!(said.causes.len(), 1, "{signed}: {said:?}");
    }
}
