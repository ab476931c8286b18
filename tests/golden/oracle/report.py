"""A report with its frame: patient, laboratory, pipeline, samples, study, analyses."""

from ids import Thing
from implications import references
from shapes import GR, GRCH37, LABORATORY, GE, LOINC, OURS, UCUM, coded, profile
from text import Num, pruned

ANALYSIS = GR + "/StructureDefinition/genomic-study-analysis-"
SOURCES = {"tissue": ("TISS", "Tissue"), "plasma": ("PLAS", "Plasma"), "blood": ("BLD", "Whole blood")}
REGIONS = {
    "dna": "523 genes for small variants, 59 of them for copy number",
    "cfdna": "523 genes for small variants",
    "rna": "55 genes for fusions and splice variants",
}
NAMES = {"dna": "DNA", "cfdna": "cell-free DNA", "rna": "RNA"}


class Pipeline(Thing):
    def __init__(self, owner, name, version, module=None):
        super().__init__("Device", owner, "pipeline", [name, version or "", module or ""])
        self.name, self.version, self.module = name, version, module

    def resource(self):
        versions = [("Pipeline Version", self.version), ("Module Version", self.module)]
        return {
            "resourceType": "Device",
            "id": self.id(),
            "deviceName": [{"name": self.name, "type": "model-name"}],
            "version": [{"type": {"text": kind}, "value": value} for kind, value in versions if value],
        }


class Sample(Thing):
    """`said` is what the sample id says: source, material, sample type, tumour site, assay; None for a foreign id."""

    def __init__(self, owner, sample_id, nucleic_acid, pipeline, said=None, notes=(), collected=None):
        super().__init__("Specimen", owner, "specimen", [sample_id])
        self.sample_id, self.nucleic_acid, self.pipeline, self.said = sample_id, nucleic_acid, pipeline, said
        self.method = " ".join(filter(None, [pipeline.name, pipeline.version]))
        self.notes, self.collected = list(notes), collected

    def resource(self, report):
        source, material, sample_type, site, assay = self.said or (None,) * 5
        notes = [("Nucleic acid", NAMES[self.nucleic_acid]), ("Sample type", sample_type), ("Tumour site", site), ("Assay", assay)]
        coding = source and [{"system": "http://terminology.hl7.org/CodeSystem/v2-0487", "code": SOURCES[source][0], "display": SOURCES[source][1]}]
        return {
            "resourceType": "Specimen",
            "id": self.id(),
            "meta": report.meta("Specimen"),
            "identifier": [{"system": OURS + "/sid/sample", "value": self.sample_id}],
            "type": {"coding": coding, "text": material},
            "subject": report.patient.urn(),
            "collection": {"collectedDateTime": self.collected},
            "note": [{"text": text} for text in [*[f"{name}: {value}" for name, value in notes if value], *self.notes]],
        }


class Analysis(Thing):
    """An assay that was done; `metrics` are the sentences of the metrics file, in any order."""

    def __init__(self, report, sample, performed, metrics=(), read_depth=None):
        super().__init__("Procedure", report.owner, "analysis", [sample.sample_id, sample.nucleic_acid])
        self.report, self.sample, self.performed = report, sample, performed
        self.metrics, self.read_depth = sorted(metrics), read_depth

    def resource(self):
        report, rna = self.report, self.sample.nucleic_acid == "rna"
        method, kind = ("rna-analysis", "RNA") if rna else ("ngs-mps", "DNA")
        metrics = [
            self.read_depth and {"url": "read-depth", "valueQuantity": {"value": Num(self.read_depth), "unit": "reads", "system": UCUM, "code": "{reads}"}},
            self.metrics and {"url": "metrics-description", "valueString": "; ".join(self.metrics)},
        ]
        return {
            "resourceType": "Procedure",
            "id": self.id(),
            "meta": report.meta("GenomicStudyAnalysis", "genomic-study-analysis"),
            "extension": [
                {"url": ANALYSIS + "method-type", "valueCodeableConcept": coded(GR + "/CodeSystem/genomic-study-method-type-cs", method)},
                {"url": ANALYSIS + "change-type", "valueCodeableConcept": coded(GR + "/CodeSystem/genomic-study-change-type-cs", kind)},
                {"url": ANALYSIS + "genome-build", "valueCodeableConcept": GRCH37},
                {"url": ANALYSIS + "title", "valueString": "TruSight Oncology 500 " + NAMES[self.sample.nucleic_acid]},
                {"url": ANALYSIS + "specimen", "valueReference": self.sample.urn()},
                {"extension": metrics, "url": ANALYSIS + "metrics"} if any(metrics) else None,
                {"extension": [{"url": "description", "valueString": REGIONS[self.sample.nucleic_acid]}], "url": ANALYSIS + "regions"},
                {"extension": [{"url": "device", "valueReference": self.sample.pipeline.urn()}], "url": ANALYSIS + "device"},
            ],
            "status": "completed",
            "category": LABORATORY,
            "subject": report.patient.urn(),
            "performedDateTime": self.performed,
            "performer": [{"actor": report.laboratory and report.laboratory.urn()}],
        }


