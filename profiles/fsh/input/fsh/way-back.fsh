Profile: ImpressCohort
Parent: ResearchStudy
Id: ImpressCohort
Title: "Cohort, as the trial sees it"
Description: "One cohort of the trial: tumour type, molecular profile and drug, with its two-stage design."
* obeys impress-cohort-stage and impress-cohort-reason and impress-slots-status
* extension contains GatewayTwoStage named twoStage 1..1
    and GatewaySlotsOpen named slotsOpen 1..1
    and GatewayEventOrder named eventOrder 1..1
    and GatewayCohortBiomarker named biomarker 1..*
    and ResearchStudyRecruitment named recruitment 0..1
* extension[twoStage] obeys impress-two-stage-design and impress-two-stage-counts
* identifier 1..*
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains cohort 1..1
* identifier[cohort].system 1..1
* identifier[cohort].system = "https://impress-gateway.example/fhir/sid/cohort" (exactly)
* identifier[cohort].value 1..1
* partOf 1..1
* partOf only Reference(ResearchStudy)
* focus 1..*
* condition 1..*
* site only Reference(Location)

Profile: ImpressCohortPublic
Parent: ImpressCohort
Id: ImpressCohortPublic
Title: "Cohort, as a trust sees it"
Description: "A cohort without the numbers of an interim analysis."
* obeys impress-no-interim-counts
* extension[recruitment] 0..0
* enrollment 0..0
* note 0..0

RuleSet: Subject
* obeys impress-subject-status and impress-off-study-reason and impress-withdrawn-before-registration
* extension contains GatewayStateOfSubject named state 1..1
    and GatewayEventOrder named eventOrder 1..1
    and ResearchSubjectProgress named progress 0..*
* study only Reference(ResearchStudy)
* individual only Reference(Patient)
* consent only Reference(Consent)

Profile: ImpressScreening
Parent: ResearchSubject
Id: ImpressScreening
Title: "Screening"
Description: "A patient on the parent study, from the referral to the answer that a cohort suits or not."
* insert Subject
* extension[state].value[x] from ImpressScreeningState (required)

Profile: ImpressEnrolment
Parent: ResearchSubject
Id: ImpressEnrolment
Title: "Enrolment"
Description: "A patient in one cohort, from the match to the end of follow-up."
* insert Subject
* extension[state].value[x] from ImpressEnrolmentState (required)

Profile: ImpressReferralTask
Parent: Task
Id: ImpressReferralTask
Title: "Task of a referral"
Description: "How far a referral has come. A trust follows it; the trial moves it."
* obeys impress-task-reason and impress-task-closed
* intent = #order
* code 1..1
* code = TASKCODE#fulfill
* focus 1..1
* focus only Reference(ServiceRequest)
* for 1..1
* for only Reference(Patient)
* authoredOn 1..1
* lastModified 1..1
* requester 1..1
* requester only Reference(Practitioner or PractitionerRole or Organization)
* owner 1..1
* owner only Reference(Organization)
* businessStatus 1..1
* businessStatus from ImpressReferralStatus (required)
* output.value[x] only Reference

Profile: ImpressEvaluation
Parent: Observation
Id: ImpressEvaluation
Title: "Evaluation after 16 weeks"
Description: "Whether the disease was under control in week 16: yes, no, or missing with a reason."
* obeys impress-evaluation-stated and impress-control-response and impress-no-control-response and impress-disagreement
* code = GWE#week-16-disease-control
* subject 1..1
* subject only Reference(Patient)
* focus 1..1
* focus only Reference(ResearchStudy)
* effective[x] 1..1
* effective[x] only dateTime
* value[x] only boolean
* component 1..*
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component contains evaluable 1..1 and recist 0..1 and irecist 0..1 and rano 0..1 and clinical 0..1 and disagreement 0..1
* component[evaluable].code = GWE#evaluable
* component[evaluable].value[x] 1..1
* component[evaluable].value[x] only boolean
* component[disagreement].code = GWE#criteria-disagree
* component[disagreement].value[x] 1..1
* component[disagreement].value[x] only boolean
* component[recist].code = GWE#response-recist
* component[recist].value[x] only CodeableConcept
* component[recist].value[x] from ImpressResponse (required)
* component[irecist].code = GWE#response-irecist
* component[irecist].value[x] only CodeableConcept
* component[irecist].value[x] from ImpressResponse (required)
* component[rano].code = GWE#response-rano
* component[rano].value[x] only CodeableConcept
* component[rano].value[x] from ImpressResponse (required)
* component[clinical].code = GWE#response-clinical
* component[clinical].value[x] only CodeableConcept
* component[clinical].value[x] from ImpressResponse (required)
