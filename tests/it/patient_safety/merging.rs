//! Files that tell one finding: told once, nothing lost, and where they differ both are told and neither is claimed.

use serde_json::Value;

use super::files::{DNA, RNA, all_fusions, copy_numbers, vcf};
use super::look::{alleles, component, holder, line_of, notes, number, outcome, places, with};
use super::{BRAF, dragen, of_type, report, run};
use crate::support::{Folder, local_app, translate};

const CVO: &str = "IPD9050-D01-P01-A08_CombinedVariantOutput.tsv";

/// DRAGEN writes a multi-nucleotide variant three times; the other files have only its parts.
#[test]
fn the_parts_of_a_multi_nucleotide_variant_are_one_finding() {
    let part = |position: u32, change: &str, af: &str| {
        let (from, to) = change.split_once('>').unwrap();
        format!("BRAF\tchr7\t{position}\t{from}\t{to}\t{af}\t980\t\t\tmissense_variant\t15/18\n")
    };
    let result = local_app(&(part(140_453_136, "A>T", "0.21") + &part(140_453_137, "C>T", "0.22")));
    let call = |position: u32, change: &str, values: &str| {
        let alleles = change.replace('>', "\t");
        format!(
            "chr7\t{position}\t.\t{alleles}\t100\tPASS\tGermlineStatus=Somatic;MNVTAG=chr7:140453136_AC->TT\tGT:AD:AF:DP:PS\t{values}\n"
        )
    };
    let calls = vcf(
        DNA,
        &(call(140_453_136, "A>T", "0|1:770,210:0.2143:980:140453136")
            + &call(140_453_136, "AC>TT", "0|1:773,207:0.2112:980:140453136")
            + &call(140_453_137, "C>T", "0|1:771,208:0.2125:979:140453136")),
    );
    let json = |position: u32, from: &str, to: &str| {
        format!(
            "{{\"vcfChromosome\": \"chr7\", \"vcfPosition\": {position}, \"vcfRefAllele\": \"{from}\", \"vcfAltAllele\": \"{to}\", \
             \"vcfVariantFrequency\": 0.21, \"totalDepth\": 980, \"altAlleleDepth\": 210}}"
        )
    };
    let folder = Folder::new("mnv");
    folder.write(CVO, &result);
    let (of_calls, of_json) = (format!("{DNA}.hard-filtered.vcf"), format!("{DNA}_SampleAnalysisResults.json"));
    folder.write(&of_calls, &calls);
    folder.write(
        &of_json,
        format!(
            "{{\"data\": {{\"softwareConfiguration\": {{}}, \"variants\": {{\"smallVariants\": [\n{},\n{}]}}}}}}\n",
            json(140_453_136, "A", "T"),
            json(140_453_137, "C", "T")
        ),
    );
    let translated = run(&folder);
    assert_eq!(alleles(&translated), ["140453136 AC>TT"], "{}", translated.stderr);
    let whole = with(&translated, "69547-8").remove(0);
    assert_eq!((number(&whole, "81258-6"), number(&whole, "82121-5")), (Some("0.2112".into()), Some("207".into())));
    let id = format!("Observation/{}", whole["id"].as_str().unwrap());
    let calls_at = |text: &str| outcome(&translated, &of_calls, line_of(&calls, text));
    assert_eq!(calls_at("773,207"), id);
    assert_eq!([calls_at("770,210"), calls_at("771,208")], ["vcf.mnv-component", "vcf.mnv-component"]);
    for (file, line) in
        [(CVO, line_of(&result, "140453136")), (CVO, line_of(&result, "140453137")), (&*of_json, 2), (&*of_json, 3)]
    {
        assert_eq!(outcome(&translated, file, line), id, "{file}:{line}");
    }
    assert!(notes(&whole).contains("Another file tells the part chr7:140453136 A>T, allele frequency 0.21, depth 980"));
    assert!(notes(&whole).contains("Another file tells the part chr7:140453137 C>T, allele frequency 0.22, depth 980"));
}

