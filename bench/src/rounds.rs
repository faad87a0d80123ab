//! Ceiling and product in turn.

use anyhow::Result;

use crate::median;

/// What the rounds gave.
pub struct Measured {
    /// Median of the rounds' ratios of product to ceiling.
    pub ratio: f64,
    /// Median of the product.
    pub product: f64,
    /// Median of the ceiling.
    pub ceiling: f64,
    /// Rounds that tell nothing, because the ceiling beside them moved by more than a quarter.
    pub void: usize,
}

/// Reads both so many times, the ceiling once more than the product.
pub async fn in_turn(
    rounds: usize,
    mut product: impl AsyncFnMut() -> Result<f64>,
    mut ceiling: impl AsyncFnMut() -> Result<f64>,
) -> Result<Measured> {
    let (mut products, mut ceilings, mut ratios, mut void) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut before = ceiling().await?;
    for _ in 0..rounds {
        let rate = product().await?;
        let after = ceiling().await?;
        if (before - after).abs() > 0.25 * before.max(after) {
            void += 1;
        } else {
            ratios.push(rate / f64::midpoint(before, after));
        }
        products.push(rate);
        ceilings.push(after);
        before = after;
    }
    Ok(Measured { ratio: median(ratios), product: median(products), ceiling: median(ceilings), void })
}
