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
