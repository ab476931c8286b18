mod copy_numbers;
mod files;
mod input;
mod lines;
mod properties;
mod small_variants;
mod splice_variants;

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use crate::domain::accounting::{Account, Outcome};
use crate::domain::issue::IssueCode;
use crate::domain::limits::{Limits, VcfLimits};

use super::wire::SmallVariantVcf;
use super::{Source, small_variants as read_small_variants};

/// Header of the DRAGEN small-variant VCF, as far as it is read.
pub(super) const DRAGEN: &str = "##fileformat=VCFv4.2
##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Allelic depths (counting only informative reads, in order)\">
##FORMAT=<ID=AF,Number=A,Type=Float,Description=\"Allele fractions for alt alleles in the order listed\">
##DRAGENCommandLine=<ID=HashTableBuild,Version=\"SW: 01.003.044.3.11.2, HashTableVersion: 8\">
##DRAGENCommandLine=<ID=dragen,Version=\"SW: 07.021.624.3.11.2, HW: 07.021.624\",Date=\"Thu Jan 01 12:23:42 UTC 2026\">
##contig=<ID=chr1,length=249250621>
##contig=<ID=chr7,length=159138663>
##contig=<ID=chrM,length=16569>
##contig=<ID=hs37d5,length=35477943>
##reference=file://hashtable/reference.bin
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1
";

/// Header of the LocalApp genome VCF, with what breaks the grammar.
pub(super) const LOCAL_APP: &str = "##fileformat=VCFv4.1
##fileDate=20260101
##source=Pisces 5.2.11.63
##VariantPhaser=Scylla 5.2.11.63
##reference=/opt/illumina/resources/genomes/hg19_hardPAR
##ALT=<ID=<M>,Description=\"There is an overlapping other allele that has been called in a separate VCF record\">
##filteringProgram=Pepe 2.0.0.23
##FILTER=<ID=LowDP,Description=\"Low coverage (DP tag), therefore no genotype called.\">
##FORMAT=<ID=AD,Number=.,Type=Integer,Description=\"Allele Depth\">
##FORMAT=<ID=VF,Number=.,Type=Float,Description=\"Variant Frequency\">
##FORMAT=<ID=AD,Number=.,Type=Integer,Description=\"Allele Depth\">
##FORMAT=<ID=VF,Number=.,Type=Float,Description=\"Variant Frequency\">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsample1.bam
";

pub(super) fn source<'a>(file: &'a Arc<str>, content: &[u8], sample_id: Option<&'a str>) -> Source<'a> {
    Source { file, length: content.len() as u64, sample_id }
}

fn read_within(content: &[u8], limits: &Limits) -> (Option<SmallVariantVcf>, Account) {
    let (file, mut account) = (Arc::from("S1.vcf"), Account::default());
    let vcf = read_small_variants(source(&file, content, None), content, limits, &mut account);
    (vcf, account)
}

fn read(content: &[u8]) -> (Option<SmallVariantVcf>, Account) {
    read_within(content, &Limits::default())
}

/// Reads data lines under a header.
fn read_lines(head: &str, lines: &[&str]) -> (SmallVariantVcf, Account) {
    let content: String =
        std::iter::once(head.to_owned()).chain(lines.iter().map(|line| format!("{line}\n"))).collect();
    let (vcf, account) = read(content.as_bytes());
    (vcf.unwrap(), account)
}

fn codes(account: &Account) -> Vec<IssueCode> {
    account.issues.iter().map(|issue| issue.code).collect()
}

/// Code, line and column of each issue.
fn places(account: &Account) -> Vec<(IssueCode, Option<u32>, Option<&str>)> {
    let place = |issue: &'_ crate::domain::issue::Issue| (issue.code, issue.location.line);
    let columns = account.issues.iter().map(|issue| issue.location.column.as_deref());
    account.issues.iter().map(place).zip(columns).map(|((code, line), column)| (code, line, column)).collect()
}

/// First line, count, code and reason of each entry that is listed.
fn listed(account: &Account) -> Vec<(u32, u32, IssueCode, String)> {
    let entry = |row: &crate::domain::accounting::Row| match &row.outcome {
        Outcome::Listed { code, text } => Some((row.line, row.count, *code, text.to_string())),
        _ => None,
    };
    account.ledger.rows().filter_map(entry).collect()
}

/// Lines in the ledger, opened or counted.
fn counted(account: &Account) -> usize {
    account.ledger.rows().map(|row| row.count as usize).sum()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The empty block at the end of a bgzip file (SAM specification 4.1.2).
const BGZIP_END: &[u8] = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0";

/// Blocks of the given size, each a gzip member with its own length in an extra field (SAM specification 4.1).
fn bgzip(content: &[u8], block: usize) -> Vec<u8> {
    let mut file = Vec::new();
    for part in content.chunks(block) {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(part).unwrap();
        let deflated = encoder.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(part);
        let size = u16::try_from(deflated.len() + 25).unwrap();
        file.extend(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0");
        file.extend(size.to_le_bytes());
        file.extend(deflated);
        file.extend(crc.sum().to_le_bytes());
        file.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
    }
    file.extend(BGZIP_END);
    file
}
