//! Numbers as JavaScript writes them.

use serde_json::Number;

/// `given` as `JSON.stringify` writes it.
///
/// # Errors
/// What JavaScript would write instead, where an IEEE 754 double can't hold the value.
pub(super) fn javascript(given: &Number) -> Result<Number, String> {
    let text = given.to_string();
    let value: f64 = text.parse().map_err(|_| "null".to_owned())?;
    if !value.is_finite() {
        return Err("null".into());
    }
    let written = ryu_js::Buffer::new().format_finite(value).to_owned();
    if decimal(&text) == decimal(&written) {
        Ok(Number::from_string_unchecked(written))
    } else {
        Err(written)
    }
}

/// The value of a decimal without its sign, as digits without outer zeros and the power of ten behind them.
fn decimal(text: &str) -> (String, i64) {
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    // An exponent beyond i64 belongs to zero or to a number that was refused as infinite or lost to underflow.
    let exponent: i64 = exponent.parse().unwrap_or(i64::MAX / 2);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_start_matches('0').trim_end_matches('0');
    if kept.is_empty() {
        return (String::new(), 0);
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    (kept.to_owned(), exponent - fraction.len() as i64 + trailing as i64)
}
