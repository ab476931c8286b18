"""The resources of a report, element by element as docs/mapping.md and Genomics Reporting 3.0.0 have them."""

from ids import Thing
from implications import KINDS, flag, implications
from text import Num

GR = "http://hl7.org/fhir/uv/genomics-reporting"
TBD = GR + "/CodeSystem/tbd-codes-cs"
LOINC = "http://loinc.org"
SO = "http://www.sequenceontology.org"
HGVS = "http://varnomen.hgvs.org"
REFSEQ = "http://www.ncbi.nlm.nih.gov/refseq"
UCUM = "http://unitsofmeasure.org"
OURS = "https://impress-gateway.example/fhir"
LABORATORY = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}
GE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}
PRESENT = {"coding": [{"system": LOINC, "code": "LA9633-4", "display": "Present"}]}
GRCH37 = {"coding": [{"system": LOINC, "code": "LA14029-5", "display": "GRCh37"}]}

# GRCh37 (NCBI) and LOINC list LL2938-0, only the chromosomes that the cases use.
CHROMOSOMES = {
    "1": ("NC_000001.10", "LA21254-0"), "2": ("NC_000002.11", "LA21255-7"), "3": ("NC_000003.11", "LA21256-5"),
    "4": ("NC_000004.11", "LA21257-3"), "5": ("NC_000005.9", "LA21258-1"), "7": ("NC_000007.13", "LA21260-7"),
    "8": ("NC_000008.10", "LA21261-5"), "10": ("NC_000010.10", "LA21263-1"), "11": ("NC_000011.9", "LA21264-9"),
    "12": ("NC_000012.11", "LA21265-6"), "13": ("NC_000013.10", "LA21266-4"), "14": ("NC_000014.8", "LA21267-2"),
    "17": ("NC_000017.10", "LA21270-6"), "X": ("NC_000023.10", "LA21276-3"),
}
CHANGES = {
    "snv": ("SO:0001483", "SNV"), "mnv": ("SO:0002007", "MNV"), "insertion": ("SO:0000667", "insertion"),
    "deletion": ("SO:0000159", "deletion"), "delins": ("SO:1000032", "delins"),
    "gain": ("SO:0001742", "copy_number_gain"), "loss": ("SO:0001743", "copy_number_loss"),
}
CONSEQUENCES = {
    "missense_variant": "SO:0001583", "inframe_deletion": "SO:0001822", "inframe_insertion": "SO:0001821",
    "splice_acceptor_variant": "SO:0001574", "synonymous_variant": "SO:0001819", "stop_gained": "SO:0001587",
    "upstream_gene_variant": "SO:0001631", "frameshift_variant": "SO:0001589", "intron_variant": "SO:0001627",
    "splice_region_variant": "SO:0001630",
}
ORIGINS = {"somatic": ("LA6684-0", "Somatic"), "germline": ("LA6683-2", "Germline")}


def profile(ours, name=None):
    """Our profile, and the one of Genomics Reporting that it derives from."""
    return {"profile": [OURS + "/StructureDefinition/Impress" + ours, *([GR + "/StructureDefinition/" + name] if name else [])]}


def coded(system, code, display=None):
    return {"coding": [{"system": system, "code": code, "display": display}]}


def component(code, display, value, system=LOINC):
    """A component; `value` is a pair of element name and content, or None."""
    return value and {"code": coded(system, code, display), value[0]: value[1]}


def own(code, display, value):
    return component(code, display, value, OURS + "/CodeSystem/gateway-component")


def quantity(number, unit, code=None):
    return number and ("valueQuantity", {"value": Num(number), "unit": unit, "system": UCUM, "code": code or unit})


def reads(number):
    return quantity(number, "reads", "{reads}")


def string(text):
    return text and ("valueString", text)


def concept(value):
    return value and ("valueCodeableConcept", value)


def gene_concept(gene):
    """`gene` is (current symbol, HGNC number or None, symbol as written or None)."""
    symbol, hgnc, written = gene
    coding = [{"system": "http://www.genenames.org", "code": f"HGNC:{hgnc}", "display": symbol}] if hgnc else None
    return {"coding": coding, "text": written or symbol}


def gene_key(gene):
    return f"HGNC:{gene[1]}" if gene[1] else gene[0]


def gene_studied(gene):
    return component("48018-6", "Gene studied [ID]", concept(gene_concept(gene)))


