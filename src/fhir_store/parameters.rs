//! When a resource was written, as it is asked for: ranges of time, which the journal reads one by one.

use jiff::Timestamp;

use super::date;
use super::query::{self, Invalid};
use crate::domain::search::Comparison;

/// From the first millisecond, to before the last; none: without an end.
pub(super) type Range = (Option<i64>, Option<i64>);

/// Times at which a resource may have been written, in order and apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Times(Vec<Range>);

/// Ranges that one search may fall into: each is a question to the journal.
const MOST: usize = 8;

impl Default for Times {
    fn default() -> Self {
        Self(vec![(None, None)])
    }
}

impl Times {
    /// Narrows them: one of the values holds.
    pub(super) fn narrow(&mut self, text: &str) -> Result<(), Invalid> {
        let form = || Invalid::Form("_lastUpdated is no time, with eq, ne, gt, ge, lt, le, sa or eb".to_owned());
        let mut any = Vec::new();
        for value in query::values(text)? {
            let (comparison, period) = date::wanted(value).ok_or_else(form)?;
            any.extend(ranges(comparison, period).ok_or_else(form)?);
        }
        let any = joined(any);
        let both = |(from, to): &Range| {
            let (from, to) = (*from, *to);
            any.iter().map(move |other| (from.max(other.0), earliest(to, other.1))).collect::<Vec<_>>()
        };
        self.0 = joined(self.0.iter().flat_map(both).collect());
        if self.0.len() > MOST {
            return Err(Invalid::Form(format!("_lastUpdated falls into more than {MOST} ranges")));
        }
        Ok(())
    }

    /// The ranges, as the journal takes them.
    pub(super) fn ranges(&self) -> Vec<(Option<Timestamp>, Option<Timestamp>)> {
        let instant = |time: Option<i64>| time.and_then(|time| Timestamp::from_millisecond(time).ok());
        self.0.iter().map(|(from, to)| (instant(*from), instant(*to))).collect()
    }
}

/// A moment has no length: what reaches beyond a period begins after it.
fn ranges(comparison: Comparison, (first, last): (i64, i64)) -> Option<Vec<Range>> {
    let after = last.checked_add(1)?;
    Some(match comparison {
        Comparison::Equal => vec![(Some(first), Some(after))],
        Comparison::NotEqual => vec![(None, Some(first)), (Some(after), None)],
        Comparison::Greater | Comparison::StartsAfter => vec![(Some(after), None)],
        Comparison::GreaterOrEqual => vec![(Some(first), None)],
        Comparison::Less | Comparison::EndsBefore => vec![(None, Some(first))],
        Comparison::LessOrEqual => vec![(None, Some(after))],
        Comparison::Overlaps => return None,
    })
}

fn earliest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    [a, b].into_iter().flatten().min()
}

/// In order, without those that hold nothing, and those that touch in one.
fn joined(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.retain(|(from, to)| from.zip(*to).is_none_or(|(from, to)| from < to));
    ranges.sort_unstable();
    let mut joined: Vec<Range> = Vec::with_capacity(ranges.len());
    for (from, to) in ranges {
        match joined.last_mut() {
            Some((_, end)) if end.is_none_or(|end| from.is_none_or(|from| from <= end)) => {
                *end = end.zip(to).map(|(end, to)| end.max(to));
            }
            _ => joined.push((from, to)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(texts: &[&str]) -> Vec<(Option<String>, Option<String>)> {
        let mut times = Times::default();
        for text in texts {
            times.narrow(text).unwrap();
        }
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        times.ranges().into_iter().map(|(from, to)| (text(from), text(to))).collect()
    }

    #[test]
    fn times_are_narrowed_by_each_and_widened_by_a_comma() {
        let some = |text: &str| Some(text.to_owned());
        // Days are Norwegian, at UTC+2 in May.
        let day = || some("2026-05-27T22:00:00Z");
        let next = || some("2026-05-28T22:00:00Z");
        for (texts, ranges) in [
            (vec![], vec![(None, None)]),
            (vec!["2026-05-28"], vec![(day(), next())]),
            (vec!["ne2026-05-28"], vec![(None, day()), (next(), None)]),
            (vec!["gt2026-05-28"], vec![(next(), None)]),
            (vec!["sa2026-05-28"], vec![(next(), None)]),
            (vec!["ge2026-05-28"], vec![(day(), None)]),
            (vec!["lt2026-05-28"], vec![(None, day())]),
            (vec!["eb2026-05-28"], vec![(None, day())]),
            (vec!["le2026-05-28"], vec![(None, next())]),
            (vec!["ge2026-05-28", "lt2026-05-29"], vec![(day(), next())]),
            (vec!["ge2026-05-28", "ne2026-05-28"], vec![(next(), None)]),
            (vec!["2026-05-28,2026-05-29"], vec![(day(), some("2026-05-29T22:00:00Z"))]),
            (vec!["lt2026-05-28,ge2026-05-29"], vec![(None, day()), (next(), None)]),
            (vec!["ge2026,le2026"], vec![(None, None)]),
            (vec!["gt2026-05-28", "lt2026-05-28"], vec![]),
            (vec!["2026-05-28T00:00:00.000+02:00"], vec![(day(), some("2026-05-27T22:00:00.001Z"))]),
        ] {
            assert_eq!(times(&texts), ranges, "{texts:?}");
        }
        for wrong in ["", "x", "ap2026", "2026,", "zz2026"] {
            assert!(Times::default().narrow(wrong).is_err(), "{wrong}");
        }
        let many: Vec<String> = (1..=9).map(|day| format!("2026-01-0{day}T00:00Z")).collect();
        assert!(Times::default().narrow(&many.join(",")).is_err());
    }
}
