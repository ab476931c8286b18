//! FHIR dates.

/// Whether `text` is a FHIR R4 `date`, `dateTime` or `instant`: `yyyy`, `yyyy-mm`, `yyyy-mm-dd` or
/// `yyyy-mm-ddThh:mm:ss[.f](Z|+hh:mm)` (the regular expressions of R4 datatypes; the length of a month is not checked
/// there either).
pub(super) fn is_fhir_date(text: &str) -> bool {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = parts.next().and_then(|year| number(year, 4)).is_some_and(|year| year > 0);
    let month = parts.next().map(|month| number(month, 2).is_some_and(|month| (1..=12).contains(&month)));
    let day = parts.next().map(|day| number(day, 2).is_some_and(|day| (1..=31).contains(&day)));
    year && month != Some(false)
        && day != Some(false)
        && parts.next().is_none()
        && time.is_none_or(|time| day.is_some() && is_time(time))
}

fn is_time(text: &str) -> bool {
    let Some(zone_start) = text.find(['Z', '+', '-']) else { return false };
    let Some((clock, zone)) = text.split_at_checked(zone_start) else { return false };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut parts = clock.split(':').map(|part| number(part, 2));
    let is_clock = matches!(
        (parts.next(), parts.next(), parts.next(), parts.next()),
        (Some(Some(0..=23)), Some(Some(0..=59)), Some(Some(0..=60)), None)
    );
    let is_fraction = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_clock && fraction.is_none_or(is_fraction) && is_zone(zone)
}

fn is_zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return text == "Z" };
    let Some((hours, minutes)) = offset.split_once(':') else { return false };
    matches!((number(hours, 2), number(minutes, 2)), (Some(0..=13), Some(0..=59)) | (Some(14), Some(0)))
}

/// The number that `text` writes with exactly `digits` digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fhir_dates() {
        for text in [
            "2026",
            "0001",
            "2026-01",
            "2026-12-31",
            "2026-02-31",
            "2026-08-22T00:00:00Z",
            "2026-08-22T23:59:60.123+02:00",
            "2026-08-22T10:00:00-13:59",
            "2026-08-22T10:00:00+14:00",
        ] {
            assert!(is_fhir_date(text), "{text}");
        }
    }

    #[test]
    fn other_text() {
        for text in [
            "",
            "0000",
            "26",
            "02026",
            "2026-",
            "2026-13",
            "2026-00",
            "2026-1",
            "2026-01-32",
            "2026-01-00",
            "2026-01-01-01",
            "20/03/2026",
            "2026-08-22T",
            "2026-08-22T10:00:00",
            "2026-08-22T10:00Z",
            "2026-08-22T24:00:00Z",
            "2026-08-22T10:60:00Z",
            "2026-08-22T10:00:61Z",
            "2026-08-22T10:00:00.Z",
            "2026-08-22T10:00:00+14:01",
            "2026-08-22T10:00:00+0200",
            "2026-08-22T10:00:00Z ",
            "2026-08T10:00:00Z",
            "2026-08-22 10:00:00Z",
            "٢٠٢٦",
        ] {
            assert!(!is_fhir_date(text), "{text}");
        }
    }
}
