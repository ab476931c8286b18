//! The lines before the first section.

use super::super::sheet::SheetLine;

const TITLE: &str = "Combined Variant Output";

/// The product that a banner names: the text before ` - Combined Variant Output`; none where the line is no banner of
/// this kind of file.
pub(super) fn product<'a>(line: &'a SheetLine<'_>) -> Option<&'a str> {
    let (product, _) = line.cell(0).split_once(TITLE)?;
    let product = product.trim_end().trim_end_matches('-').trim_end();
    (!product.is_empty()).then_some(product)
}

/// Whether a line is the disclaimer under the banner.
pub(super) fn is_disclaimer(line: &SheetLine<'_>) -> bool {
    line.cell(0).starts_with("For Research Use Only")
}
