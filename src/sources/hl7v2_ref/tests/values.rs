//! Values whose loss or change would say something else of the patient.

use super::*;

fn referral_of(text: &str) -> (Referral, Account) {
    let (result, account) = read_base(text);
    let reading = result.unwrap_or_else(|_| panic!("{text}: {:?}", account.issues));
    (reading.referral, account)
}

fn notes(referral: &Referral) -> Vec<&str> {
    referral.notes.iter().map(|note| note.text.expose()).collect()
}

/// HL7 v2.5.1, chapter 11: only the event of the message says what becomes of the referral. ORC-1 (table 0119) is about the
/// order of its own group.
#[test]
fn a_cancelled_order_in_the_message_is_kept_as_a_note() {
    let text = changed(&["ORC|CA|LAB-1", "OBR|1|LAB-1||CBC^Blodstatus^L"]);
    let (referral, _) = referral_of(&text);
    assert_eq!((referral.message.action, referral.status.as_str()), (Action::New, "active"));
    assert!(notes(&referral).contains(&"ORC[1]-1: CA"), "{:?}", notes(&referral));
    // Whose referrals are cancelled by an order says so in an overlay.
    let overlay = "binding: hl7v2-referral\nreferral:\n  message:\n    action: first(try(hl7v2-actions, ORC-1), 'new')\n";
    let (result, _) = read_with(text.as_bytes(), &with("referral/overlays/983974732.yaml", overlay).unwrap());
    assert_eq!(result.unwrap().referral.message.action, Action::Cancel);
}
