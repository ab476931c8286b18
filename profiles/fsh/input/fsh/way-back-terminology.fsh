RuleSet: Codes
* ^caseSensitive = true
* ^content = #complete

CodeSystem: GatewayCohortStage
Id: gateway-cohort-stage
Title: "Stages of a cohort"
Description: "Life cycle of a cohort with a two-stage design."
* insert Codes
* #planned "Planned"
* #open-stage1 "Open, first stage"
* #interim-hold "On hold until the interim analysis"
* #open-stage2 "Open, second stage"
* #closed-futility "Closed after the first stage for futility"
* #complete "Complete, awaiting the last evaluations"
* #expansion "Open, expansion"
* #closed-no-signal "Closed after the second stage without a signal"
* #suspended "Suspended, for supply or safety"
* #closed "Closed"

CodeSystem: GatewayCohortDecision
Id: gateway-cohort-decision
Title: "Decisions on a cohort"
Description: "What an analysis of a two-stage design led to."
* insert Codes
* #continue "Go on to the second stage"
* #stop "Stop for futility"
* #expand "Expand"
* #no-signal "Do not expand"

CodeSystem: GatewaySubjectState
Id: gateway-subject-state
Title: "States of a patient in the trial"
Description: "From the referral to the end of follow-up."
* insert Codes
* #referred "Referred"
* #not-consented "Has not consented"
* #screening "Consented, screening"
* #no-match "Profiled, no cohort matches"
* #not-prioritised "Profiled, not prioritised"
* #matched "Matched to a cohort"
* #offered "Offered a place"
* #offer-declined "Offer declined"
* #offer-expired "Offer expired"
* #accepted "Accepted, waiting for baseline"
* #on-treatment "On treatment"
* #follow-up "Off treatment, follow-up"
* #off-study "Off study"
* #withdrawn "Withdrawn before registration"

CodeSystem: GatewayReferralStatus
Id: gateway-referral-status
Title: "States of a referral"
Description: "The states of a patient in the trial, and the two ends that are of the referral alone."
* insert Codes
* #referred "Referred"
* #not-consented "Has not consented"
* #screening "Consented, screening"
* #no-match "Profiled, no cohort matches"
* #not-prioritised "Profiled, not prioritised"
* #matched "Matched to a cohort"
* #offered "Offered a place"
* #offer-declined "Offer declined"
* #offer-expired "Offer expired"
* #accepted "Accepted, waiting for baseline"
* #on-treatment "On treatment"
* #follow-up "Off treatment, follow-up"
* #off-study "Off study"
* #withdrawn "Withdrawn before registration"
* #rejected "Referral rejected"
* #cancelled "Referral cancelled by the sender"

CodeSystem: GatewayEvaluation
Id: gateway-evaluation
Title: "Evaluation"
Description: "The evaluation after 16 weeks and its components."
* insert Codes
* #week-16-disease-control "Disease control in week 16"
* #evaluable "Whether the patient counts as evaluable"
* #response-recist "Response by RECIST"
* #response-irecist "Response by iRECIST"
* #response-rano "Response by RANO"
* #response-clinical "Response by clinical judgement"
* #criteria-disagree "Whether the criteria disagree about disease control"

CodeSystem: GatewayResponse
Id: gateway-response
Title: "Responses"
Description: "Categories of response that RECIST, iRECIST and RANO share, and the two of iRECIST alone."
* insert Codes
* #complete-response "Complete response"
* #partial-response "Partial response"
* #stable-disease "Stable disease"
* #progressive-disease "Progressive disease"
* #unconfirmed-progression "Unconfirmed progressive disease (iRECIST)"
* #confirmed-progression "Confirmed progressive disease (iRECIST)"
* #not-evaluable "Not evaluable"

ValueSet: ImpressCohortStage
Id: impress-cohort-stage
Title: "Stages of a cohort"
Description: "All of them."
* include codes from system GatewayCohortStage

ValueSet: ImpressCohortDecision
Id: impress-cohort-decision
Title: "Decisions on a cohort"
Description: "All of them."
* include codes from system GatewayCohortDecision

ValueSet: ImpressSubjectState
Id: impress-subject-state
Title: "States of a patient in the trial"
Description: "All of them."
* include codes from system GatewaySubjectState

ValueSet: ImpressScreeningState
Id: impress-screening-state
Title: "States on the parent study"
Description: "States before there is a cohort, and the ends that need none."
* GatewaySubjectState#referred
* GatewaySubjectState#not-consented
* GatewaySubjectState#screening
* GatewaySubjectState#no-match
* GatewaySubjectState#not-prioritised
* GatewaySubjectState#withdrawn
* GatewaySubjectState#off-study

ValueSet: ImpressEnrolmentState
Id: impress-enrolment-state
Title: "States in a cohort"
Description: "States of a patient whom a cohort suits."
* GatewaySubjectState#matched
* GatewaySubjectState#offered
* GatewaySubjectState#offer-declined
* GatewaySubjectState#offer-expired
* GatewaySubjectState#accepted
* GatewaySubjectState#on-treatment
* GatewaySubjectState#follow-up
* GatewaySubjectState#off-study
* GatewaySubjectState#withdrawn

ValueSet: ImpressReferralStatus
Id: impress-referral-status
Title: "States of a referral"
Description: "All of them."
* include codes from system GatewayReferralStatus

ValueSet: ImpressResponse
Id: impress-response
Title: "Responses"
Description: "All of them."
* include codes from system GatewayResponse

ValueSet: ImpressNotificationType
Id: impress-notification-type
Title: "Types of notification"
Description: "Codes of R5, which R4 lacks."
* http://hl7.org/fhir/subscription-notification-type#handshake
* http://hl7.org/fhir/subscription-notification-type#heartbeat
* http://hl7.org/fhir/subscription-notification-type#event-notification
* http://hl7.org/fhir/subscription-notification-type#query-status
* http://hl7.org/fhir/subscription-notification-type#query-event
