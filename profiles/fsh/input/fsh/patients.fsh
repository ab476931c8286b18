RuleSet: PseudonymousPatient
* obeys impress-no-national-number and impress-year-only and impress-no-extension
* text 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 1..*
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier.system 1..1
* identifier.value 1..1
* identifier.type 0..0
* identifier.period 0..0
* identifier.assigner 0..0
* name 0..0
* telecom 0..0
* birthDate.extension 0..0
* deceased[x] only boolean
* address 0..0
* maritalStatus 0..0
* multipleBirth[x] 0..0
* photo 0..0
* contact 0..0
* communication 0..0
* generalPractitioner 0..0
* managingOrganization.identifier 0..0
* managingOrganization.display 0..0
* link 0..0

Profile: ImpressPatient
Parent: NOPAT
Id: ImpressPatient
Title: "Patient, identified"
Description: "The patient of a referral, with Norwegian identifiers."
* obeys impress-patient-identified
* identifier.system 1..1
* identifier.value 1..1
* identifier[FNR] obeys impress-national-number-form
* identifier[FHN] obeys impress-national-number-form
* identifier[DNR] obeys impress-national-number-form

Profile: ImpressTrialPatient
Parent: Patient
Id: ImpressTrialPatient
Title: "Patient, pseudonymous, for the trial"
Description: "The patient as the trial sees him or her: subject id, year of birth, gender."
* insert PseudonymousPatient
* identifier contains gatewaySubject 1..1 and studySubject 0..1
* identifier[gatewaySubject].system = "https://impress-gateway.example/fhir/sid/gateway-subject" (exactly)
* identifier[studySubject].system = "https://impress-gateway.example/fhir/sid/study-subject" (exactly)

Profile: ImpressLabPatient
Parent: Patient
Id: ImpressLabPatient
Title: "Patient, pseudonymous, of the laboratory"
Description: "The patient as the laboratory names him or her in its files."
* insert PseudonymousPatient
* identifier contains laboratoryPatient 1..1
* identifier[laboratoryPatient].system = "https://impress-gateway.example/fhir/sid/laboratory-patient" (exactly)
