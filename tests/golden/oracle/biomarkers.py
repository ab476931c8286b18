"""Biomarkers: numbers with their counts; no category without a policy."""

from shapes import LOINC, OURS, Observed, coded, own, quantity


class Burden(Observed):
    PROFILE = "Biomarker"

    def __init__(self, report, sample, value, region=None, eligible=None, notes=()):
        super().__init__(report, sample, "tumor-mutational-burden", [], notes)
        self.value, self.region, self.eligible = value, region, eligible

    def resources(self):
        code = coded(LOINC, "94076-7", "Mutations/Megabase [# Ratio] in Tumor")
        yield self.biomarker(code, [
            own("coding-region-size", "Size of the coding region", quantity(self.region, "Mb", "1000000{Base}")),
            own("eligible-variants", "Number of passing eligible variants", quantity(self.eligible, "variants", "{variants}")),
        ], quantity(self.value, "Mutations/Megabase", "1/1000000{Base}"))

    def results(self):
        return [self.urn()], []


class Microsatellites(Observed):
    PROFILE = "Biomarker"

    def __init__(self, report, sample, usable=None, unstable=None, percent=None, sum_jsd=None, notes=()):
        super().__init__(report, sample, "microsatellite-instability", [], notes)
        self.usable, self.unstable, self.percent, self.sum_jsd = usable, unstable, percent, sum_jsd

    def resources(self):
        code = coded(LOINC, "81695-9", "Microsatellite instability [Interpretation] in Cancer specimen Qualitative")
        yield self.biomarker(code, [
            own("usable-msi-sites", "Usable microsatellite sites", quantity(self.usable, "sites", "{sites}")),
            own("unstable-msi-sites", "Unstable microsatellite sites", quantity(self.unstable, "sites", "{sites}")),
            own("percent-unstable-msi-sites", "Unstable of usable microsatellite sites", quantity(self.percent, "%")),
            own("sum-jsd", "Sum of Jensen-Shannon distances", quantity(self.sum_jsd, "1")),
        ])

    def results(self):
        return [self.urn()], []


class Instability(Observed):
    PROFILE = "Biomarker"

    def __init__(self, report, sample, score, fraction, unit, ploidy, notes=()):
        super().__init__(report, sample, "genomic-instability", [], notes)
        self.score, self.fraction, self.unit, self.ploidy = score, fraction, unit, ploidy

    def resources(self):
        code = coded(OURS + "/CodeSystem/gateway-biomarker", "genomic-instability-score", "Genomic instability score")
        yield self.biomarker(code, [
            own("tumor-fraction", "Tumour fraction", quantity(self.fraction, {"percent": "%", "fraction": "1"}[self.unit])),
            own("ploidy", "Ploidy", quantity(self.ploidy, "1")),
        ], quantity(self.score, "score", "{score}"))

    def results(self):
        return [self.urn()], []
