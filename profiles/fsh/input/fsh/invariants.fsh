Invariant: impress-patient-identified
Description: "A patient has an identifier, or a name, a birth date and a gender"
Severity: #error
Expression: "identifier.exists() or (name.exists() and birthDate.exists() and gender.exists())"

Invariant: impress-national-number-form
Description: "A national identity number has 11 digits"
Severity: #error
Expression: "value.matches('^[0-9]{11}$')"

Invariant: impress-no-national-number
Description: "A pseudonymous patient has no national identity number, however its digits are set apart"
Severity: #error
Expression: "identifier.where(system.startsWith('urn:oid:2.16.578.1.12.4.1.4.') or value.replaceMatches('[^0-9A-Za-z]', '').matches('^[0-9]{11}$')).empty() and id.replaceMatches('[^0-9A-Za-z]', '').matches('^[0-9]{11}$').allFalse()"

Invariant: impress-year-only
Description: "A pseudonymous patient has a year of birth, not a date"
Severity: #error
Expression: "birthDate.empty() or birthDate.toString().matches('^[0-9]{4}$')"

Invariant: impress-no-extension
Description: "A pseudonymous patient has no extension, on no element"
Severity: #error
Expression: "extension.empty() and descendants().extension.empty()"

Invariant: impress-requester-uuid
Description: "The identifier that the requester gives is a UUID"
Severity: #error
Expression: "value.matches('^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$')"

Invariant: impress-diagnosis-stated
Description: "A diagnosis is coded or stated in words"
Severity: #error
Expression: "coding.exists() or text.exists()"

Invariant: impress-attachment-content
Description: "An attachment has its data or the address of its data"
Severity: #error
Expression: "data.exists() or url.exists()"

Invariant: impress-cancelled-report
Description: "A cancelled report has no results"
Severity: #error
Expression: "status != 'cancelled' or result.empty()"

Invariant: impress-vaf-range
Description: "A variant allele frequency is a fraction between 0 and 1"
Severity: #error
Expression: "value.empty() or (value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 1)"

Invariant: impress-percent-range
Description: "A percentage is between 0 and 100"
Severity: #error
Expression: "value.empty() or (value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 100)"

Invariant: impress-count
Description: "A count of reads, sites or variants is a whole number, 0 or more"
Severity: #error
Expression: "value.ofType(Quantity).value.where($this < 0 or $this mod 1 > 0).empty()"

Invariant: impress-not-negative
Description: "A number of copies, a fold change, a size, a score or a fraction is not negative"
Severity: #error
Expression: "value.ofType(Quantity).value.where($this < 0).empty()"

Invariant: impress-position
Description: "A position is a whole number, 0 or more"
Severity: #error
Expression: "value.ofType(Range).low.value.where($this < 0 or $this mod 1 > 0).empty() and value.ofType(Range).high.value.where($this < 0 or $this mod 1 > 0).empty()"

Invariant: impress-one-gene
Description: "A component names one gene, not several HGNC ids"
Severity: #error
Expression: "value.ofType(CodeableConcept).coding.where(system = 'http://www.genenames.org').code.distinct().count() <= 1"

Invariant: impress-one-answer
Description: "A finding has one answer of LOINC, not present and absent together"
Severity: #error
Expression: "value.ofType(CodeableConcept).coding.where(system = 'http://loinc.org').code.distinct().count() <= 1"

Invariant: impress-variant-defined
Description: "A small variant is described in HGVS, or by position, reference and alternative allele"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and (code = '48004-6' or code = '81290-9' or code = '48005-3')).exists()).exists() or (component.where(code.coding.where(system = 'http://loinc.org' and code = '81254-5').exists()).exists() and component.where(code.coding.where(system = 'http://loinc.org' and code = '69547-8').exists()).exists() and component.where(code.coding.where(system = 'http://loinc.org' and code = '69551-0').exists()).exists())"

Invariant: impress-coordinate-system
Description: "A position names its coordinate system"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and (code = '81254-5' or code = '81301-4' or code = '81302-2')).exists()).empty() or component.where(code.coding.where(system = 'http://loinc.org' and code = '92822-6').exists()).exists()"

Invariant: impress-allele-depth
Description: "The reads of the allele are not more than all reads at the position"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and code = '82121-5').exists()).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'total-read-depth').exists()).empty() or component.where(code.coding.where(system = 'http://loinc.org' and code = '82121-5').exists()).value.ofType(Quantity).value <= component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'total-read-depth').exists()).value.ofType(Quantity).value"

