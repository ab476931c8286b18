Profile: ImpressGenomicReport
Parent: GRREP
Id: ImpressGenomicReport
Title: "Genomic report"
Description: "Report of a tumour sequencing panel."
* obeys impress-cancelled-report
* extension[genomic-study] 1..1
* extension[genomic-study].value[x] 1..1
* subject 1..1
* subject only Reference(Patient)
* performer only Reference(Organization or Practitioner or PractitionerRole)
* specimen 1..*

Profile: ImpressGenomicStudy
Parent: GRSTUDY
Id: ImpressGenomicStudy
Title: "Genomic study"
Description: "What was done for a report, whether it succeeded or not."
* subject only Reference(Patient)
* extension[genomic-study-analysis].value[x] 1..1
* performer.actor only Reference(Organization or Practitioner or PractitionerRole)

Profile: ImpressGenomicStudyAnalysis
Parent: GRANA
Id: ImpressGenomicStudyAnalysis
Title: "Genomic study analysis"
Description: "An assay that was done on one sample."
* extension[method-type] 1..*
* extension[change-type] 1..*
* extension[genome-build] 1..1
* extension[genome-build].value[x] 1..1
* extension[title] 1..1
* extension[specimen] 1..1
* extension[specimen].value[x] 1..1
* extension[regions] 1..1
* extension[device] 1..*
* subject only Reference(Patient)

Profile: ImpressSpecimen
Parent: Specimen
Id: ImpressSpecimen
Title: "Specimen"
Description: "A sample with the number that the laboratory gave it."
* identifier 1..*
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains sample 1..1
* identifier[sample].system 1..1
* identifier[sample].system = "https://impress-gateway.example/fhir/sid/sample" (exactly)
* identifier[sample].value 1..1
* subject 1..1
* subject only Reference(Patient)