/// A paired result with one fusion of the RNA sample.
fn with_fusion(pair: &str, first: &str, second: &str) -> String {
    let head = "Fusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads\n";
    dragen(DNA, RNA, "NA\n")
        .replace("Pair ID\tIPD9001", "Pair ID\tIPD9050")
        .replace(&format!("{head}NA"), &format!("{head}{pair}\t{first}\t{second}\t77\t140\t21"))
}

#[test]
fn files_that_turn_a_fusion_round_claim_no_direction() {
    let (eml4, alk) = ("chr2:42522656", "chr2:29446394");
    let result = with_fusion("EML4-ALK", eml4, alk);
    let of_table = all_fusions(&[["ALK", "EML4", alk, eml4, "True", "True"]]);
    let folder = Folder::new("direction");
    folder.write("IPD9050_CombinedVariantOutput.tsv", &result);
    folder.write(&format!("{RNA}_AllFusions.csv"), &of_table);
    let translated = run(&folder);
    let line = line_of(&of_table, "RnaFusionFilter");
    let place = format!("{RNA}_AllFusions.csv:{line}");
    assert!(places(&translated, "tso500.conflict").contains(&place), "{:?}", places(&translated, "tso500.conflict"));
    let fusions = with(&translated, "direction-known");
    assert_eq!(fusions.len(), 1, "{}", translated.stderr);
    let fusion = &fusions[0];
    assert_eq!(component(fusion, "direction-known").unwrap()["valueBoolean"], false);
    for designation in ["95123-6", "five-prime-partner", "three-prime-partner"] {
        assert_eq!(component(fusion, designation), None);
    }
    assert!(!fusion.to_string().contains("EML4::ALK\"") && !fusion.to_string().contains("ALK::EML4\""));
    let text = "The files differ about the direction: EML4::ALK in the CombinedVariantOutput, ALK::EML4 in this file";
    assert!(notes(fusion).contains(text), "{}", notes(fusion));
    for gene in ["HGNC:1316", "HGNC:427"] {
        assert!(fusion.to_string().contains(gene), "both genes stay: {gene}");
    }
    for (file, line) in
        [("IPD9050_CombinedVariantOutput.tsv", line_of(&result, "EML4-ALK")), (&*format!("{RNA}_AllFusions.csv"), line)]
    {
        assert_eq!(outcome(&translated, file, line), format!("Observation/{}", fusion["id"].as_str().unwrap()));
    }
}

#[test]
fn files_that_agree_about_a_fusion_claim_its_direction() {
    let (eml4, alk) = ("chr2:42522656", "chr2:29446394");
    let folder = Folder::new("agree");
    folder.write("IPD9050_CombinedVariantOutput.tsv", with_fusion("EML4-ALK", eml4, alk));
    folder.write(&format!("{RNA}_AllFusions.csv"), all_fusions(&[["EML4", "ALK", eml4, alk, "True", "True"]]));
    let translated = run(&folder);
    let fusion = with(&translated, "direction-known").remove(0);
    assert_eq!(component(&fusion, "95123-6").unwrap()["valueCodeableConcept"]["text"], "EML4::ALK");
    assert_eq!(places(&translated, "tso500.conflict"), Vec::<String>::new());
}

#[test]
fn a_gene_that_is_gained_by_one_file_and_lost_by_another_is_told_so() {
    let result = local_app("NA\n");
    let calls = copy_numbers(
        DNA,
        "chr17\t37868207\tDRAGEN:LOSS:chr17:37868208-37884297\tN\t<DEL>\t90\tPASS\tSVTYPE=CNV;END=37884297;SEGID=ERBB2\tGT:SM:BC:PE\t0/1:0.5:22:15,10\n",
    );
    let folder = Folder::new("both");
    folder.write(CVO, &result);
    let name = format!("{DNA}.cnv.vcf");
    folder.write(&name, &calls);
    let translated = run(&folder);
    let lines = [(CVO, line_of(&result, "ERBB2")), (&*name, line_of(&calls, "ERBB2"))];
    assert_eq!(places(&translated, "tso500.conflict"), lines.map(|(file, line)| format!("{file}:{line}")));
    let found = lines.map(|(file, line)| holder(&translated, file, line));
    assert_ne!(found[0]["id"], found[1]["id"], "two findings, neither dropped");
    for (finding, change) in found.iter().zip(["SO:0001742", "SO:0001743"]) {
        assert_eq!(component(finding, "48019-4").unwrap()["valueCodeableConcept"]["coding"][0]["code"], change);
        assert!(notes(finding).contains("ERBB2 is told both as gained and as lost"), "{}", notes(finding));
    }
    assert_eq!(number(&found[0], "fold-change").as_deref(), Some("5.21"));
}