Invariant: impress-not-total-depth
Description: "LOINC 82121-5 holds the reads of the allele: below an allele frequency of one half they are fewer than all reads at the position"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and code = '82121-5').exists()).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'total-read-depth').exists()).empty() or component.where(code.coding.where(system = 'http://loinc.org' and code = '81258-6').exists()).empty() or component.where(code.coding.where(system = 'http://loinc.org' and code = '81258-6').exists()).value.ofType(Quantity).value >= 0.5 or component.where(code.coding.where(system = 'http://loinc.org' and code = '82121-5').exists()).value.ofType(Quantity).value < component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'total-read-depth').exists()).value.ofType(Quantity).value"

Invariant: impress-copy-number-stated
Description: "A copy number finding states a kind of change, a copy number or a fold change"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and (code = '48019-4' or code = '82155-3')).exists()).exists() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'fold-change').exists()).exists()"

Invariant: impress-fold-change
Description: "LOINC 82155-3 holds a copy number: it does not repeat the fold change"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and code = '82155-3').exists()).value.ofType(Quantity).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'fold-change').exists()).empty() or component.where(code.coding.where(system = 'http://loinc.org' and code = '82155-3').exists()).value.ofType(Quantity).value = 0 or component.where(code.coding.where(system = 'http://loinc.org' and code = '82155-3').exists()).value.ofType(Quantity).value != component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'fold-change').exists()).value.ofType(Quantity).value"

Invariant: impress-minor-copy-number
Description: "The minor allele has not more copies than both alleles together"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and code = '82155-3').exists()).value.ofType(Quantity).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'minor-copy-number').exists()).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'minor-copy-number').exists()).value.ofType(Quantity).value <= component.where(code.coding.where(system = 'http://loinc.org' and code = '82155-3').exists()).value.ofType(Quantity).value"

Invariant: impress-fusion-direction
Description: "Where the direction is known and both partners are named, the fusion has its designation (LOINC 95123-6)"
Severity: #error
Expression: "component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'direction-known').exists()).value.ofType(boolean).where($this = true).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'five-prime-partner').exists()).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'three-prime-partner').exists()).empty() or component.where(code.coding.where(system = 'http://loinc.org' and code = '95123-6').exists()).exists()"

Invariant: impress-fusion-no-direction
Description: "Where the direction is not known, the fusion has neither a designation (LOINC 95123-6) nor partner roles"
Severity: #error
Expression: "component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'direction-known').exists()).value.ofType(boolean).where($this = true).exists() or (component.where(code.coding.where(system = 'http://loinc.org' and code = '95123-6').exists()).empty() and component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and (code = 'five-prime-partner' or code = 'three-prime-partner')).exists()).empty())"

Invariant: impress-fusion-designation
Description: "The designation of a fusion is 5' partner, two colons, 3' partner"
Severity: #error
Expression: "value.empty() or value.ofType(CodeableConcept).text.matches('^[^:]+::[^:]+$')"

Invariant: impress-fusion-change-type
Description: "Gene fusion (SO:0001565) is a consequence, not a change of DNA (LOINC 48019-4)"
Severity: #error
Expression: "component.where(code.coding.where(system = 'http://loinc.org' and code = '48019-4').exists()).value.ofType(CodeableConcept).coding.where(code = 'SO:0001565').empty()"

Invariant: impress-tmb-value
Description: "Tumour mutational burden is a quantity per million bases, or absent with a reason"
Severity: #error
Expression: "code.coding.where(system = 'http://loinc.org' and code = '94076-7').empty() or value.ofType(Quantity).where(system = 'http://unitsofmeasure.org' and code = '1/1000000{Base}' and value >= 0).exists() or (value.empty() and dataAbsentReason.exists())"

Invariant: impress-msi-value
Description: "Microsatellite instability is an interpretation: a number is a component, not the value"
Severity: #error
Expression: "code.coding.where(system = 'http://loinc.org' and code = '81695-9').empty() or value.empty() or value.ofType(CodeableConcept).exists()"

Invariant: impress-gis-value
Description: "A genomic instability score is a quantity in {score}, or absent with a reason"
Severity: #error
Expression: "code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-biomarker' and code = 'genomic-instability-score').empty() or value.ofType(Quantity).where(system = 'http://unitsofmeasure.org' and code = '{score}').exists() or (value.empty() and dataAbsentReason.exists())"

Invariant: impress-msi-sites
Description: "Not more microsatellite sites are unstable than usable"
Severity: #error
Expression: "component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'usable-msi-sites').exists()).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'unstable-msi-sites').exists()).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'unstable-msi-sites').exists()).value.ofType(Quantity).value <= component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'usable-msi-sites').exists()).value.ofType(Quantity).value"
