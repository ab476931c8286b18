//! Parser and translation on generated input: `cargo bench`.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a bench that cannot set itself up has nothing to measure"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use impress_gateway::config::Config;
use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::{combined_variant_output, text};
use impress_gateway::{pipeline, startup};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ID: &str = "IPD9090-D01-P01-A08";

fn main() {
    divan::main();
}

/// A LocalApp file with `amplifications` gene amplifications and `variants` small variants in panel genes.
fn local_app(amplifications: usize, variants: usize) -> String {
    const GENES: [&str; 8] = ["BRAF", "KRAS", "EGFR", "TP53", "PIK3CA", "ERBB2", "NKX2-1", "MET"];
    const BASES: [&str; 4] = ["A", "C", "G", "T"];
    let mut file = format!(
        "TruSight Oncology 500 - Combined Variant Output\nFor Research Use Only. Not for use in diagnostic procedures.\n\n\
         [Analysis Details]\nPair ID\t{ID}_P\nDNA Sample ID\t{ID}\nRNA Sample ID\tNA\nOutput Date\t2026-06-14\n\
         Output Time\t10:11:12\nModule Version\tNA\nPipeline Version\truo-2.2.0.12\n\n[Sequencing Run Details]\nNA\n\n\
         [TMB]\nTotal TMB\t7.8\nCoding Region Size in Megabases\t1.28\nNumber of Passing Eligible Variants\t10\n\n\
         [MSI]\nUsable MSI Sites\t120\nTotal MSI Sites Unstable\t3\nPercent Unstable MSI Sites\t2.50\n\n\
         [Gene Amplifications]\nGene\tFold Change\n"
    );
    for number in 0..amplifications {
        writeln!(file, "{}\t{}.214", GENES[number % GENES.len()], number + 2).unwrap();
    }
    file.push_str(
        "\n[Splice Variants]\nGene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\tReference Reads Transcript\nNA\n\n\
         [Fusions]\nGene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads\nNA\n\n\
         [Small Variants]\nGene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\tP-Dot Notation\tC-Dot Notation\tConsequence(s)\tAffected Exon(s)\n",
    );
    for number in 0..variants {
        let (reference, alternative) = (BASES[number % 4], BASES[(number + 1) % 4]);
        writeln!(
            file,
            "{}\tchr{}\t{}\t{reference}\t{alternative}\t0.{:04}\t{}\tNP_004324.2:p.(Val{}Glu)\tNM_004333.4:c.{}{reference}>{alternative}\tmissense_variant\t15/18",
            GENES[number % GENES.len()],
            number % 22 + 1,
            1_000_000 + number * 37,
            number % 9_000 + 100,
            number % 900 + 100,
            number + 2,
            number * 3 + 5,
        )
        .unwrap();
    }
    file
}

fn written(name: &str, content: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("impress-gateway-bench-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{ID}_CombinedVariantOutput.tsv"));
    std::fs::write(&path, content).unwrap();
    path
}

fn bundles(gateway: &pipeline::Gateway, path: &Path) -> Vec<pipeline::PatientBundle> {
    let mut bundles = Vec::new();
    pipeline::translate(gateway, path, &mut bundles);
    bundles
}

/// From the file on disk to the finished Bundle and accounting; tables and templates are loaded before.
#[divan::bench(args = [(5, 25), (5, 1_000), (5, 10_000)])]
fn file_to_bundle(bencher: Bencher<'_, '_>, (amplifications, variants): (usize, usize)) {
    let path = written(&format!("{variants}"), &local_app(amplifications, variants));
    let gateway = startup::load(&Config::default()).unwrap();
    bencher.bench(|| bundles(&gateway, &path));
}

/// Bytes to wire structs, in memory.
#[divan::bench(args = [100, 10_000])]
fn parse_combined_variant_output(bencher: Bencher<'_, '_>, variants: usize) {
    let content = local_app(5, variants).into_bytes();
    let file: Arc<str> = Arc::from("bench.tsv");
    let limits = Limits::default();
    bencher.counter(BytesCount::new(content.len())).with_inputs(|| content.clone()).bench_values(|content| {
        let text = text::Text::from_bytes(&file, content).unwrap();
        combined_variant_output::parse(&text, &limits, &mut Account::default())
    });
}

/// Tables, templates and ids, as at every start of the program.
#[divan::bench]
fn load() -> pipeline::Gateway {
    startup::load(&Config::default()).unwrap()
}