def assembly():
    return component("62374-4", "Human reference sequence assembly version", concept(GRCH37))


def chromosome(name):
    """Chromosome identifier and reference sequence."""
    if name is None:
        return [None, None]
    accession, answer = CHROMOSOMES[name]
    return [
        component("48000-4", None, concept(coded(LOINC, answer, "Chromosome " + name))),
        component("48013-7", "Genomic reference sequence [ID]", concept(coded(REFSEQ, accession))),
    ]


def one_based():
    return component("92822-6", None, concept(coded(LOINC, "LA30102-0", "1-based character counting")))


def change(kind):
    return component("48019-4", "DNA change type", concept(coded(SO, *CHANGES[kind])))


def frequency(number):
    return component("81258-6", "Sample variant allelic frequency [NFr]", quantity(number, "1"))


class Observed(Thing):
    """An Observation of a report; `sample` is a Sample, `report` a Report."""

    def __init__(self, report, sample, kind, key, notes=()):
        super().__init__("Observation", report.owner, kind, [sample.sample_id, *key])
        self.report, self.sample, self.notes, self.method = report, sample, list(notes), sample.method

    def observation(self, name, code, components, value=None, method=None, part="", derived=None, notes=True):
        report = self.report
        categories = [LABORATORY, coded(TBD, "biomarker-category"), GE] if name == "molecular-biomarker" else [LABORATORY, GE]
        resource = {
            "resourceType": "Observation",
            "id": self.id(part),
            "meta": report.meta("MolecularConsequence" if name == "molecular-consequence" else self.PROFILE, name),
            "partOf": [report.study.urn()],
            "status": report.finding_status,
            "category": categories,
            "code": code,
            "subject": report.patient.urn(),
            "issued": report.issued,
            "performer": [report.laboratory and report.laboratory.urn()],
        }
        if value:
            resource[value[0]] = value[1]
        resource["note"] = [{"text": text} for text in self.notes] if notes else None
        resource["method"] = method
        resource["specimen"] = self.sample.urn()
        resource["device"] = self.sample.pipeline.urn()
        resource["derivedFrom"] = [derived]
        resource["component"] = components
        return resource

    def variant(self, components):
        code = coded(LOINC, "69548-6", "Genetic variant assessment")
        return self.observation("variant", code, components, concept(PRESENT), coded(LOINC, "LA26398-0", "Sequencing"))

    def consequence(self, components):
        code = coded(TBD, "molecular-consequence")
        return self.observation("molecular-consequence", code, components, part="consequence", derived=self.urn(), notes=False)

    def biomarker(self, code, components, value=None):
        molgen = coded(GR + "/CodeSystem/molecular-biomarker-ontology-cs", "molgen")
        category = component("biomarker-category", None, concept(molgen), TBD)
        return self.observation("molecular-biomarker", code, [category, *components], value, {"text": self.method})


