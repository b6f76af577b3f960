//! Columns by the width that characters take on a terminal.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// `text` in at most `room` columns; what is too long loses its middle.
pub fn middle(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let ends = room.saturating_sub(1);
    let (front, back) = (ends.div_ceil(2), ends / 2);
    let start = taken(text.chars(), front);
    let rest: String = text.chars().rev().collect();
    let end: String = taken(rest.chars(), back).chars().rev().collect();
    format!("{start}…{end}")
}

/// `text` in at most `room` columns; what is too long loses its end, from a word on where one fits.
pub fn beginning(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let start = taken(text.chars(), room.saturating_sub(1));
    let ends_a_word = text[start.len()..].starts_with(' ');
    match start.rsplit_once(' ') {
        Some((words, _)) if !ends_a_word => format!("{words}…"),
        _ => format!("{start}…"),
    }
}

/// As many characters as have room.
fn taken(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut left = room;
    let fits = |char: &char| {
        let wide = char.width().unwrap_or(0);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    };
    chars.take_while(fits).collect()
}

/// `text` filled up to `width` columns.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_keeps_both_ends() {
        assert_eq!(middle("subscription.trial_started", 12), "subscr…arted");
        assert_eq!(middle("短い", 4), "短い");
        assert_eq!(middle("支払い.成功", 7), "支…功");
        assert_eq!(beginning("A customer finished a session", 20), "A customer finished…");
        assert_eq!(beginning("Endlessly", 5), "Endl…");
        assert_eq!(beginning("Short", 5), "Short");
        assert_eq!(padded("支払", 6), "支払  ");
    }
}
