//! Numbers as a language writes them.

use super::style::{Digits, Highest, Integers, NumberFormat};

/// `given` as a language of this format writes it; `None` where it can't.
pub(super) fn write(given: &str, format: &NumberFormat) -> Option<String> {
    if !given.contains(['.', 'e', 'E']) {
        let kept = match format.integers {
            Integers::Kept => return Some(if given == "-0" { "0" } else { given }.to_owned()),
            Integers::Signed64 => given != "-0" && given.parse::<i64>().is_ok(),
            Integers::Any64 => given != "-0" && (given.parse::<i64>().is_ok() || given.parse::<u64>().is_ok()),
            Integers::Double => false,
        };
        if kept {
            return Some(given.to_owned());
        }
    }
    let (sign, digits, power) = match few_digits(given) {
        Some((digits, power)) => (if given.starts_with('-') { "-" } else { "" }, digits, power),
        None => {
            let value: f64 = given.parse().ok()?;
            let sign = if value.is_sign_negative() && (value != 0.0 || format.minus_zero) {
                "-"
            } else {
                ""
            };
            if !value.is_finite() {
                return format.infinite.map(|text| format!("{sign}{text}"));
            }
            if value == 0.0 {
                return Some(format!("{sign}0{}", format.whole));
            }
            let (digits, power) = digits(value.abs(), format.digits)?;
            (sign, digits, power)
        }
    };
    laid_out(sign, &digits, power, format)
}

/// Digits, of which the first counts for that power of ten, with the exponent or the zeros that the format wants.
fn laid_out(sign: &str, digits: &str, power: i32, format: &NumberFormat) -> Option<String> {
    let count = i32::try_from(digits.len()).ok()?;
    let highest = match format.highest {
        Highest::Power(power) => power,
        Highest::BeyondDigits(more) => count + more,
    };
    let mut text = String::with_capacity(32);
    text.push_str(sign);
    let zeros = |text: &mut String, count: i32| text.extend((0..count).map(|_| '0'));
    if power < format.lowest || power >= highest {
        let (first, rest) = digits.split_at(1);
        text.push_str(first);
        if rest.is_empty() {
            text.push_str(format.mantissa);
        } else {
            text.push('.');
            text.push_str(rest);
        }
        text.push_str(if power < 0 {
            &format.exponent[..1]
        } else {
            format.exponent
        });
        if power < 0 {
            text.push('-');
        }
        let width = format.exponent_digits;
        text.push_str(&format!("{:0width$}", power.unsigned_abs()));
    } else if power < 0 {
        text.push_str("0.");
        zeros(&mut text, -power - 1);
        text.push_str(digits);
    } else if power + 1 >= count {
        text.push_str(digits);
        zeros(&mut text, power + 1 - count);
        text.push_str(format.whole);
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(power + 1).ok()?);
        text.push_str(whole);
        text.push('.');
        text.push_str(fraction);
    }
    Some(text)
}

/// A decimal of at most so many digits is the only one of them that gives its double: every way of writing that begins with
/// the same digits (IEEE 754, DBL_DIG).
const SURE: usize = 15;

/// The digits of a number without an exponent and the power of ten of the first, as [`digits`] gives them, where it is not
/// zero and has few.
fn few_digits(given: &str) -> Option<(String, i32)> {
    let text = given.strip_prefix('-').unwrap_or(given);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all = [whole, fraction];
    let is_plain = all.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_plain || whole.len() + fraction.len() > SURE {
        return None;
    }
    let mut digits = String::with_capacity(SURE);
    all.iter().for_each(|part| digits.push_str(part));
    let leading = digits.len() - digits.trim_start_matches('0').len();
    digits.truncate(digits.trim_end_matches('0').len());
    if digits.len() <= leading {
        return None;
    }
    digits.drain(..leading);
    let power = i32::try_from(whole.len()).ok()? - 1 - i32::try_from(leading).ok()?;
    Some((digits, power))
}

/// The digits of a positive double without zeros at the end, and the power of ten of the first.
fn digits(value: f64, how: Digits) -> Option<(String, i32)> {
    let same = |text: &String| text.parse::<f64>() == Ok(value);
    let shortest = format!("{value:e}");
    let text = match how {
        Digits::Shortest => shortest,
        Digits::AtLeastTwo if !shortest.contains('.') => Some(format!("{value:.1e}")).filter(same).unwrap_or(shortest),
        Digits::AtLeastTwo => shortest,
        Digits::Fifteen => Some(format!("{value:.14e}"))
            .filter(same)
            .unwrap_or(format!("{value:.16e}")),
        Digits::Rounded15 => format!("{value:.14e}"),
    };
    let (mantissa, power) = text.split_once('e')?;
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    Some((digits.trim_end_matches('0').to_owned(), power.parse().ok()?))
}

/// A decimal with every digit and no exponent, as PostgreSQL's `numeric` has it; `None` where that is longer than a
/// thousand digits.
pub(super) fn decimal_text(given: &str) -> Option<String> {
    let Some((mantissa, exponent)) = given.split_once(['e', 'E']) else {
        return Some(if given == "-0" { "0" } else { given }.to_owned());
    };
    let exponent: i64 = exponent.parse().ok().filter(|exponent: &i64| exponent.abs() < 1_000)?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i64 + exponent;
    let text = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(usize::try_from(-point).ok()?))
    } else {
        let point = usize::try_from(point).ok()?;
        let padded = format!("{digits:0<point$}");
        let (whole, fraction) = padded.split_at(point);
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        if fraction.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{fraction}")
        }
    };
    Some(format!("{sign}{text}"))
}

/// Whether two decimals are the same number.
pub(super) fn same(one: &str, other: &str) -> bool {
    decimal(one) == decimal(other)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Against what Rust prints of the double.
    #[test]
    fn few_digits_are_those_of_the_double() {
        let texts = [
            "1",
            "-1",
            "10",
            "120",
            "0.5",
            "80.50",
            "0.001",
            "-0.0120",
            "123456789012345",
            "1.23456789012345",
            "0.00000123456789",
            "100000000000000",
            "999999999999.999",
            "00.10",
        ];
        let all = [Digits::Shortest, Digits::AtLeastTwo, Digits::Fifteen, Digits::Rounded15];
        for text in texts {
            let value: f64 = text.parse::<f64>().unwrap().abs();
            for how in all {
                assert_eq!(few_digits(text), digits(value, how), "{text}");
            }
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let length = random.u32(1..=15);
            let number = random.u64(1..10u64.pow(length));
            let mut text = number.to_string();
            let point = random.usize(0..=text.len());
            if point > 0 && point < text.len() {
                text.insert(point, '.');
            }
            let value: f64 = text.parse().unwrap();
            for how in all {
                assert_eq!(few_digits(&text), digits(value, how), "{text}");
            }
        }
        for text in ["0", "0.00", "-0", "1e5", "1234567890123456", "0.1234567890123456"] {
            assert_eq!(few_digits(text), None, "{text}");
        }
    }
}