/// An amplification under 1 is none and is listed; a segment that the caller calls a gain stays, and says what speaks against it.
#[test]
fn a_fold_change_against_its_kind_is_told() {
    let result = local_app("NA\n").replace("ERBB2\t5.21", "ERBB2\t0.41");
    let calls = copy_numbers(
        DNA,
        "chr7\t55086713\tDRAGEN:GAIN:chr7:55086714-55324313\tN\t<DUP>\t90\tPASS\tSVTYPE=CNV;END=55324313;SEGID=EGFR\tGT:SM:BC:PE\t./1:0.41:22:15,10\n",
    );
    let name = format!("{DNA}.cnv.vcf");
    let folder = Folder::new("against-kind");
    folder.write(CVO, &result);
    folder.write(&name, &calls);
    let translated = run(&folder);
    let line = line_of(&result, "ERBB2");
    assert_eq!(places(&translated, "tso500.value-contradictory"), [format!("{CVO}:{line}:Fold Change")]);
    assert_eq!(outcome(&translated, CVO, line), "tso500.value-contradictory");
    assert_eq!(report(&translated)["status"], "partial");
    let line = line_of(&calls, "EGFR");
    assert_eq!(places(&translated, "tso500.conflict"), [format!("{name}:{line}:Fold Change")]);
    let changes = with(&translated, "fold-change");
    assert_eq!(changes, [holder(&translated, &name, line)], "ERBB2 is neither gained nor lost");
    assert_eq!(number(&changes[0], "fold-change").as_deref(), Some("0.41"));
    assert!(notes(&changes[0]).contains("the type says gain, the fold change speaks against it"));
}

const MSI_POLICY: &str = "[policy.msi]\nname = \"Test policy\"\nmin_usable_sites = 40\n\
     bands = [{code = \"stable\", display = \"Stable\", at_most = 10}, {code = \"unstable\", display = \"Unstable\"}]\n";

fn msi_json(is_valid: bool) -> String {
    format!(
        "{{\n\"TotalMicrosatelliteSitesAssessed\": 120,\n\"TotalMicrosatelliteSitesUnstable\": 3,\n\
         \"PercentageUnstableSites\": \"2.50\",\n\"ResultIsValid\": {is_valid},\n\"ResultMessage\": \"low coverage\"\n}}\n"
    )
}

fn msi(bundle: &Value) -> Value {
    let mut observations = of_type(bundle, "Observation");
    observations.retain(|it| it["code"]["coding"][0]["code"] == "81695-9");
    assert_eq!(observations.len(), 1);
    observations.remove(0)
}

