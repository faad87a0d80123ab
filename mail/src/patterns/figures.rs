//! The figures of a pattern, each by its formula.

/// Mails a pattern must be in, of so many: 50 or 0.03 %, whichever is more, from 20,000 mails on; below that 0.25 %, and
/// never less than 5.
pub fn min_support(mails: u64) -> u64 {
    if mails >= 20_000 { (mails * 3).div_ceil(10_000).max(50) } else { mails.div_ceil(400).max(5) }
}

/// How many times more often a mail with the structure is of the category than any mail is: (`both` / `with`) /
/// (`category` / `all`). 1 is chance. Brin, Motwani, Ullman, Tsur, Dynamic itemset counting and implication rules, 1997,
/// where it is called interest. 1 where nothing was counted.
pub fn lift(both: u64, with: u64, category: u64, all: u64) -> f64 {
    if with == 0 || category == 0 || all == 0 {
        return 1.0;
    }
    (both as f64 * all as f64) / (with as f64 * category as f64)
}

/// How many standard deviations `both` lies above what chance gives, by the binomial of `with` draws at the category's
/// base rate; infinite where every mail is of the category and there is nothing to compare with.
pub(super) fn surprise(both: u64, with: u64, category: u64, all: u64) -> f64 {
    let rate = category as f64 / all.max(1) as f64;
    let spread = (with as f64 * rate * (1.0 - rate)).sqrt();
    if spread == 0.0 { f64::INFINITY } else { (both as f64 - with as f64 * rate) / spread }
}

/// How the share of mails that bear a pattern has moved from the earlier half of the time all mail spans to the recent
/// half: (r - e) / (r + e), where r = `recent` / `all_recent` and e likewise. From -1 (only earlier) to 1 (only of late); 0
/// is no change, and where one half has no mail at all.
pub fn trend(recent: u64, all_recent: u64, earlier: u64, all_earlier: u64) -> f64 {
    if all_recent == 0 || all_earlier == 0 || recent + earlier == 0 {
        return 0.0;
    }
    let (r, e) = (recent as f64 / all_recent as f64, earlier as f64 / all_earlier as f64);
    (r - e) / (r + e)
}

/// Three decimals: what is stored, and compared.
pub(super) fn rounded(figure: f64) -> f64 {
    (figure * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lift_is_as_computed_by_hand() {
        // 30 of 40 mails with the structure are orders; 200 of 1,000 mails are: 0.75 / 0.2.
        assert!((lift(30, 40, 200, 1_000) - 3.75).abs() < 1e-12);
        assert!((lift(8, 40, 200, 1_000) - 1.0).abs() < 1e-12);
        assert!((lift(0, 0, 0, 0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn trend_is_as_computed_by_hand() {
        // 30 of 500 of late against 10 of 500 before: (0.06 - 0.02) / 0.08.
        assert!((trend(30, 500, 10, 500) - 0.5).abs() < 1e-12);
        // Twice as much mail of late is no trend.
        assert!(trend(20, 1_000, 10, 500).abs() < 1e-12);
        assert!((trend(0, 500, 10, 500) + 1.0).abs() < 1e-12);
        assert!(trend(5, 10, 0, 0).abs() < 1e-12);
    }

    #[test]
    fn support_grows_with_the_mail() {
        assert_eq!([100, 2_000, 5_000, 20_000, 200_000].map(min_support), [5, 5, 13, 50, 60]);
    }
}
