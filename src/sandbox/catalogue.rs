//! Who takes part, and what there is: trusts, laboratories, tumours, biomarkers.

/// How a trust sends its referrals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Henvisning 2.0 over HTTP.
    Xml,
    /// HL7 v2 REF^I12 over MLLP.
    Hl7v2,
    /// FHIR over HTTP.
    Fhir,
}

impl Format {
    /// Name of the format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xml => "Henvisning 2.0",
            Self::Hl7v2 => "HL7 v2 REF^I12",
            Self::Fhir => "FHIR R4",
        }
    }
}

/// How a trust hears of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// It is called at an endpoint.
    RestHook,
    /// It allows no call, and asks with a long poll.
    LongPoll,
}

impl Hearing {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RestHook => "rest-hook",
            Self::LongPoll => "long poll",
        }
    }
}

/// A health trust.
#[derive(Debug, Clone, Copy)]
pub struct Trust {
    /// Id of the gateway's table of trusts, and of the trust's client.
    pub id: &'static str,
    /// Organisation number.
    pub number: &'static str,
    /// Name.
    pub name: &'static str,
    /// Letter of its inclusion site.
    pub site: char,
    /// How it sends.
    pub format: Format,
    /// How it hears of events.
    pub hears: Hearing,
    /// Its part of the patients.
    pub share: u64,
    /// Place in [`LABORATORIES`] of the one that profiles its patients.
    pub laboratory: usize,
}

/// The trusts: one for each format.
pub const TRUSTS: [Trust; 3] = [
    Trust {
        id: "oslo",
        number: "993467049",
        name: "Oslo universitetssykehus HF",
        site: 'R',
        format: Format::Fhir,
        hears: Hearing::RestHook,
        share: 5,
        laboratory: 0,
    },
    Trust {
        id: "bergen",
        number: "983974724",
        name: "Helse Bergen HF",
        site: 'H',
        format: Format::Xml,
        hears: Hearing::RestHook,
        share: 3,
        laboratory: 1,
    },
    Trust {
        id: "forde",
        number: "983974732",
        name: "Helse Førde HF",
        site: 'F',
        format: Format::Hl7v2,
        hears: Hearing::LongPoll,
        share: 2,
        laboratory: 1,
    },
];

/// A laboratory: its InPreD project code, which its samples begin with, and its client.
#[derive(Debug, Clone, Copy)]
pub struct Laboratory {
    /// Project code.
    pub code: &'static str,
    /// Id of its client.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
}

/// The laboratories.
pub const LABORATORIES: [Laboratory; 2] = [
    Laboratory { code: "IPD", id: "inpred-oslo", name: "InPreD OUS" },
    Laboratory { code: "IPH", id: "inpred-bergen", name: "InPreD HUS" },
];

/// A diagnosis.
#[derive(Debug, Clone, Copy)]
pub struct Tumour {
    /// ICD-10.
    pub code: &'static str,
    /// Name in the referral.
    pub norwegian: &'static str,
    /// Name in the trial.
    pub english: &'static str,
    /// Code of the tumour site in sample ids.
    pub site: &'static str,
}

const fn tumour(code: &'static str, norwegian: &'static str, english: &'static str, site: &'static str) -> Tumour {
    Tumour { code, norwegian, english, site }
}

/// Diagnoses.
pub const TUMOURS: [Tumour; 16] = [
    tumour("C61", "Ondartet svulst i prostata", "Prostate cancer", "23"),
    tumour("C50.9", "Ondartet svulst i bryst", "Breast cancer", "06"),
    tumour("C18.9", "Ondartet svulst i tykktarm", "Colon cancer", "09"),
    tumour("C34.9", "Ondartet svulst i lunge", "Lung cancer", "15"),
    tumour("C25.9", "Ondartet svulst i bukspyttkjertel", "Pancreatic cancer", "19"),
    tumour("C16.9", "Ondartet svulst i magesekk", "Gastric cancer", "10"),
    tumour("C22.1", "Gallegangskarsinom i lever", "Cholangiocarcinoma", "03"),
    tumour("C56", "Ondartet svulst i eggstokk", "Ovarian cancer", "18"),
    tumour("C67.9", "Ondartet svulst i urinblære", "Bladder cancer", "04"),
    tumour("C43.9", "Malignt melanom i hud", "Melanoma", "24"),
    tumour("C71.9", "Ondartet svulst i hjerne", "Brain tumour", "08"),
    tumour("C15.9", "Ondartet svulst i spiserør", "Oesophageal cancer", "10"),
    tumour("C54.1", "Ondartet svulst i endometrium", "Endometrial cancer", "29"),
    tumour("C73", "Ondartet svulst i skjoldbruskkjertel", "Thyroid cancer", "28"),
    tumour("C49.9", "Ondartet svulst i bindevev", "Soft tissue sarcoma", "25"),
    tumour("C64", "Ondartet svulst i nyre", "Kidney cancer", "13"),
];

