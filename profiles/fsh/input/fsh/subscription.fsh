Profile: ImpressSubscription
Parent: BPSUB
Id: ImpressSubscription
Title: "Subscription"
Description: "What a trust wants to be told of: the criteria are the canonical of a topic."
* criteria obeys impress-has-value and impress-topic
* end 1..1
* channel.payload obeys impress-has-value
* channel.payload = #application/fhir+json

Profile: ImpressSubscriptionStatus
Parent: BPSTATUS
Id: ImpressSubscriptionStatus
Title: "State of a subscription"
Description: "The first entry of a notification."
* parameter[topic] 1..1
* parameter[topic].value[x] 1..1
* parameter[topic] obeys impress-parameter-topic
* parameter[type].value[x] from ImpressNotificationType (required)
* parameter[eventsSinceSubscriptionStart] 1..1
* parameter[eventsSinceSubscriptionStart].value[x] 1..1
* parameter[eventsSinceSubscriptionStart] obeys impress-event-number
* parameter[notificationEvent].part[eventNumber] obeys impress-event-number

Profile: ImpressNotification
Parent: BPNOTE
Id: ImpressNotification
Title: "Notification"
Description: "A notification of a subscription: its state, and the resources of its events where the payload has them."
* timestamp 1..1
* entry[subscriptionStatus].resource only ImpressSubscriptionStatus
