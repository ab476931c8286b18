use super::super::tests::table;
use super::*;

/// Text, direction, resolution, first side, second side.
type Case = (&'static str, Direction, Resolution, &'static [&'static str], &'static [&'static str]);

const KNOWN: Direction = Direction::Known;
const OPEN: Direction = Direction::Unknown;

fn check(cases: &[Case]) {
    let genes = table();
    for (text, direction, resolution, first, second) in cases {
        let pair = parse(text, &genes);
        assert_eq!(pair.sides(), [*first, *second], "{text}");
        assert_eq!((pair.direction(), pair.resolution()), (*direction, *resolution), "{text}");
        let (five_prime, three_prime): (&[&str], &[&str]) =
            if *direction == KNOWN { (first, second) } else { (&[], &[]) };
        assert_eq!((pair.five_prime(), pair.three_prime()), (&own(five_prime)[..], &own(three_prime)[..]), "{text}");
    }
}

fn own(genes: &[&str]) -> Vec<String> {
    genes.iter().map(|gene| (*gene).to_owned()).collect()
}

#[test]
fn the_direction_is_known_where_the_separator_says_so() {
    use Resolution::Resolved;
    check(&[
        ("EML4-ALK", KNOWN, Resolved, &["EML4"], &["ALK"]),
        (" EML4-ALK ", KNOWN, Resolved, &["EML4"], &["ALK"]),
        ("EML4::ALK", KNOWN, Resolved, &["EML4"], &["ALK"]),
        ("EML4--ALK", KNOWN, Resolved, &["EML4"], &["ALK"]),
        ("SLC34A2-ROS1;GOPC", KNOWN, Resolved, &["SLC34A2"], &["ROS1", "GOPC"]),
        ("GOPC;ROS1-ALK", KNOWN, Resolved, &["GOPC", "ROS1"], &["ALK"]),
        ("HLA-A;ALK::NKX2-1", KNOWN, Resolved, &["HLA-A", "ALK"], &["NKX2-1"]),
        ("ALK-ALK", KNOWN, Resolved, &["ALK"], &["ALK"]),
        // A partner that no table knows keeps its text.
        ("EML4-ABC123", KNOWN, Resolved, &["EML4"], &["ABC123"]),
        ("ABC123::ALK", KNOWN, Resolved, &["ABC123"], &["ALK"]),
        // A former symbol.
        ("MLL-AFF1", KNOWN, Resolved, &["MLL"], &["AFF1"]),
        ("CDK4/PDE3A", OPEN, Resolved, &["CDK4"], &["PDE3A"]),
    ]);
}

#[test]
fn a_hyphen_inside_a_symbol_does_not_separate() {
    use Resolution::Resolved;
    check(&[
        ("NKX2-1-FOXA1", KNOWN, Resolved, &["NKX2-1"], &["FOXA1"]),
        ("FOXA1-NKX2-1", KNOWN, Resolved, &["FOXA1"], &["NKX2-1"]),
        ("HLA-A-NKX2-1", KNOWN, Resolved, &["HLA-A"], &["NKX2-1"]),
        // `H3` is a synonym of another gene: a current symbol outranks it.
        ("TMPRSS2-H3-3A", KNOWN, Resolved, &["TMPRSS2"], &["H3-3A"]),
        ("H3-3A-ALK", KNOWN, Resolved, &["H3-3A"], &["ALK"]),
        ("ALK;HLA-A-ROS1", KNOWN, Resolved, &["ALK", "HLA-A"], &["ROS1"]),
        // `RP11` is a synonym of PRPF31.
        ("RP11-458D21.5-ROS1", KNOWN, Resolved, &["RP11-458D21.5"], &["ROS1"]),
        ("ROS1-RP11-458D21.5", KNOWN, Resolved, &["ROS1"], &["RP11-458D21.5"]),
        ("RP11-458D21.5-MLL", KNOWN, Resolved, &["RP11-458D21.5"], &["MLL"]),
        // Both parts of a read-through gene's symbol are symbols: a pair column names a pair.
        ("NME1-NME2", KNOWN, Resolved, &["NME1"], &["NME2"]),
    ]);
}

#[test]
fn a_side_of_unknown_direction_may_list_genes_by_hyphen() {
    use Resolution::Resolved;
    check(&[
        ("PPARG/AC016683.6;PAX8", OPEN, Resolved, &["PPARG"], &["AC016683.6", "PAX8"]),
        ("PPARG/AC016683.6-PAX8", OPEN, Resolved, &["PPARG"], &["AC016683.6", "PAX8"]),
        ("HLA-A-ALK/NKX2-1", OPEN, Resolved, &["HLA-A", "ALK"], &["NKX2-1"]),
        // Three genes can be split in two ways: not guessed.
        ("ROS1-GOPC-ALK/EML4", OPEN, Resolved, &["ROS1-GOPC-ALK"], &["EML4"]),
        ("ROS1/RP11-458D21.5", OPEN, Resolved, &["ROS1"], &["RP11-458D21.5"]),
        ("ROS1/RP11-458D21.5-ALK", OPEN, Resolved, &["ROS1"], &["RP11-458D21.5", "ALK"]),
        ("ROS1/ABC-123", OPEN, Resolved, &["ROS1"], &["ABC-123"]),
    ]);
}

#[test]
fn a_single_gene_claims_no_direction() {
    use Resolution::Resolved;
    check(&[
        ("ALK", OPEN, Resolved, &["ALK"], &[]),
        ("HLA-A", OPEN, Resolved, &["HLA-A"], &[]),
        ("H3-3A", OPEN, Resolved, &["H3-3A"], &[]),
        ("ROS1;GOPC", OPEN, Resolved, &["ROS1", "GOPC"], &[]),
    ]);
}

#[test]
fn two_equally_good_splits_claim_nothing_but_the_genes() {
    use Resolution::Ambiguous;
    check(&[
        ("ALK-ABC123-ROS1", OPEN, Ambiguous, &["ALK", "ROS1"], &[]),
        ("ALK-ABC123-NKX2-1", OPEN, Ambiguous, &["ALK", "NKX2-1"], &[]),
    ]);
}

#[test]
fn what_cannot_be_read_keeps_its_text() {
    use Resolution::Unresolved;
    let long = "A-".repeat(101);
    let genes = table();
    assert_eq!(parse(&long, &genes), GenePair::unresolved(&long));
    check(&[
        ("", OPEN, Unresolved, &[], &[]),
        ("NA", OPEN, Unresolved, &["NA"], &[]),
        ("-", OPEN, Unresolved, &["-"], &[]),
        ("/", OPEN, Unresolved, &["/"], &[]),
        ("::", OPEN, Unresolved, &["::"], &[]),
        (";;", OPEN, Unresolved, &[";;"], &[]),
        ("ALK-", OPEN, Unresolved, &["ALK-"], &[]),
        ("ALK/", OPEN, Unresolved, &["ALK/"], &[]),
        ("ALK::", OPEN, Unresolved, &["ALK::"], &[]),
        ("ALK;/ROS1", OPEN, Unresolved, &["ALK;/ROS1"], &[]),
        ("EML4/ALK/ROS1", OPEN, Unresolved, &["EML4/ALK/ROS1"], &[]),
        ("EML4::ALK/ROS1", OPEN, Unresolved, &["EML4::ALK/ROS1"], &[]),
        ("ABC123-XYZ987", OPEN, Unresolved, &["ABC123-XYZ987"], &[]),
        ("ABC123/XYZ987", OPEN, Unresolved, &["ABC123/XYZ987"], &[]),
        // Spreadsheet dates: MARCH1 and SEPT2 are not guessed.
        ("1-Mar", OPEN, Unresolved, &["1-Mar"], &[]),
        ("1-Mar-2-Sep", OPEN, Unresolved, &["1-Mar-2-Sep"], &[]),
        ("\u{0}\u{fffd}", OPEN, Unresolved, &["\u{0}\u{fffd}"], &[]),
    ]);
}

#[test]
fn every_gene_is_named_once() {
    let genes = table();
    assert_eq!(parse("ALK-ALK", &genes).genes(), ["ALK"]);
    assert_eq!(parse("SLC34A2-ROS1;GOPC", &genes).genes(), ["SLC34A2", "ROS1", "GOPC"]);
}

proptest::proptest! {
    #[test]
    fn a_pair_never_invents_text(text in "[A-Z0-9;/:. -]{0,24}|\\PC{0,40}") {
        // Loaded once per case would dominate the run: a small table serves.
        let symbols = "symbol\thgnc_id\tsynonyms\nA\t1\tC|D-1\nA-1\t2\tC\nB\t3\t\n";
        let panel = "tso500_symbol\tcurrent_symbol\thgnc_id\tdna_small_variant\tdna_cnv\trna_fusion\n";
        let genes = GeneTable::parse(symbols, panel).unwrap();
        for gene in parse(&text, &genes).genes() {
            proptest::prop_assert!(text.contains(gene), "{gene:?}");
        }
    }
}