/// What is found, on GRCh37.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Chromosome, position, reference, alternative, p., c., consequence, exon.
    Variant([&'static str; 8]),
    /// Amplified so many times.
    Amplification(&'static str),
}

/// What a cohort is for.
#[derive(Debug, Clone, Copy)]
pub struct Biomarker {
    /// Gene.
    pub gene: &'static str,
    /// Its id at HGNC, without the prefix.
    pub hgnc: &'static str,
    /// Name of the biomarker.
    pub name: &'static str,
    /// Drug that the cohort gives.
    pub drug: &'static str,
    /// What the laboratory finds.
    pub finding: Finding,
}

const fn variant(names: [&'static str; 4], variant: [&'static str; 8]) -> Biomarker {
    let [gene, hgnc, name, drug] = names;
    Biomarker { gene, hgnc, name, drug, finding: Finding::Variant(variant) }
}

const fn amplified(names: [&'static str; 4], fold: &'static str) -> Biomarker {
    let [gene, hgnc, name, drug] = names;
    Biomarker { gene, hgnc, name, drug, finding: Finding::Amplification(fold) }
}

/// Biomarkers: one for a gene, so that the gene alone says which one was found.
pub const BIOMARKERS: [Biomarker; 12] = [
    variant(
        ["BRAF", "1097", "BRAF V600E", "Dabrafenib + trametinib"],
        [
            "chr7",
            "140453136",
            "A",
            "T",
            "NP_004324.2:p.(Val600Glu)",
            "NM_004333.4:c.1799T>A",
            "missense_variant",
            "15/18",
        ],
    ),
    variant(
        ["KRAS", "6407", "KRAS G12C", "Sotorasib"],
        ["chr12", "25398285", "C", "A", "NP_004976.2:p.(Gly12Cys)", "NM_004985.4:c.34G>T", "missense_variant", "2/5"],
    ),
    variant(
        ["PIK3CA", "8975", "PIK3CA H1047R", "Alpelisib"],
        [
            "chr3",
            "178952085",
            "A",
            "G",
            "NP_006209.2:p.(His1047Arg)",
            "NM_006218.2:c.3140A>G",
            "missense_variant",
            "21/21",
        ],
    ),
    variant(
        ["IDH1", "5382", "IDH1 R132C", "Ivosidenib"],
        [
            "chr2",
            "209113113",
            "G",
            "A",
            "NP_005887.2:p.(Arg132Cys)",
            "NM_005896.2:c.394C>T",
            "missense_variant",
            "4/10",
        ],
    ),
    variant(
        ["AKT1", "391", "AKT1 E17K", "Capivasertib"],
        ["chr14", "105246551", "C", "T", "NP_005154.2:p.(Glu17Lys)", "NM_005163.2:c.49G>A", "missense_variant", "4/15"],
    ),
    variant(
        ["FGFR3", "3690", "FGFR3 S249C", "Erdafitinib"],
        ["chr4", "1803568", "C", "G", "NP_000133.1:p.(Ser249Cys)", "NM_000142.4:c.746C>G", "missense_variant", "7/18"],
    ),
    variant(
        ["NRAS", "7989", "NRAS Q61R", "Binimetinib"],
        ["chr1", "115256529", "T", "C", "NP_002515.1:p.(Gln61Arg)", "NM_002524.4:c.182A>G", "missense_variant", "3/7"],
    ),
    variant(
        ["EGFR", "3236", "EGFR L858R", "Osimertinib"],
        [
            "chr7",
            "55259515",
            "T",
            "G",
            "NP_005219.2:p.(Leu858Arg)",
            "NM_005228.3:c.2573T>G",
            "missense_variant",
            "21/28",
        ],
    ),
    amplified(["ERBB2", "3430", "HER2 amplification", "Trastuzumab + pertuzumab"], "6.020"),
    amplified(["MET", "7029", "MET amplification", "Capmatinib"], "5.310"),
    amplified(["CDK4", "1773", "CDK4 amplification", "Palbociclib"], "7.440"),
    amplified(["FGFR1", "3688", "FGFR1 amplification", "Pemigatinib"], "4.870"),
];

/// What is found beside it, and alone in patients whom no cohort suits: TP53 R248Q.
pub const BYSTANDER: [&str; 9] = [
    "TP53",
    "chr17",
    "7577538",
    "C",
    "T",
    "NP_000537.3:p.(Arg248Gln)",
    "NM_000546.5:c.743G>A",
    "missense_variant",
    "7/11",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::org_number::OrgNumber;

    #[test]
    fn a_gene_leads_to_one_biomarker_and_a_code_to_one_tumour() {
        for (at, one) in BIOMARKERS.iter().enumerate() {
            let place = BIOMARKERS.iter().position(|other| other.hgnc == one.hgnc || other.gene == one.gene);
            assert_eq!(place, Some(at), "{}", one.gene);
        }
        for (at, one) in TUMOURS.iter().enumerate() {
            assert_eq!(TUMOURS.iter().position(|other| other.code == one.code), Some(at), "{}", one.code);
        }
        // More pairs than cohorts.
        assert!(TUMOURS.len() * BIOMARKERS.len() > 156);
    }

    #[test]
    fn trusts_have_organisation_numbers_and_laboratories() {
        for trust in TRUSTS {
            assert!(OrgNumber::parse(trust.number).is_ok() && LABORATORIES.get(trust.laboratory).is_some());
        }
    }
}
