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

Invariant: impress-cohort-stage
Description: "Stage and status of a cohort agree"
Severity: #error
Expression: "extension.where(url = 'https://impress-gateway.example/fhir/StructureDefinition/gateway-two-stage').extension.where(url = 'stage').value.all(($this = 'planned' and %resource.status = 'approved') or (($this = 'open-stage1' or $this = 'open-stage2' or $this = 'expansion') and %resource.status = 'active') or ($this = 'interim-hold' and %resource.status = 'temporarily-closed-to-accrual') or ($this = 'suspended' and (%resource.status = 'temporarily-closed-to-accrual' or %resource.status = 'temporarily-closed-to-accrual-and-intervention')) or (($this = 'closed-futility' or $this = 'complete' or $this = 'closed-no-signal') and (%resource.status = 'closed-to-accrual' or %resource.status = 'completed')) or ($this = 'closed' and (%resource.status = 'closed-to-accrual' or %resource.status = 'closed-to-accrual-and-intervention' or %resource.status = 'completed' or %resource.status = 'withdrawn')))"

Invariant: impress-cohort-reason
Description: "A cohort that is closed to accrual, for a time or for good, says why"
Severity: #error
Expression: "reasonStopped.exists() or (status != 'closed-to-accrual' and status != 'closed-to-accrual-and-intervention' and status != 'temporarily-closed-to-accrual' and status != 'temporarily-closed-to-accrual-and-intervention')"

Invariant: impress-slots-status
Description: "Only an active cohort has open slots"
Severity: #error
Expression: "extension.where(url = 'https://impress-gateway.example/fhir/StructureDefinition/gateway-slots-open').value.where($this = true).empty() or status = 'active'"

Invariant: impress-two-stage-design
Description: "r1 < n1 <= n, and r1 <= r < n"
Severity: #error
Expression: "extension.where(url = 'r1').value.toString().toInteger() < extension.where(url = 'n1').value.toString().toInteger() and extension.where(url = 'n1').value.toString().toInteger() <= extension.where(url = 'n').value.toString().toInteger() and extension.where(url = 'r1').value.toString().toInteger() <= extension.where(url = 'r').value.toString().toInteger() and extension.where(url = 'r').value.toString().toInteger() < extension.where(url = 'n').value.toString().toInteger()"

Invariant: impress-two-stage-counts
Description: "Not more patients have a benefit than are evaluable"
Severity: #error
Expression: "extension.where(url = 'benefit').empty() or (extension.where(url = 'evaluable').exists() and extension.where(url = 'benefit').value.toString().toInteger() <= extension.where(url = 'evaluable').value.toString().toInteger())"

Invariant: impress-no-interim-counts
Description: "What a trust sees of a cohort has no count of evaluable patients or of benefit"
Severity: #error
Expression: "extension.where(url = 'https://impress-gateway.example/fhir/StructureDefinition/gateway-two-stage').extension.where(url = 'evaluable' or url = 'benefit').empty()"

Invariant: impress-subject-status
Description: "State and status of a patient agree"
Severity: #error
Expression: "extension.where(url = 'https://impress-gateway.example/fhir/StructureDefinition/gateway-subject-state').value.all(($this = 'referred' and %resource.status = 'potential-candidate') or ($this = 'screening' and %resource.status = 'screening') or ($this = 'no-match' and %resource.status = 'ineligible') or ($this = 'matched' and %resource.status = 'candidate') or ($this = 'offered' and %resource.status = 'eligible') or ($this = 'accepted' and %resource.status = 'pending-on-study') or ($this = 'on-treatment' and %resource.status = 'on-study-intervention') or ($this = 'follow-up' and %resource.status = 'follow-up') or ($this = 'off-study' and %resource.status = 'off-study') or (($this = 'withdrawn' or $this = 'offer-declined') and %resource.status = 'withdrawn') or (($this = 'not-consented' or $this = 'not-prioritised' or $this = 'offer-expired') and %resource.status = 'not-registered'))"