class SmallVariant(Observed):
    PROFILE = "Variant"

    def __init__(self, report, sample, gene, chrom, position, ref, alt, kind, key=None, **given):
        """`key` is the trimmed (position, ref, alt) where it differs from what the caller wrote."""
        position, (at, trimmed_ref, trimmed_alt) = str(position), key or (position, ref, alt)
        super().__init__(report, sample, "small-variant", ["GRCh37", chrom, str(at), trimmed_ref, trimmed_alt], given.pop("notes", ()))
        self.genes = [gene] if gene else []
        self.chrom, self.position, self.ref_allele, self.alt_allele, self.change = chrom, position, ref, alt, kind
        self.c, self.p = given.pop("c", None), given.pop("p", None)
        self.accession = given.pop("transcript", None)
        self.terms, self.exon = given.pop("terms", []), given.pop("exon", None)
        self.af, self.depth = given.pop("af", None), given.pop("depth", None)
        self.origin, self.origin_method = given.pop("origin", None), given.pop("origin_method", None)
        self.clonal = given.pop("clonal_haematopoiesis", None)
        self.allele_depth = given.pop("allele_depth", None)
        self.ids, self.flags = given.pop("ids", []), given.pop("flags", [])
        self.classes, self.drugs = given.pop("classes", []), given.pop("drugs", None)
        assert not given, given

    def transcript(self):
        """`transcript` only where no c. names one."""
        accession = self.c.split(":")[0] if self.c else self.accession
        return accession and coded(REFSEQ, accession)

    def resources(self):
        protein = self.p.split(":")[0] if self.p and ":" in self.p else None
        coding, protein_change = self.c and coded(HGVS, self.c), self.p and coded(HGVS, self.p)
        origin = self.origin and coded(LOINC, *ORIGINS[self.origin])
        yield self.variant([
            *map(gene_studied, self.genes),
            assembly(),
            *chromosome(self.chrom),
            component("48004-6", "DNA change (c.HGVS)", concept(coding)),
            component("48005-3", "Amino acid change (pHGVS)", concept(protein_change)),
            component("51958-7", "Transcript reference sequence [ID]", concept(self.transcript())),
            component("protein-ref-seq", None, concept(protein and coded(REFSEQ, protein)), TBD),
            one_based(),
            component("81254-5", "Genomic allele start-end", ("valueRange", {"low": {"value": Num(self.position)}})),
            component("69547-8", "Genomic ref allele [ID]", string(self.ref_allele)),
            component("69551-0", "Genomic alt allele [ID]", string(self.alt_allele)),
            change(self.change),
            component("48002-0", "Genomic source class [Type]", concept(origin)),
            own("origin-method", "Method by which the origin was decided", string(self.origin_method)),
            own("putative-clonal-haematopoiesis", "Perhaps of blood cells and not of the tumour",
                self.clonal and ("valueBoolean", True)),
            frequency(self.af),
            component("82121-5", "Allelic read depth", reads(self.allele_depth)),
            own("total-read-depth", "Total read depth at the position, all alleles", reads(self.depth)),
            own("affected-exon", "Affected exon as reported", string(self.exon)),
            *[component("81252-9", "Discrete genetic variant", concept(coded(system, code))) for system, code in self.ids],
            *[own(kind, KINDS[kind], concept(flag(value))) for kind, value in self.flags],
        ])
        yield from implications(self)
        if self.terms:
            yield self.consequence([
                component("48004-6", "DNA change (c.HGVS)", concept(coding)),
                component("51958-7", "Transcript reference sequence [ID]", concept(self.transcript())),
                component("48005-3", "Amino acid change (pHGVS)", concept(protein_change)),
                component("protein-ref-seq", None, concept(protein and coded(REFSEQ, protein)), TBD),
                *[component("feature-consequence", None, concept(self.term(term)), TBD) for term in self.terms],
            ])

    @staticmethod
    def term(term):
        known = CONSEQUENCES.get(term)
        return {"coding": [known and {"system": SO, "code": known, "display": term}], "text": term}

    def results(self):
        return [self.urn()], [self.urn("consequence")] if self.terms else []


class CopyNumber(Observed):
    PROFILE = "CopyNumber"

    def __init__(self, report, sample, gene, kind, fold_change=None, reported=None, copies=None, notes=()):
        super().__init__(report, sample, "copy-number", [gene_key(gene), kind], notes)
        self.gene, self.change, self.fold_change, self.reported, self.copies = gene, kind, fold_change, reported, copies

    def resources(self):
        yield self.variant([
            gene_studied(self.gene),
            assembly(),
            change(self.change),
            component("82155-3", "Genomic structural variant copy number", quantity(self.copies, "1")),
            own("fold-change", "Fold change of normalised coverage", quantity(self.fold_change, "1")),
            own("reported-type", "Type of change as reported", string(self.reported)),
        ])

    def results(self):
        return [self.urn()], []


class Loss(Observed):
    PROFILE = "LossOfHeterozygosity"

    def __init__(self, report, sample, gene, copies, minor):
        super().__init__(report, sample, "loss-of-heterozygosity", [gene_key(gene)])
        self.gene, self.copies, self.minor = gene, copies, minor

    def resources(self):
        system = OURS + "/CodeSystem/gateway-finding-class"
        yield self.variant([
            gene_studied(self.gene),
            assembly(),
            component("82155-3", "Genomic structural variant copy number", quantity(self.copies, "1")),
            own("minor-copy-number", "Copy number of the minor allele", quantity(self.minor, "1")),
            own("finding-class", "Class of finding", concept(coded(system, "loss-of-heterozygosity", "Loss of heterozygosity"))),
        ])

    def results(self):
        return [self.urn()], []


