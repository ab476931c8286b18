//! `nirvana[].transcripts[]`: which of the annotated transcripts describes a variant.

use serde_json::{Map, Value};

use super::super::json_text::text_of;

/// What the annotation says of a variant.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Annotation {
    /// Gene, or genes joined by `;`.
    pub(super) gene: Option<String>,
    pub(super) coding: Option<String>,
    pub(super) protein: Option<String>,
    pub(super) consequences: Vec<String>,
    pub(super) exon: Option<String>,
    /// Descriptions that no field holds.
    pub(super) notes: Vec<String>,
}

impl Annotation {
    /// Takes the canonical transcript, of RefSeq before Ensembl, as the CombinedVariantOutput does. Where the canonical ones
    /// are of several genes, all genes are named and their descriptions are notes; where none is canonical, no transcript is
    /// preferred.
    pub(super) fn of(nirvana: Option<&Value>) -> Self {
        let entries = nirvana.and_then(Value::as_array).into_iter().flatten();
        let transcripts: Vec<&Map<String, Value>> = entries
            .filter_map(|entry| entry.get("transcripts").and_then(Value::as_array))
            .flatten()
            .filter_map(Value::as_object)
            .collect();
        let canonical: Vec<_> = transcripts.iter().copied().filter(|transcript| is_canonical(transcript)).collect();
        let of_refseq: Vec<_> = canonical.iter().copied().filter(|transcript| is_refseq(transcript)).collect();
        let chosen = if of_refseq.is_empty() { canonical } else { of_refseq };
        let genes = genes_of(if chosen.is_empty() { &transcripts } else { &chosen });
        let gene = (!genes.is_empty()).then(|| genes.join(";"));
        match chosen.first() {
            Some(transcript) if genes.len() <= 1 => Self { gene, ..Self::described(transcript) },
            _ => Self {
                gene,
                notes: chosen.iter().filter_map(|transcript| note_of(transcript)).collect(),
                ..Self::default()
            },
        }
    }

    fn described(transcript: &Map<String, Value>) -> Self {
        let text = |key: &str| transcript.get(key).and_then(text_of);
        let consequences = match transcript.get("consequence") {
            Some(Value::Array(terms)) => terms.iter().filter_map(text_of).collect(),
            Some(other) => text_of(other).into_iter().collect(),
            None => Vec::new(),
        };
        Self {
            gene: None,
            coding: text("hgvsc"),
            protein: text("hgvsp"),
            consequences,
            exon: text("exons"),
            notes: Vec::new(),
        }
    }
}

fn is_canonical(transcript: &Map<String, Value>) -> bool {
    transcript.get("isCanonical").and_then(text_of).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn is_refseq(transcript: &Map<String, Value>) -> bool {
    transcript.get("source").and_then(text_of).is_some_and(|text| text.eq_ignore_ascii_case("RefSeq"))
}

fn genes_of(transcripts: &[&Map<String, Value>]) -> Vec<String> {
    let mut genes: Vec<String> = Vec::new();
    for gene in transcripts.iter().filter_map(|transcript| transcript.get("hgnc").and_then(text_of)) {
        if !genes.contains(&gene) {
            genes.push(gene);
        }
    }
    genes
}

fn note_of(transcript: &Map<String, Value>) -> Option<String> {
    let words: Vec<String> =
        ["hgnc", "hgvsc", "hgvsp"].iter().filter_map(|key| transcript.get(*key).and_then(text_of)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}