Invariant: impress-off-study-reason
Description: "A patient who is off study has the reason in the history"
Severity: #error
Expression: "status != 'off-study' or extension.where(url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress').where(extension.where(url = 'subjectState').value.ofType(CodeableConcept).coding.where(code = 'off-study').exists() and extension.where(url = 'reason').exists()).exists()"

Invariant: impress-withdrawn-before-registration
Description: "Withdrawn means before registration: later it is off study, with a reason"
Severity: #error
Expression: "status != 'withdrawn' or extension.where(url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress').extension.where(url = 'subjectState').value.ofType(CodeableConcept).coding.where(code = 'on-study' or code = 'on-study-intervention' or code = 'on-study-observation' or code = 'follow-up' or code = 'off-study').empty()"

Invariant: impress-task-reason
Description: "A task that is rejected, cancelled, failed or on hold says why"
Severity: #error
Expression: "statusReason.exists() or (status != 'rejected' and status != 'cancelled' and status != 'failed' and status != 'on-hold')"

Invariant: impress-task-closed
Description: "A referral that is rejected or cancelled has a task of that status"
Severity: #error
Expression: "businessStatus.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-referral-status' and (code = 'rejected' or code = 'cancelled')).code.all($this = %resource.status)"

Invariant: impress-evaluation-stated
Description: "Disease control is yes, no, or missing with a reason"
Severity: #error
Expression: "value.exists() or dataAbsentReason.exists()"

Invariant: impress-control-response
Description: "Disease control rests on a complete or partial response or stable disease"
Severity: #error
Expression: "value.ofType(boolean).where($this = true).empty() or component.value.ofType(CodeableConcept).coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'complete-response' or code = 'partial-response' or code = 'stable-disease')).exists()"

Invariant: impress-no-control-response
Description: "No disease control rests on progression: missing is never no, and stable disease is control"
Severity: #error
Expression: "value.ofType(boolean).where($this = false).empty() or component.value.ofType(CodeableConcept).coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'progressive-disease' or code = 'confirmed-progression')).exists()"

Invariant: impress-disagreement
Description: "Criteria that disagree about disease control are flagged"
Severity: #error
Expression: "component.value.ofType(CodeableConcept).coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'complete-response' or code = 'partial-response' or code = 'stable-disease')).empty() or component.value.ofType(CodeableConcept).coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'progressive-disease' or code = 'confirmed-progression')).empty() or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-evaluation' and code = 'criteria-disagree').exists()).value.ofType(boolean).where($this = true).exists()"

Invariant: impress-has-value
Description: "The element has a value, not only extensions"
Severity: #error
Expression: "hasValue()"

Invariant: impress-topic
Description: "The topic is one of the gateway's"
Severity: #error
Expression: "$this = 'https://impress-gateway.example/fhir/SubscriptionTopic/enrolment-changed' or $this = 'https://impress-gateway.example/fhir/SubscriptionTopic/cohort-status-changed' or $this = 'https://impress-gateway.example/fhir/SubscriptionTopic/report-available' or $this = 'https://impress-gateway.example/fhir/SubscriptionTopic/referral-status-changed'"

Invariant: impress-parameter-topic
Description: "The topic is one of the gateway's"
Severity: #error
Expression: "value.all($this = 'https://impress-gateway.example/fhir/SubscriptionTopic/enrolment-changed' or $this = 'https://impress-gateway.example/fhir/SubscriptionTopic/cohort-status-changed' or $this = 'https://impress-gateway.example/fhir/SubscriptionTopic/report-available' or $this = 'https://impress-gateway.example/fhir/SubscriptionTopic/referral-status-changed')"

Invariant: impress-event-number
Description: "The number of an event is a whole number in digits"
Severity: #error
Expression: "value.all($this.matches('^[0-9]+$'))"
