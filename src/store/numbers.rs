//! Many numbers of captures, in little room.

use std::fmt;
use std::ops::RangeInclusive;

/// How many ranges are written out for a reader.
const SHOWN: usize = 8;

/// Numbers in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers(Vec<RangeInclusive<i64>>);

impl Numbers {
    /// Adds a number that is greater than all before; another is passed over.
    pub fn push(&mut self, number: i64) {
        match self.0.last_mut() {
            Some(last) if number <= *last.end() => {}
            Some(last) if number - 1 == *last.end() => *last = *last.start()..=number,
            _ => self.0.push(number..=number),
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(length).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The greatest.
    pub fn last(&self) -> Option<i64> {
        self.0.last().map(|range| *range.end())
    }

    /// The first and the last of each unbroken row of them.
    pub fn ranges(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.0.iter().map(|range| (*range.start(), *range.end()))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.0.iter().cloned().flatten()
    }

    /// Whether it is one of them.
    pub fn contains(&self, number: i64) -> bool {
        let after = self.0.partition_point(|range| *range.start() <= number);
        after.checked_sub(1).is_some_and(|at| self.0[at].contains(&number))
    }

    /// The numbers of `range` that are not among them.
    pub fn missing_in(&self, range: &RangeInclusive<i64>) -> Self {
        let (mut next, last) = (*range.start(), *range.end());
        let mut missing = Vec::new();
        for own in self.0.iter().filter(|own| own.end() >= range.start()) {
            if *own.start() > last {
                break;
            }
            if *own.start() > next {
                missing.push(next..=*own.start() - 1);
            }
            next = own.end().saturating_add(1);
        }
        if next <= last {
            missing.push(next..=last);
        }
        Self(missing)
    }

    /// As text that [`Numbers::parse`] reads.
    pub fn to_text(&self) -> String {
        let ranges: Vec<String> = self.0.iter().map(text).collect();
        ranges.join(" ")
    }

    /// Reads what [`Numbers::to_text`] wrote; `None` where it is no such text.
    pub fn parse(text: &str) -> Option<Self> {
        let range = |word: &str| {
            let (first, last) = word.split_once("..").unwrap_or((word, word));
            let range = first.parse::<i64>().ok()?..=last.parse::<i64>().ok()?;
            (!range.is_empty()).then_some(range)
        };
        let ranges = text.split_whitespace().map(range).collect::<Option<Vec<_>>>()?;
        ranges
            .windows(2)
            .all(|two| two[0].end() < two[1].start())
            .then_some(Self(ranges))
    }
}

fn length(range: &RangeInclusive<i64>) -> u64 {
    range.end().abs_diff(*range.start()) + 1
}

fn text(range: &RangeInclusive<i64>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{}..{}", range.start(), range.end())
    }
}

/// For a reader: `1..3, 7` and, of very many, the first.
impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(text).collect();
        f.write_str(&shown.join(", "))?;
        match self.0.len() > SHOWN {
            true => f.write_str(" …"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(all: &[i64]) -> Numbers {
        let mut numbers = Numbers::default();
        all.iter().for_each(|number| numbers.push(*number));
        numbers
    }

    #[test]
    fn what_is_put_in_comes_out() {
        let all = [1, 2, 3, 5, 8, 9, i64::MAX];
        let found = numbers(&all);
        assert_eq!(found.iter().collect::<Vec<_>>(), all);
        assert_eq!(found.len(), all.len() as u64);
        assert!(all.iter().all(|number| found.contains(*number)));
        assert!(![0, 4, 6, 7, 10, -1].iter().any(|number| found.contains(*number)));
        assert_eq!(Numbers::parse(&found.to_text()), Some(found));
        assert_eq!(Numbers::parse(""), Some(Numbers::default()));
        for wrong in ["x", "3..1", "2 1", "1..3 3", "1.."] {
            assert_eq!(Numbers::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_there_is_named() {
        let found = numbers(&[2, 3, 6]);
        for (range, missing) in [
            (1..=7, "1, 4..5, 7"),
            (2..=3, ""),
            (8..=9, "8..9"),
            (3..=6, "4..5"),
            (4..=5, "4..5"),
        ] {
            assert_eq!(found.missing_in(&range).to_string(), missing, "{range:?}");
        }
    }
}
