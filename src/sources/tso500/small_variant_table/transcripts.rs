//! `Coding_transcript_consequences`: the canonical transcripts with their versioned accessions.
//!
//! ```text
//! group;group                            a group: transcripts with the same consequences
//! consequence,consequence:entry|entry    an entry: R or E, gene, `Canonical` where it is, accession, change
//! ```

use super::{CanonicalTranscript, TranscriptSource};

/// The canonical entries of a cell. What has not the form of an entry is passed over: the cell only adds to what other
/// columns say.
pub(super) fn canonical(cell: &str) -> Vec<CanonicalTranscript> {
    let mut found = Vec::new();
    for group in cell.split(';') {
        for entry in group.split('|') {
            found.extend(read_entry(entry));
        }
    }
    found
}

fn read_entry(entry: &str) -> Option<CanonicalTranscript> {
    let parts: Vec<&str> = entry.trim().split(':').collect();
    // The consequences stand before the first entry of a group.
    let start = parts.iter().position(|part| matches!(*part, "R" | "E"))?;
    let [source, gene, "Canonical", accession, change @ ..] = parts.get(start..)? else { return None };
    let source = if *source == "R" { TranscriptSource::RefSeq } else { TranscriptSource::Ensembl };
    let change = change.join(":");
    Some(CanonicalTranscript {
        source,
        gene: (*gene).to_owned(),
        accession: (*accession).to_owned(),
        change: (!change.is_empty()).then_some(change),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_entries_are_found_in_every_group() {
        let cell = "missense_variant:R:GEN1:NP_1.1:p.(Arg1His)|E:GEN1:Canonical:ENSP1.4:p.(Arg2His)|\
                    R:GEN1:Canonical:NP_2.3:p.(Arg2His);upstream_gene_variant,x:E:GEN2:Canonical:ENST3.1;\
                    frameshift_variant:R:GEN1:Canonical:NM_4.6:c.3dup(p.(Ter4=))";
        let found: Vec<_> = canonical(cell)
            .into_iter()
            .map(|entry| (entry.source, entry.gene, entry.accession, entry.change))
            .collect();
        let entry = |source, gene: &str, accession: &str, change: Option<&str>| {
            (source, gene.to_owned(), accession.to_owned(), change.map(str::to_owned))
        };
        assert_eq!(
            found,
            [
                entry(TranscriptSource::Ensembl, "GEN1", "ENSP1.4", Some("p.(Arg2His)")),
                entry(TranscriptSource::RefSeq, "GEN1", "NP_2.3", Some("p.(Arg2His)")),
                entry(TranscriptSource::Ensembl, "GEN2", "ENST3.1", None),
                entry(TranscriptSource::RefSeq, "GEN1", "NM_4.6", Some("c.3dup(p.(Ter4=))")),
            ]
        );
    }

    #[test]
    fn other_text_gives_no_entry() {
        for cell in ["", "NA", "x", "R:GEN1", "R:GEN1:Canonical", "missense_variant:Q:GEN1:Canonical:NP_1.1", ";|:;R"] {
            assert_eq!(canonical(cell), [], "{cell}");
        }
    }
}
