//! A request and what was answered to it: beside each other where there is room, else one above the other.

use ckwh::exchange::http;
use ckwh::exchange::jsonl::{AnswerFields, CaptureFields, DeliveryFields};
use unicode_width::UnicodeWidthChar as _;

use super::super::CaptureItem;
use super::super::visible::{block, line};
use super::{Human, milliseconds, status_text};

/// From so many columns on both have room beside each other.
const WIDE: usize = 120;
/// What stands between both.
const BETWEEN: &str = " │ ";
/// How much of an answer's body is shown, in bytes.
const SHOWN_ANSWER: usize = 64 * 1024;

/// The last delivery whose answer was kept, and in a word what it was.
fn answered(fields: &CaptureFields) -> Option<(&'static str, &DeliveryFields, &AnswerFields)> {
    let replays = fields.replays.iter().rev().map(|replay| ("replayed", replay));
    let others = [("forwarded", &fields.forward), ("sent", &fields.send)];
    let others = others
        .into_iter()
        .filter_map(|(how, delivery)| Some((how, delivery.as_ref()?)));
    let mut all = replays
        .chain(others)
        .filter_map(|(how, delivery)| Some((how, delivery, delivery.response.as_ref()?)));
    all.next()
}

impl Human {
    /// The request, and where its answer was kept, that.
    pub(super) fn sides(&self, item: &CaptureItem) -> String {
        let request = self.request_side(item);
        let Some((how, delivery, answer)) = answered(&item.fields) else {
            return request;
        };
        let title = format!(
            "{} from {}{}",
            status_text(answer.status),
            line(&delivery.target),
            delivery
                .duration_ms
                .map_or_else(String::new, |took| format!(" in {}", milliseconds(took)))
        );
        let error = delivery.error.as_deref().map(|error| format!("{}\n", line(error)));
        let answer = format!("{}{}", error.unwrap_or_default(), self.answer_side(answer));
        match self.width {
            Some(width) if width >= WIDE => {
                let columns = (width - BETWEEN.chars().count()) / 2;
                let left = ["request", &"─".repeat(columns), &request].join("\n");
                let right = [&title, &"─".repeat(columns), &answer].map(String::as_str).join("\n");
                beside(&left, &right, columns)
            }
            _ => format!(
                "{request}\n{} {}\n\n{answer}",
                self.paint.bold(&title),
                self.paint.dim(&format!("({how})"))
            ),
        }
    }

    fn request_side(&self, item: &CaptureItem) -> String {
        let fields = &item.fields;
        let head = http::write(&fields.method, &fields.target, &fields.headers.0, b"");
        let mut text = super::capture::cut_lines(&block(&head));
        let shown = &item.bytes[..item.bytes.len().min(super::capture::SHOWN_BODY)];
        text.push_str(&super::capture::cut_lines(&self.body(shown)));
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if shown.len() < item.bytes.len() {
            let more = super::capture::size_text((item.bytes.len() - shown.len()) as u64);
            text.push_str(&self.paint.dim(&format!("… and {more} more; --raw gives all of it\n")));
        }
        text
    }

    fn answer_side(&self, answer: &AnswerFields) -> String {
        let mut text = String::new();
        for (name, value) in answer.headers.0.iter() {
            text.push_str(&format!("{}: {}\n", line(name), line(&String::from_utf8_lossy(value))));
        }
        text.push('\n');
        match (&answer.body.body, &answer.body.body_base64) {
            (Some(body), _) => {
                let end = body.floor_char_boundary(SHOWN_ANSWER);
                text.push_str(&super::capture::cut_lines(&self.body(&body.as_bytes()[..end])));
            }
            (None, Some(_)) => text.push_str(&self.paint.dim("a body that is not text; --json has its bytes")),
            (None, None) => {}
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if answer.body.truncated {
            text.push_str(&self.paint.dim("… and more, which was not kept\n"));
        }
        text
    }
}

/// Two texts in columns of that width.
fn beside(left: &str, right: &str, width: usize) -> String {
    let (left, right) = (wrapped(left, width), wrapped(right, width));
    let mut text = String::new();
    for at in 0..left.len().max(right.len()) {
        let side = |lines: &[(String, usize)]| lines.get(at).cloned().unwrap_or_default();
        let ((left, taken), (right, _)) = (side(&left), side(&right));
        text.push_str(&left);
        text.push_str(&" ".repeat(width.saturating_sub(taken)));
        text.push_str(BETWEEN);
        text.push_str(&right);
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text
}

/// The lines of a text, each with its width; longer ones go on in the next. What colours a text takes no room.
fn wrapped(text: &str, width: usize) -> Vec<(String, usize)> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let (mut one, mut taken, mut is_colour) = (String::new(), 0, false);
        for c in line.chars() {
            is_colour |= c == '\u{1b}';
            let wide = if is_colour { 0 } else { c.width().unwrap_or(0) };
            is_colour &= c != 'm';
            if taken + wide > width {
                lines.push((std::mem::take(&mut one), taken));
                taken = 0;
            }
            one.push(c);
            taken += wide;
        }
        lines.push((one, taken));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_and_lose_nothing() {
        let text = beside("abcdefg\n漢字\n", "1\n\n12345678", 4);
        assert_eq!(text, "abcd │ 1\nefg  │\n漢字 │ 1234\n     │ 5678\n");
    }
}
