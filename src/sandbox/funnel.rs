//! How many patients come how far. Each number has its own denominator; none is computed from another one's share.

/// How many patients come how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funnel {
    /// Referred, consented, profiled.
    pub screened: u32,
    /// With an alteration that can be acted on, and a cohort for it.
    pub matched: u32,
    /// Treatment started.
    pub started: u32,
    /// Followed for 16 weeks or more.
    pub week16: u32,
    /// Of those, evaluable.
    pub evaluable: u32,
    /// Of the evaluable, with disease control in week 16.
    pub control: u32,
}

/// What was published of the trial's first 31 months (Puco et al. 2024, PMID 38779911).
pub const PUBLISHED: Funnel =
    Funnel { screened: 1_167, matched: 358, started: 186, week16: 170, evaluable: 145, control: 58 };

/// Cohorts that were opened: more than 150 (reference of the trial, 2024).
pub const COHORTS: u32 = 156;

/// A part of the trial, in hundredths of a percent of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale(u32);

impl Scale {
    /// The whole trial.
    pub const WHOLE: Self = Self(10_000);

    /// Reads a number above 0 and at most 1, such as `0.1`, to four digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        if part.len() > 4 || whole.len() > 2 || whole.is_empty() {
            return None;
        }
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(part) {
            return None;
        }
        let value = whole.parse::<u32>().ok()? * 10_000 + format!("{part:0<4}").parse::<u32>().ok()?;
        (1..=10_000).contains(&value).then_some(Self(value))
    }

    /// The part of a number, rounded.
    pub fn of(self, number: u32) -> u32 {
        let scaled = (u64::from(number) * u64::from(self.0) + 5_000) / 10_000;
        u32::try_from(scaled).unwrap_or(number)
    }

    /// The published funnel in proportion: each number is rounded by itself, and is at least 1.
    pub fn funnel(self) -> Funnel {
        let part = |number| self.of(number).max(1);
        Funnel {
            screened: part(PUBLISHED.screened),
            matched: part(PUBLISHED.matched),
            started: part(PUBLISHED.started),
            week16: part(PUBLISHED.week16),
            evaluable: part(PUBLISHED.evaluable),
            control: part(PUBLISHED.control),
        }
    }

    /// How many cohorts there are: not more than patients for whom there is one.
    pub fn cohorts(self) -> u32 {
        self.of(COHORTS).clamp(2, COHORTS).min(self.funnel().matched)
    }
}

/// A share of a denominator in percent, with one decimal; `-` where there is none.
pub fn percent(part: u32, whole: u32) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let tenths = (u64::from(part) * 2_000 + u64::from(whole)) / (2 * u64::from(whole));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_trial_is_what_was_published() {
        assert_eq!(Scale::parse("1"), Some(Scale::WHOLE));
        assert_eq!(Scale::WHOLE.funnel(), PUBLISHED);
        assert_eq!(Scale::WHOLE.cohorts(), 156);
    }

    #[test]
    fn every_share_has_its_own_denominator() {
        let Funnel { screened, matched, started, week16, evaluable, control } = PUBLISHED;
        assert_eq!(percent(control, evaluable), "40.0 %");
        // What the same patients would be of others: none of these is the published figure.
        assert_eq!(percent(control, week16), "34.1 %");
        assert_eq!(percent(control, started), "31.2 %");
        assert_eq!(percent(matched, screened), "30.7 %");
        assert_eq!(percent(started, screened), "15.9 %");
        assert_eq!(percent(started, matched), "52.0 %");
        assert_eq!(percent(0, 0), "-");
    }

    #[test]
    fn a_part_keeps_the_order_of_the_numbers() {
        for hundredths in 1..=10_000 {
            let Funnel { screened, matched, started, week16, evaluable, control } = Scale(hundredths).funnel();
            assert!(screened >= matched && matched >= started && started >= week16, "{hundredths}");
            assert!(week16 >= evaluable && evaluable >= control && control > 0, "{hundredths}");
        }
        let tenth = Funnel { screened: 117, matched: 36, started: 19, week16: 17, evaluable: 15, control: 6 };
        assert_eq!(Scale::parse("0.1").unwrap().funnel(), tenth);
    }

    #[test]
    fn a_scale_is_a_part_of_the_trial() {
        assert_eq!(Scale::parse("0.025").map(|scale| scale.of(1_000)), Some(25));
        for wrong in ["0", "0.0", "1.1", "2", "-1", "x", "", ".5", "0.12345", "1e-1"] {
            assert_eq!(Scale::parse(wrong), None, "{wrong}");
        }
    }
}