/// The number stays as the CombinedVariantOutput gives it; what it means is not said, and the doubt stands with it.
#[test]
fn an_instability_that_its_own_file_calls_invalid_has_no_category() {
    for is_valid in [true, false] {
        let folder = Folder::new("msi");
        let config = folder.write("gateway.toml", MSI_POLICY);
        folder.write(&format!("r/{CVO}"), local_app("NA\n"));
        let name = format!("{DNA}.msi.json");
        folder.write(&format!("r/{name}"), msi_json(is_valid));
        let translated = translate(&folder.path().join("r"), &["--config", config.to_str().unwrap()]);
        let instability = msi(&translated.bundle());
        assert_eq!(number(&instability, "percent-unstable-msi-sites").as_deref(), Some("2.50"));
        let sentence = format!("{name} says that the result of MSI is not valid");
        assert_eq!(notes(&instability).contains(&sentence), !is_valid, "{}", notes(&instability));
        assert_eq!(instability.to_string().contains("\"stable\""), is_valid, "{instability}");
        let status = if is_valid { "preliminary" } else { "partial" };
        assert_eq!(report(&translated)["status"], status);
        let places = places(&translated, "tso500.result-invalid");
        assert_eq!(places, if is_valid { vec![] } else { vec![format!("{name}:ResultIsValid")] });
        let expected = if is_valid {
            format!("Observation/{}", instability["id"].as_str().unwrap())
        } else {
            "tso500.result-invalid".to_owned()
        };
        assert_eq!(outcome(&translated, &name, 4), expected);
    }
}

#[test]
fn a_difference_names_the_file_that_its_value_is_from() {
    let calls = vcf(DNA, "chr7\t140453136\t.\tA\tT\t100\tPASS\t.\tGT:AD:AF:DP\t0/1:620,280:0.31:900\n");
    let trace = "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tGermlineFilterDatabase\tGermlineFilterProxi\n\
                 chr7\t140453136\tA\tT\t0.11\t100\tFalse\tFalse\n";
    for (with_result, source) in [(false, "IPD9050-D01-P01-A08.hard-filtered.vcf"), (true, "the other files")] {
        let folder = Folder::new("source");
        if with_result {
            folder.write(CVO, local_app(BRAF));
        }
        folder.write(&format!("{DNA}.hard-filtered.vcf"), &calls);
        folder.write(&format!("{DNA}_TMB_Trace.tsv"), trace);
        let translated = run(&folder);
        let place = |column: &str| format!("{DNA}_TMB_Trace.tsv:2:{column}");
        assert_eq!(places(&translated, "tso500.conflict"), [place("VAF"), place("Depth")]);
        let braf = with(&translated, "69547-8").remove(0);
        assert_eq!(number(&braf, "81258-6").as_deref(), Some("0.31"));
        for text in [format!("allele frequency 0.31 in {source}, 0.11 in "), format!("depth 900 in {source}, 100 in ")]
        {
            assert!(notes(&braf).contains(&text), "{}", notes(&braf));
        }
    }
}

#[test]
fn of_two_lines_the_fuller_one_stays() {
    let blank = "\tchr7\t140453136\tA\tT\t0.31\t900\t\t\t\t\n";
    for rows in [format!("{blank}{BRAF}"), format!("{BRAF}{blank}")] {
        let folder = Folder::new("fuller");
        let translated =
            translate(&folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(&rows)), &[]);
        assert!(translated.has("tso500.conflict"));
        let variants = of_type(&translated.bundle(), "Observation");
        let variant = variants.iter().find(|variant| variant.to_string().contains("140453136")).unwrap().to_string();
        assert!(variant.contains("HGNC:1097") && variant.contains("NM_004333.4:c.1799T>A"), "{variant}");
    }
}

#[test]
fn numbers_that_speak_against_each_other_are_said() {
    let msi = local_app(BRAF).replace("Usable MSI Sites\t120", "Usable MSI Sites\t2");
    let copies = dragen("IPD9001-D01-P01-A08", "NA", "NA\n").replace(
        "[Gene Amplifications]\nGene\tFold Change\nNA",
        "[Copy Number Variants]\nGene\tFold Change\tCopy Number Variant\tAbsolute Copy Number\nERBB2\t3.1\t<DEL>\t9",
    );
    let exons = dragen("IPD9001-D01-P01-A08", "NA", "NA\n")
        + "[Exon-Level CNVs]\nGene\tChromosome\tStart\tStop\tAffected Exon(s)\tFold Change\tCNV Type\n\
           BRCA1\tchr17\t41243452\t41246877\t10\t2.5\tLOSS\n";
    for (name, content) in [("IPD9050-D01-P01-A08", msi), ("IPD9001", copies), ("IPD9001", exons)] {
        let folder = Folder::new("against");
        let file = folder.write(&format!("{name}_CombinedVariantOutput.tsv"), content);
        let translated = translate(&file, &[]);
        assert!(translated.has("tso500.conflict"), "{:?}", translated.codes());
    }
}

