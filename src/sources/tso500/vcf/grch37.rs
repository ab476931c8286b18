//! Lengths of the chromosomes of GRCh37.

/// Chromosome without `chr` and its bases (GenBank assembly GCA_000001405.1; the mitochondrial sequence is rCRS,
/// NC_012920.1).
const LENGTHS: [(&str, u64); 25] = [
    ("1", 249_250_621),
    ("2", 243_199_373),
    ("3", 198_022_430),
    ("4", 191_154_276),
    ("5", 180_915_260),
    ("6", 171_115_067),
    ("7", 159_138_663),
    ("8", 146_364_022),
    ("9", 141_213_431),
    ("10", 135_534_747),
    ("11", 135_006_516),
    ("12", 133_851_895),
    ("13", 115_169_878),
    ("14", 107_349_540),
    ("15", 102_531_392),
    ("16", 90_354_753),
    ("17", 81_195_210),
    ("18", 78_077_248),
    ("19", 59_128_983),
    ("20", 63_025_520),
    ("21", 48_129_895),
    ("22", 51_304_566),
    ("X", 155_270_560),
    ("Y", 59_373_566),
    ("M", 16_569),
];

/// Bases of the mitochondrial sequence NC_001807.4 that the genome hg19 of UCSC has instead of rCRS.
pub(super) const HG19_MITOCHONDRION: u64 = 16_571;

/// Bases of a chromosome.
pub(super) fn length(chromosome: &str) -> Option<u64> {
    LENGTHS.iter().find(|(name, _)| *name == chromosome).map(|(_, length)| *length)
}
