Profile: ImpressReferral
Parent: ServiceRequest
Id: ImpressReferral
Title: "Referral"
Description: "Referral of a patient to the trial."
* identifier 1..*
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains requesterUuid 1..1
* identifier[requesterUuid] obeys impress-requester-uuid
* identifier[requesterUuid].system 1..1
* identifier[requesterUuid].system = "http://hl7.no/fhir/ig/ParekIG/NamingSystem/RequesterDefinedUuid" (exactly)
* identifier[requesterUuid].value 1..1
* intent = #order
* category 1..*
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains referral 1..1
* category[referral] = SCT#3457005
* subject only Reference(Patient)
* requester 1..1
* requester only Reference(Practitioner or PractitionerRole or Organization)
* reasonReference only Reference(ImpressCondition)
* supportingInfo only Reference(Observation or DocumentReference or Consent or Procedure or MedicationStatement)

Profile: ImpressCondition
Parent: Condition
Id: ImpressCondition
Title: "Diagnosis"
Description: "The cancer diagnosis of a referral: ICD-10, pathway code, text."
* category 1..*
* code 1..1
* code obeys impress-diagnosis-stated
* code.coding ^slicing.discriminator.type = #value
* code.coding ^slicing.discriminator.path = "system"
* code.coding ^slicing.rules = #open
* code.coding contains icd10 0..1 and pathway 0..1
* code.coding.system 1..1
* code.coding.code 1..1
* code.coding[icd10].system = "http://hl7.org/fhir/sid/icd-10-no" (exactly)
* code.coding[pathway].system = "http://helsedir.no/fhir/CodeSystem/no-kodeverk-8480" (exactly)
* subject only Reference(Patient)

Profile: ImpressPerformanceStatus
Parent: Observation
Id: ImpressPerformanceStatus
Title: "ECOG performance status"
Description: "ECOG performance status, 0 to 5."
* category 1..*
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains survey 1..1
* category[survey] = OBSCAT#survey
* code = LNC#89247-1
* subject 1..1
* subject only Reference(Patient)
* effective[x] 1..1
* effective[x] only dateTime
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from ImpressEcog (required)

Profile: ImpressConsent
Parent: Consent
Id: ImpressConsent
Title: "Consent"
Description: "Consent of the patient to take part in research."
* scope = SCOPE#research
* patient 1..1
* patient only Reference(Patient)
* dateTime 1..1
* organization only Reference(Organization)

Profile: ImpressAttachment
Parent: DocumentReference
Id: ImpressAttachment
Title: "Attachment"
Description: "A document that came with a referral or report."
* subject 1..1
* subject only Reference(Patient)
* content 1..1
* content.attachment obeys impress-attachment-content
* content.attachment.contentType 1..1

Profile: ImpressProvenance
Parent: Provenance
Id: ImpressProvenance
Title: "Provenance"
Description: "Sender, message, mapping and gateway from which resources came."
* policy 1..*
* policy ^short = "Canonical and version of the mapping"
* agent 2..*
* agent ^slicing.discriminator.type = #pattern
* agent ^slicing.discriminator.path = "type"
* agent ^slicing.rules = #open
* agent contains sender 1..1 and gateway 1..1
* agent[sender].type 1..1
* agent[sender].type = PART#author
* agent[sender].who only Reference(Organization)
* agent[gateway].type 1..1
* agent[gateway].type = PART#assembler
* agent[gateway].who only Reference(Device)
* entity 1..*
* entity ^slicing.discriminator.type = #value
* entity ^slicing.discriminator.path = "role"
* entity ^slicing.rules = #open
* entity contains message 1..1
* entity[message].role = #source
* entity[message].what.identifier 1..1
* entity[message].what.identifier.system 1..1
* entity[message].what.identifier.value 1..1