class Report(Thing):
    def __init__(self, owner, patient_key, sample_ids, laboratory=None, **given):
        key = [patient_key, *sample_ids]
        super().__init__("DiagnosticReport", owner, "report", key)
        self.patient_key, self.laboratory_name = patient_key, laboratory
        self.patient = Thing("Patient", owner, "lab-patient", [patient_key])
        self.laboratory = laboratory and Thing("Organization", owner, "laboratory", [owner])
        self.study = Thing("Procedure", owner, "study", key)
        self.status, self.finding_status = given.pop("status", "preliminary"), "preliminary"
        self.study_status = given.pop("study_status", "completed")
        self.issued, self.performed = given.pop("issued", None), given.pop("performed", None)
        self.pairs, self.run_id = given.pop("pairs", []), given.pop("run_id", None)
        self.notes, self.study_notes = given.pop("notes", []), given.pop("study_notes", [])
        self.test = given.pop("test", False)
        self.gender, self.born, self.subjects = given.pop("gender", None), given.pop("born", None), given.pop("subjects", [])
        assert not given, given
        self.samples, self.analyses, self.findings = [], [], []

    def meta(self, ours, name=None):
        """The profile, and the label of test data on everything about the sample."""
        test = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data"}
        return {**profile(ours, name), "security": [test] if self.test else None}

    def add(self, finding):
        self.findings.append(finding)
        return finding

    def resources(self):
        pipelines = {sample.pipeline.id(): sample.pipeline for sample in self.samples}
        yield self.diagnostic_report()
        yield self.study_procedure()
        yield self.patient_resource()
        if self.laboratory:
            yield self.organization(self.laboratory, self.owner, self.laboratory_name)
        yield from (pipeline.resource() for pipeline in pipelines.values())
        yield from (sample.resource(self) for sample in self.samples)
        yield from (analysis.resource() for analysis in self.analyses)
        for finding in self.findings:
            yield from finding.resources()

    @staticmethod
    def organization(thing, code, name):
        # Foundation Medicine is no project of InPreD.
        identifier = {"identifier": [{"system": OURS + "/sid/inpred-project", "value": code}]} if code != "FMI" else {}
        return {"resourceType": "Organization", "id": thing.id(), **identifier, "name": name}

    def patient_resource(self):
        return {
            "resourceType": "Patient",
            "id": self.patient.id(),
            "meta": profile("LabPatient"),
            "identifier": [
                {"system": OURS + "/sid/laboratory-patient", "value": self.patient_key},
                *[{"system": OURS + "/sid/study-subject", "value": subject} for subject in self.subjects],
            ],
            "gender": self.gender,
            "birthDate": self.born,
            "managingOrganization": self.laboratory and self.laboratory.urn(),
        }

    def study_procedure(self):
        return {
            "resourceType": "Procedure",
            "id": self.study.id(),
            "meta": self.meta("GenomicStudy", "genomic-study"),
            "extension": [
                {"url": GR + "/StructureDefinition/genomic-study-analysis-ext", "valueReference": analysis.urn()}
                for analysis in self.analyses
            ],
            "identifier": self.run_id and [{"system": OURS + "/sid/sequencing-run", "value": self.run_id}],
            "status": self.study_status,
            "category": LABORATORY,
            "code": {"text": "TruSight Oncology 500"},
            "subject": self.patient.urn(),
            "performedDateTime": self.performed,
            "performer": [{"actor": self.laboratory and self.laboratory.urn()}],
            "note": [{"text": text} for text in sorted(set(self.study_notes))],
        }

    def diagnostic_report(self):
        note = GR + "/StructureDefinition/genomic-report-note"
        return {
            "resourceType": "DiagnosticReport",
            "id": self.id(),
            "meta": self.meta("GenomicReport", "genomic-report"),
            "extension": [
                {"url": GR + "/StructureDefinition/genomic-study-reference", "valueReference": self.study.urn()},
                *[{"url": note, "valueAnnotation": {"text": text}} for text in sorted(set(self.notes))],
            ],
            "identifier": [{"system": OURS + "/sid/pair", "value": pair} for pair in sorted(self.pairs)],
            "status": self.status,
            "category": [GE],
            "code": coded(LOINC, "51969-4", "Genetic analysis report"),
            "subject": self.patient.urn(),
            "issued": self.issued,
            "performer": [self.laboratory and self.laboratory.urn()],
            "specimen": [sample.urn() for sample in self.samples],
            "result": self.results(),
        }

    def results(self):
        """Classes in the order of the table of docs/mapping.md, findings of a class by key, then its consequences."""
        classes = [
            "small-variant", "copy-number", "loss-of-heterozygosity", "exon-copy-number", "fusion", "splice-variant",
            "tumor-mutational-burden", "microsatellite-instability", "genomic-instability",
        ]
        results = []
        for kind in classes:
            findings = sorted((finding for finding in self.findings if finding.kind == kind), key=Thing.order)
            results += [reference for finding in findings for reference in finding.results()[0]]
            results += [reference for finding in findings for reference in finding.results()[1]]
        variants = sorted((finding for finding in self.findings if finding.kind == "small-variant"), key=Thing.order)
        for index in range(2):
            results += [reference for variant in variants for reference in references(variant)[index]]
        return results


def bundle(reports):
    """The transaction Bundle of the reports of one patient."""
    entries = {}
    for report in reports:
        for resource in map(pruned, report.resources()):
            reference = (resource["resourceType"], resource["id"])
            assert entries.get(reference, resource) == resource, f"two contents of {reference}"
            entries[reference] = resource
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": "urn:uuid:" + key[1], "resource": entries[key], "request": {"method": "PUT", "url": "/".join(key)}}
            for key in sorted(entries)
        ],
    }
