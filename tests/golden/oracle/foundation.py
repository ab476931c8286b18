"""A report of Foundation Medicine: another laboratory, pipeline, specimen and assay than TruSight Oncology 500."""

from ids import Thing
from report import ANALYSIS, Analysis, Pipeline, Report, Sample

VENDOR, TITLE = "Foundation Medicine", "FoundationOne Liquid CDx"


class FoundationReport(Report):
    """`laboratory` is that of the patient; the report is the vendor's."""

    def __init__(self, owner, patient_key, sample_id, laboratory, version, **given):
        super().__init__("FMI", patient_key, [sample_id], VENDOR, **given)
        self.patient = Thing("Patient", owner, "lab-patient", [patient_key])
        self.manager = (Thing("Organization", owner, "laboratory", [owner]), owner, laboratory)
        self.pipeline = Pipeline("FMI", f"{VENDOR} {TITLE}", version)

    def patient_resource(self):
        return {**super().patient_resource(), "managingOrganization": self.manager[0].urn()}

    def resources(self):
        yield from super().resources()
        thing, code, name = self.manager
        yield self.organization(thing, code, name)

    def study_procedure(self):
        return {**super().study_procedure(), "code": {"text": TITLE}}


class FoundationSample(Sample):
    def __init__(self, sample_id, pipeline):
        super().__init__("FMI", sample_id, "cfdna", pipeline, ("plasma", None, None, None, TITLE))
        self.method = f"{VENDOR} {TITLE} {pipeline.version}"


class FoundationAnalysis(Analysis):
    def __init__(self, report, sample, metrics):
        super().__init__(report, sample, None, metrics)

    def resource(self):
        resource = super().resource()
        for extension in filter(None, resource["extension"]):
            if extension["url"] == ANALYSIS + "title":
                extension["valueString"] = TITLE + " cell-free DNA"
            if extension["url"] == ANALYSIS + "regions":
                extension["extension"][0]["valueString"] = "the genes of " + TITLE
        return resource
