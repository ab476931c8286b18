"""The reference converter: VCF to a DiagnosticReport."""
import sys

import vcf2fhir

converter = vcf2fhir.Converter(
    sys.argv[1], ref_build="GRCh37", patient_id="P1", has_tabix=False, genomic_source_class="somatic"
)
converter.convert(output_filename=sys.argv[2])
