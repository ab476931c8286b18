Extension: GatewayIssueLocation
Id: gateway-issue-location
Title: "Place of an issue"
Description: "File, line, section and column of the input, or profile and slice, that an issue is about."
Context: OperationOutcome.issue
* extension contains file 0..1 and line 0..1 and section 0..1 and column 0..1 and profile 0..1 and slice 0..1
* extension[file].value[x] 1..1
* extension[file].value[x] only string
* extension[line].value[x] 1..1
* extension[line].value[x] only positiveInt
* extension[section].value[x] 1..1
* extension[section].value[x] only string
* extension[column].value[x] 1..1
* extension[column].value[x] only string
* extension[profile].value[x] 1..1
* extension[profile].value[x] only string
* extension[slice].value[x] 1..1
* extension[slice].value[x] only string

Extension: GatewayIssueRemedy
Id: gateway-issue-remedy
Title: "Remedy of an issue"
Description: "Who can put an issue right, and whether the same input can pass when it is sent again."
Context: OperationOutcome.issue
* extension contains fixer 1..1 and send-again 1..1
* extension[fixer].value[x] 1..1
* extension[fixer].value[x] only string
* extension[send-again].value[x] 1..1
* extension[send-again].value[x] only string

Extension: GatewayTwoStage
Id: gateway-two-stage
Title: "Two-stage design"
Description: "Simon's two-stage design of a cohort, the stage it is in and what was counted. The first stage is passed with more than r1 of n1, the cohort with more than r of n."
Context: ResearchStudy
* extension contains stage 1..1 and n1 1..1 and r1 1..1 and n 1..1 and r 1..1 and evaluable 0..1 and benefit 0..1 and decision 0..1
* extension[stage].value[x] 1..1
* extension[stage].value[x] only code
* extension[stage].value[x] from ImpressCohortStage (required)
* extension[n1].value[x] 1..1
* extension[n1].value[x] only positiveInt
* extension[r1].value[x] 1..1
* extension[r1].value[x] only unsignedInt
* extension[n].value[x] 1..1
* extension[n].value[x] only positiveInt
* extension[r].value[x] 1..1
* extension[r].value[x] only unsignedInt
* extension[evaluable].value[x] 1..1
* extension[evaluable].value[x] only unsignedInt
* extension[benefit].value[x] 1..1
* extension[benefit].value[x] only unsignedInt
* extension[decision].value[x] 1..1
* extension[decision].value[x] only code
* extension[decision].value[x] from ImpressCohortDecision (required)

Extension: GatewaySlotsOpen
Id: gateway-slots-open
Title: "Slots open"
Description: "Whether the cohort takes a further patient now."
Context: ResearchStudy
* value[x] 1..1
* value[x] only boolean

Extension: GatewayEventOrder
Id: gateway-event-order
Title: "Order of events"
Description: "Number and time of the event at the trial that made this version: an event with a lower number never replaces it."
Context: ResearchStudy, ResearchSubject
* extension contains sequence 1..1 and occurred 1..1
* extension[sequence].value[x] 1..1
* extension[sequence].value[x] only positiveInt
* extension[occurred].value[x] 1..1
* extension[occurred].value[x] only instant

Extension: GatewayCohortBiomarker
Id: gateway-cohort-biomarker
Title: "Biomarker of a cohort"
Description: "Molecular profile that the cohort takes."
Context: ResearchStudy
* value[x] 1..1
* value[x] only CodeableConcept

Extension: GatewayStateOfSubject
Id: gateway-subject-state
Title: "State of a patient in the trial"
Description: "Finer than the status that FHIR R4 has."
Context: ResearchSubject
* value[x] 1..1
* value[x] only code
* value[x] from ImpressSubjectState (required)

Extension: ResearchStudyRecruitment
Id: extension-ResearchStudy.recruitment
Title: "Recruitment (R5)"
Description: "ResearchStudy.recruitment of FHIR R5, as the cross-version extension."
Context: ResearchStudy
* ^url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchStudy.recruitment"
* url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchStudy.recruitment" (exactly)
* extension contains targetNumber 0..1 and actualNumber 0..1 and eligibility 0..1
* extension[targetNumber].value[x] 1..1
* extension[targetNumber].value[x] only unsignedInt
* extension[actualNumber].value[x] 1..1
* extension[actualNumber].value[x] only unsignedInt
* extension[eligibility].value[x] 1..1
* extension[eligibility].value[x] only Reference(Group or EvidenceVariable)

Extension: ResearchSubjectProgress
Id: extension-ResearchSubject.progress
Title: "Progress (R5)"
Description: "ResearchSubject.progress of FHIR R5, as the cross-version extension."
Context: ResearchSubject
* ^url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress"
* url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress" (exactly)
* extension contains type 0..1 and subjectState 0..1 and milestone 0..1 and reason 0..1 and startDate 0..1 and endDate 0..1
* extension[type].value[x] 1..1
* extension[type].value[x] only CodeableConcept
* extension[subjectState].value[x] 1..1
* extension[subjectState].value[x] only CodeableConcept
* extension[milestone].value[x] 1..1
* extension[milestone].value[x] only CodeableConcept
* extension[reason].value[x] 1..1
* extension[reason].value[x] only CodeableConcept
* extension[startDate].value[x] 1..1
* extension[startDate].value[x] only dateTime
* extension[endDate].value[x] 1..1
* extension[endDate].value[x] only dateTime
