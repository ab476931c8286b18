//! On the day on which a trust becomes part of another one: a day is Norway's for everybody who asks the table of trusts.

use std::path::Path;
use std::sync::Arc;

use impress_gateway::clock::{Clock, ManualClock};

use super::setting::Setting;
use crate::service::referral::Referral;
use crate::support::Folder;

const FORDE: &str = "983974732";
const OSLO: &str = "993467049";

/// A setting in which the trust of Førde becomes part of Oslo's on 1 July 2026, in Norway at 22:00 UTC of 30 June.
fn setting(name: &str, clock: Arc<ManualClock>) -> Setting {
    let folder = Folder::new(name);
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    for file in
        walkdir::WalkDir::new(&mappings).into_iter().map(Result::unwrap).filter(|file| file.file_type().is_file())
    {
        let name = Path::new("mappings").join(file.path().strip_prefix(&mappings).unwrap());
        folder.write(name.to_str().unwrap(), std::fs::read(file.path()).unwrap());
    }
    let row = format!("{{ number = \"{FORDE}\" }}");
    let ended = format!("{{ number = \"{FORDE}\", valid_to = 2026-06-30, successor = \"{OSLO}\" }}");
    let text = std::fs::read_to_string(mappings.join("trusts.toml")).unwrap();
    assert!(text.contains(&row));
    folder.write("mappings/trusts.toml", text.replace(&row, &ended));
    Setting::of(folder, "[mappings]\ndirectory = \"mappings\"\n", clock as Arc<dyn Clock>)
}

#[test]
fn what_was_the_trusts_is_its_successors_from_midnight_in_norway_on() {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let clock = Arc::new(ManualClock::new(at("2026-06-30T21:59:59Z")));
    let setting = setting("merger-day", Arc::clone(&clock));
    let sent = |number: usize| {
        let text = String::from_utf8(Referral::new(number).fhir()).unwrap();
        assert!(text.contains(FORDE));
        let message = setting.send_text(OSLO, text);
        (setting.disposition(&message), setting.reason(&message))
    };
    // Until then a referral of Førde is not Oslo's to send.
    let (disposition, reason) = sent(1);
    assert_eq!(disposition, "quarantined");
    assert!(reason.starts_with("intake.sender-foreign"), "{reason}");
    for (number, text) in [(2, "2026-06-30T22:00:00Z"), (3, "2026-06-30T23:30:00Z"), (4, "2026-07-01T12:00:00Z")] {
        clock.set(at(text));
        assert_eq!(sent(number).0, "awaiting-consent", "{text}");
    }
}