#[test]
fn the_trace_decides_origin_and_differences_are_kept() {
    let folder = Folder::new("trace");
    folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF));
    let head = "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tGermlineFilterDatabase\tGermlineFilterProxi\n";
    let trace = |rows: &str| folder.write("IPD9050-D01-P01-A08_TMB_Trace.tsv", format!("{head}{rows}"));
    trace("chr7\t140453136\tA\tT\t0.11\t100\tTrue\tFalse\n");
    let translated = run(&folder);
    assert!(translated.stdout.contains("LA6683-2"), "germline");
    assert!(translated.stdout.contains("allele frequency 0.31 in IPD9050-D01-P01-A08_CombinedVariantOutput.tsv, 0.11 in IPD9050-D01-P01-A08_TMB_Trace.tsv"));
    assert!(translated.has("tso500.conflict"));
    trace("chr7\t140453136\tA\tT\t0.31\t900\tTrue\tFalse\nchr7\t140453136\tA\tT\t0.31\t900\tFalse\tFalse\n");
    let translated = run(&folder);
    assert!(translated.has("tso500.conflict"));
    assert!(!translated.stdout.contains("48002-0"), "two statements are none");
}

#[test]
fn a_pipeline_table_in_which_a_deciding_column_stands_twice_is_not_used() {
    let folder = Folder::new("twice-in-table");
    let result = local_app(BRAF).replace("Alternative Call\tAllele", "Alternative Call\tAlternative Call\tAllele");
    let result = result.replace("\tA\tT\t", "\tA\tT\tG\t");
    folder.write(CVO, &result);
    let fusions = all_fusions(&[["EML4", "ALK", "chr2:42522656", "chr2:29446394", "True", "True"]]);
    let fusions = fusions.replace(",KeepFusion,", ",KeepFusion,KeepFusion,").replace(",True,140", ",True,False,140");
    folder.write(&format!("{RNA}_AllFusions.csv"), &fusions);
    let translated = run(&folder);
    let (head, row) = (line_of(&result, "Alternative Call"), line_of(&result, "BRAF"));
    let (of_fusions, line) = (format!("{RNA}_AllFusions.csv"), line_of(&fusions, "EML4"));
    assert_eq!(
        places(&translated, "tso500.column-repeated"),
        [format!("{CVO}:{head}:Alternative Call"), format!("{of_fusions}:{}:KeepFusion", line - 1)]
    );
    assert_eq!(outcome(&translated, CVO, row), "tso500.column-repeated");
    assert_eq!(outcome(&translated, &of_fusions, line), "tso500.column-repeated");
    assert_eq!(alleles(&translated), Vec::<String>::new());
    assert_eq!(with(&translated, "direction-known"), Vec::<Value>::new());
    for report in of_type(&translated.bundle(), "DiagnosticReport") {
        assert_eq!(report["status"], "partial");
    }
}

#[test]
fn an_origin_whose_columns_stand_twice_is_not_claimed() {
    let folder = Folder::new("origin-twice");
    folder.write(CVO, local_app(BRAF));
    let name = format!("{DNA}_TMB_Trace.tsv");
    folder.write(
        &name,
        "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tGermlineFilterDatabase\tGermlineFilterProxi\tGermlineFilterDatabase\n\
         chr7\t140453136\tA\tT\t0.31\t900\tFalse\tFalse\tTrue\n",
    );
    let translated = run(&folder);
    assert_eq!(places(&translated, "tso500.column-repeated"), [format!("{name}:1")]);
    assert_eq!(places(&translated, "tso500.origin-unknown"), [format!("{name}:1")]);
    assert!(!translated.stdout.contains("48002-0"));
    assert!(outcome(&translated, &name, 2).starts_with("Observation/"));
}
