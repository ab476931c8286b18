//! Small made-up files of the formats beside the CombinedVariantOutput.

use impress_gateway::sources::tso500::small_variant_table::COLUMNS;

/// The tissue samples of patient IPD9050.
pub(super) const DNA: &str = "IPD9050-D01-P01-A08";
pub(super) const RNA: &str = "IPD9050-R03-P01-A08";

/// BRAF V600E in a VCF, somatic by its status.
pub(super) const BRAF_CALL: &str =
    "chr7\t140453136\t.\tA\tT\t100\tPASS\tGermlineStatus=Somatic\tGT:AD:AF:DP\t0/1:620,280:0.31:900\n";

/// A DRAGEN small-variant VCF with one sample column.
pub(super) fn vcf(column: &str, lines: &str) -> String {
    format!(
        "##fileformat=VCFv4.2\n##DRAGENVersion=<ID=dragen,Version=\"SW: 07.021.624.3.11.2, HW: 07.021.624\">\n\
         ##reference=file:///resources/hg19_decoy/\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Allelic depths\">\n\
         ##FORMAT=<ID=AF,Number=A,Type=Float,Description=\"Allele fractions\">\n##contig=<ID=chr7,length=159138663>\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{column}\n{lines}"
    )
}

/// A DRAGEN copy number VCF.
pub(super) fn copy_numbers(column: &str, lines: &str) -> String {
    vcf(column, lines).replace("chr7,length=159138663", "chr17,length=81195210")
}

/// An `AllFusions.csv`: each row is gene A, gene B, breakpoint A, breakpoint B, KeepFusion, whether the direction is known.
pub(super) fn all_fusions(rows: &[[&str; 6]]) -> String {
    let head = "Caller,Gene A,Gene B,Gene A Breakpoint,Gene B Breakpoint,Score,Filter,KeepFusion,Ref A Dedup,Ref B Dedup,\
                Alt Split Dedup,Alt Pair Dedup,Fusion Directionality Known\n";
    let line = |[a, b, at_a, at_b, keep, known]: &[&str; 6]| {
        format!("RnaFusionFilter,{a},{b},{at_a},{at_b},0.95,PASS,{keep},140,21,70,7,{known}\n")
    };
    format!("# Source = FusionProcessor 1.0.0.407\n{head}{}", rows.iter().map(line).collect::<String>())
}

/// A small variant table of TSOPPI. A row gives the cells that are not `NA`; BRAF V600E of [`DNA`], included, without them.
pub(super) fn table(rows: &[&[(&str, &str)]]) -> String {
    table_with(&COLUMNS, rows)
}

/// The same with other columns.
pub(super) fn table_with(columns: &[&str], rows: &[&[(&str, &str)]]) -> String {
    const BRAF: [(&str, &str); 9] = [
        ("Sample_ID", DNA),
        ("Gene_symbol", "BRAF"),
        ("Genomic_location", "7:140453136"),
        ("DNA_change", "A>T"),
        ("Coding_status", "missense_variant"),
        ("Depth_tumor_DNA", "900"),
        ("AF_tumor_DNA", "0.31"),
        ("TSO500_LocalApp_class", "SOM"),
        ("Class_judgement", "include"),
    ];
    let line = |cells: &&[(&str, &str)]| {
        let cell = |name: &&str| {
            let given = cells.iter().chain(&BRAF).find(|(column, _)| column == name);
            given.map_or("NA", |(_, cell)| cell)
        };
        columns.iter().map(cell).collect::<Vec<_>>().join("\t") + "\n"
    };
    format!(
        "# [{DNA}] Version string: 2.2.0.12/0.3.2:22-06-07/1.0.0/1.0.0/hg19/TR\n{}\n{}",
        columns.join("\t"),
        rows.iter().map(line).collect::<String>()
    )
}

/// The same row with KRAS G12D instead.
pub(super) const KRAS_CELLS: [(&str, &str); 5] = [
    ("Gene_symbol", "KRAS"),
    ("Genomic_location", "12:25398284"),
    ("DNA_change", "C>T"),
    ("Depth_tumor_DNA", "800"),
    ("AF_tumor_DNA", "0.2"),
];

/// A sample list.
pub(super) fn sample_list(samples: &[(&str, &str)]) -> String {
    let head = "#sample_type\tsample_ID\tsample_pair_ID\tsample_output_ID\tsample_host_system_run_directory\n";
    let line = |(kind, id): &(&str, &str)| format!("{kind}\t{id}\t{id}_P\t{id}\t/r\n");
    format!("{head}{}", samples.iter().map(line).collect::<String>())
}

/// The metadata of PRONTO with one line of [`DNA`]; cells that are not given are `-`.
pub(super) fn metadata(cells: &[(&str, &str)]) -> String {
    let mut names = vec!["Sample_id", "Sex", "Study_id", "Clinical_diagnosis"];
    names.extend(
        cells.iter().map(|(name, _)| *name).filter(|name| !["Sex", "Study_id", "Clinical_diagnosis"].contains(name)),
    );
    let cell = |name: &&str| match *name {
        "Sample_id" => DNA,
        _ => cells.iter().find(|(column, _)| column == name).map_or("-", |(_, cell)| cell),
    };
    format!("{}\n{}\n", names.join("\t"), names.iter().map(cell).collect::<Vec<_>>().join("\t"))
}
