//! One row as a variant.

use crate::domain::accounting::Account;
use crate::domain::finding::{Consequence, Gene, Note, SmallVariant};
use crate::domain::gene::date_damage::is_date;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::variant_key::VariantKey;
use crate::redact::quote;

use super::super::super::cells::symbol::parse_symbol;
use super::super::super::small_variant_table::TableVariant;
use super::super::small_variants::extra_notes;
use super::{Context, origin_of, place, protein, statements};

impl Context<'_> {
    /// The variant of a row that counts.
    pub(super) fn variant(&self, identity: Identity, row: &TableVariant, account: &mut Account) -> SmallVariant {
        let key = VariantKey::new(&row.chromosome, row.position, &row.reference, &row.alternative);
        let mut variant = SmallVariant {
            identity,
            specimen: self.part.specimen.clone(),
            chromosome: row.chromosome.clone(),
            position: row.position,
            ref_allele: row.reference.clone(),
            alt_allele: row.alternative.clone(),
            change_type: key.change_type().to_owned(),
            allele_frequency: row.allele_frequency.clone(),
            total_depth: row.depth,
            exon: row.exon.clone(),
            notes: extra_notes(&row.extra),
            rows: vec![row.row],
            ..SmallVariant::default()
        };
        variant.genes.extend(self.gene(row, &mut variant.notes, account));
        self.consequences(row, &mut variant, account);
        self.origin(row, &mut variant, account);
        protein::describe(self, row, &mut variant, account);
        variant.notes.extend(reads("RNA of the tumour", row.rna_depth, row.rna_allele_frequency.as_ref()));
        variant.notes.extend(reads("normal sample", row.normal_depth, row.normal_allele_frequency.as_ref()));
        variant.notes.extend(populations(row));
        statements::add(self, row, &mut variant, account);
        variant.notes.sort_by(|a, b| a.text.cmp(&b.text));
        variant
    }

    /// The gene. A symbol that a spreadsheet turned into a date could be that of several genes: none is named.
    fn gene(&self, row: &TableVariant, notes: &mut Vec<Note>, account: &mut Account) -> Option<Gene> {
        const COLUMN: &str = "Gene_symbol";
        let cell = row.gene.as_deref()?;
        let at = place(self.table, row, COLUMN);
        let mut refuse = |code: IssueCode, words: String| {
            account.issue(code, at.clone(), words);
            notes.push(Note { text: format!("{COLUMN}: {cell}") });
        };
        if is_date(cell) {
            refuse(IssueCode::GeneDateDamaged, format!("{} is a date", quote(cell)));
            return None;
        }
        if let Err(error) = parse_symbol(cell) {
            refuse(IssueCode::GeneInvalid, format!("{}: {error}", quote(cell)));
            return None;
        }
        let (gene, code) = self.part.genes.to_gene(cell);
        if let Some(code) = code {
            account.issue(code, at, format!("{}: {}", quote(cell), code.meaning()));
        }
        Some(gene)
    }

    /// Sequence Ontology terms; `coding` and `x:noncoding_variant` are words of TSOPPI.
    fn consequences(&self, row: &TableVariant, variant: &mut SmallVariant, account: &mut Account) {
        const COLUMN: &str = "Coding_status";
        for term in &row.coding_status {
            if term == "coding" || term.starts_with("x:") {
                variant.notes.push(Note { text: format!("{COLUMN}: {term}") });
                continue;
            }
            if !(self.part.is_known_consequence)(term) {
                let words = format!("{} is not in the table of consequences", quote(term));
                account.issue(IssueCode::ConsequenceUnknown, place(self.table, row, COLUMN), words);
            }
            variant.consequences.push(Consequence { term: term.clone() });
        }
        variant.has_consequence = (!variant.consequences.is_empty()).then_some(true);
    }

    /// The pipeline's class gives the origin. Where the curators judge otherwise, it stays open.
    fn origin(&self, row: &TableVariant, variant: &mut SmallVariant, account: &mut Account) {
        let Some(origin) = origin_of(row) else { return };
        let judged = match row.class_judgement.as_deref() {
            Some("SOM" | "LikSOM") => Some("somatic"),
            Some("LikGL") => Some("germline"),
            _ => None,
        };
        if judged.is_some_and(|judged| judged != origin.as_str()) {
            let judgement = row.class_judgement.as_deref().unwrap_or_default();
            let words = format!(
                "the pipeline's class is {}, the judgement {judgement}; the origin is left open",
                origin.as_str()
            );
            account.issue(IssueCode::Conflict, place(self.table, row, "Class_judgement"), words.clone());
            variant.notes.push(Note { text: format!("Origin: {words}") });
            // An empty text is no origin, and stops another file from deciding.
            variant.origin = Some(String::new());
            return;
        }
        variant.origin = Some(origin.as_str().to_owned());
        variant.origin_method = origin.method().map(str::to_owned);
    }
}

fn reads(name: &str, depth: Option<u64>, frequency: Option<&crate::domain::decimal::Decimal>) -> Option<Note> {
    let text = match (depth, frequency) {
        (None, None) => return None,
        (Some(depth), None) => format!("In the {name}: depth {depth}"),
        (None, Some(frequency)) => format!("In the {name}: allele frequency {frequency}"),
        (Some(depth), Some(frequency)) => format!("In the {name}: depth {depth}, allele frequency {frequency}"),
    };
    Some(Note { text })
}

fn populations(row: &TableVariant) -> Option<Note> {
    let frequencies: Vec<String> =
        row.population_frequencies.iter().map(|(name, value)| format!("{name} {value}")).collect();
    (!frequencies.is_empty()).then(|| Note { text: format!("Population frequencies: {}", frequencies.join(", ")) })
}