class ExonCopyNumber(Observed):
    PROFILE = "ExonCopyNumber"

    def __init__(self, report, sample, gene, chrom, start, stop, exons, fold_change, reported, kind):
        super().__init__(report, sample, "exon-copy-number", [gene_key(gene), chrom, start, stop, kind])
        self.gene, self.chrom, self.start, self.stop = gene, chrom, start, stop
        self.exons, self.fold_change, self.reported, self.change = exons, fold_change, reported, kind

    def resources(self):
        place = {"low": {"value": Num(self.start)}, "high": {"value": Num(self.stop)}}
        yield self.variant([
            gene_studied(self.gene),
            assembly(),
            *chromosome(self.chrom),
            one_based(),
            component("81301-4", None, ("valueRange", place)),
            change(self.change),
            own("fold-change", "Fold change of normalised coverage", quantity(self.fold_change, "1")),
            own("reported-type", "Type of change as reported", string(self.reported)),
            own("affected-exon", "Affected exon as reported", string(self.exons)),
        ])

    def results(self):
        return [self.urn()], []


class Fusion(Observed):
    PROFILE = "Fusion"

    def __init__(self, report, sample, pair, bp1, bp2, genes, five=(), three=(), counts=(None, None, None), af=None, notes=()):
        """`five` and `three` are empty where the direction is not known."""
        super().__init__(report, sample, "fusion", [pair, bp1, bp2], notes)
        self.pair, self.bp1, self.bp2, self.genes, self.five, self.three = pair, bp1, bp2, genes, five, three
        self.counts, self.af = counts, af

    def resources(self):
        known = bool(self.five and self.three)
        sides = [";".join(gene[0] for gene in side) for side in (self.five, self.three)]
        supporting, reference_1, reference_2 = self.counts
        yield self.variant([
            *map(gene_studied, self.genes),
            assembly(),
            component("95123-6", None, concept({"text": "::".join(sides)} if known else None)),
            *[own("five-prime-partner", "5' partner of the fusion", concept(gene_concept(gene))) for gene in self.five],
            *[own("three-prime-partner", "3' partner of the fusion", concept(gene_concept(gene))) for gene in self.three],
            own("reported-gene-pair", "Gene pair as reported", string(self.pair)),
            own("direction-known", "Whether the caller knows the direction of the fusion", ("valueBoolean", known)),
            own("breakpoint-1", "Breakpoint 1, GRCh37, 1-based", string(self.bp1)),
            own("breakpoint-2", "Breakpoint 2, GRCh37, 1-based", string(self.bp2)),
            frequency(self.af),
            own("supporting-reads", "Reads that support the finding", reads(supporting)),
            own("gene-1-reference-reads", "Reference reads over breakpoint 1", reads(reference_1)),
            own("gene-2-reference-reads", "Reference reads over breakpoint 2", reads(reference_2)),
        ])
        fusion = coded(SO, "SO:0001565", "gene_fusion")
        yield self.consequence([component("feature-consequence", None, concept(fusion), TBD)])

    def results(self):
        return [self.urn()], [self.urn("consequence")]


class Splice(Observed):
    PROFILE = "Splice"

    def __init__(self, report, sample, gene, exons, chrom, bp1, bp2, supporting, reference):
        super().__init__(report, sample, "splice-variant", [gene_key(gene), bp1, bp2])
        self.gene, self.exons, self.chrom, self.bp1, self.bp2 = gene, exons, chrom, bp1, bp2
        self.supporting, self.reference = supporting, reference

    def resources(self):
        yield self.variant([
            gene_studied(self.gene),
            assembly(),
            *chromosome(self.chrom),
            own("breakpoint-1", "Breakpoint 1, GRCh37, 1-based", string(self.bp1)),
            own("breakpoint-2", "Breakpoint 2, GRCh37, 1-based", string(self.bp2)),
            own("affected-exon", "Affected exon as reported", string(self.exons)),
            own("supporting-reads", "Reads that support the finding", reads(self.supporting)),
            own("reference-reads", "Reads of the reference transcript", reads(self.reference)),
        ])
        if self.exons:
            lost = coded(SO, "SO:0001572", "exon_loss_variant")
            yield self.consequence([component("feature-consequence", None, concept(lost), TBD)])

    def results(self):
        return [self.urn()], [self.urn("consequence")] if self.exons else []
