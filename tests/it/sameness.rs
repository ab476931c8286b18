//! The same input gives the same bytes: again, in another order, in another place, with other padding.

use crate::support::{Folder, gateway, input, local_app, translate};

const ROWS: [&str; 3] = [
    "BRAF\tchr7\t140453136\tA\tT\t0.31\t900\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15/18",
    "KRAS\tchr12\t25398284\tC\tT\t0.2\t800\tNP_203524.1:p.(Gly12Asp)\tNM_033360.2:c.35G>A\tmissense_variant\t2/6",
    "TP53\tchr17\t7578406\tC\tT\t0.4\t700\tNP_000537.3:p.(Arg175His)\tNM_000546.5:c.524G>A\tmissense_variant\t5/11",
];

fn bundle_of(content: &[u8]) -> String {
    let folder = Folder::new("same");
    let file = folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", content);
    let translated = translate(&file, &[]);
    assert_eq!(translated.status, 0, "{}", translated.stderr);
    translated.stdout
}

#[test]
fn the_order_of_rows_does_not_change_the_bundle() {
    let reference = bundle_of(local_app(&(ROWS.join("\n") + "\n")).as_bytes());
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let rows: String = order.iter().map(|&index| format!("{}\n", ROWS[index])).collect();
        assert_eq!(bundle_of(local_app(&rows).as_bytes()), reference, "{order:?}");
    }
}

#[test]
fn padding_line_breaks_and_a_byte_order_mark_do_not_change_the_bundle() {
    let plain = local_app(&(ROWS.join("\n") + "\n"));
    let reference = bundle_of(plain.as_bytes());
    let padded: String = plain.lines().map(|line| format!("{line}\t\t\t\n")).collect();
    let crlf = plain.replace('\n', "\r\n");
    let quoted: String = plain
        .lines()
        .map(|line| line.split('\t').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join("\t") + "\n")
        .collect();
    for (what, content) in
        [("padding", padded), ("CRLF", crlf), ("byte order mark", format!("\u{feff}{plain}")), ("quotes", quoted)]
    {
        assert_eq!(bundle_of(content.as_bytes()), reference, "{what}");
    }
}

#[test]
fn the_order_of_columns_does_not_change_the_bundle() {
    let plain = local_app(&(ROWS.join("\n") + "\n"));
    let reversed: String = {
        let (before, table) = plain.split_once("[Small Variants]\n").unwrap();
        let lines = table.lines().map(|line| {
            let mut cells: Vec<&str> = line.split('\t').collect();
            cells.reverse();
            cells.join("\t") + "\n"
        });
        format!("{before}[Small Variants]\n{}", lines.collect::<String>())
    };
    assert_eq!(bundle_of(reversed.as_bytes()), bundle_of(plain.as_bytes()));
}

#[test]
fn the_same_folder_twice_gives_the_same_bytes() {
    for case in ["localapp-dna-rna", "dragen-2.6.2"] {
        let run = || gateway(["translate", "report", input(case).to_str().unwrap()]).stdout;
        let first = run();
        assert!(!first.is_empty());
        assert_eq!(first, run(), "{case}");
    }
}

#[test]
fn the_zone_and_language_of_the_host_do_not_change_the_bundle() {
    let path = input("localapp-dna-rna");
    let run = |zone: &str, language: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_impress-gateway"))
            .args(["translate", "report", path.to_str().unwrap()])
            .env("TZ", zone)
            .env("LC_ALL", language)
            .output()
            .unwrap()
            .stdout
    };
    assert_eq!(run("Pacific/Kiritimati", "nb_NO.UTF-8"), run("America/Anchorage", "C"));
}

#[test]
fn the_order_of_files_does_not_change_the_bundle() {
    let dna = local_app(&(ROWS.join("\n") + "\n"));
    let rna = local_app("NA\n")
        .replace("DNA Sample ID\tIPD9050-D01-P01-A08", "DNA Sample ID\tNA")
        .replace("RNA Sample ID\tNA", "RNA Sample ID\tIPD9050-R03-P01-A08")
        .replace("IPD9050-D01-P01-A08_P", "IPD9050-R03-P01-A08_P");
    let bundle = |first: &str, second: &str| {
        let folder = Folder::new("order");
        folder.write(&format!("{first}/IPD9050-D01-P01-A08_P_CombinedVariantOutput.tsv"), &dna);
        folder.write(&format!("{second}/IPD9050-R03-P01-A08_P_CombinedVariantOutput.tsv"), &rna);
        let translated = translate(folder.path(), &[]);
        assert!(!translated.stdout.is_empty(), "{}", translated.stderr);
        translated.stdout
    };
    assert_eq!(bundle("a", "b"), bundle("b", "a"));
    assert_eq!(bundle("a", "b"), bundle("z/y/x", "c"));
}
