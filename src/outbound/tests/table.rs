//! URLs that must lead nowhere; `{p}` is the port of a server on this host that nobody may reach.

use super::Refusal;

pub(super) struct Row {
    pub(super) url: String,
    pub(super) refusal: Refusal,
    /// Whether it asks the server that is allowed, which answers with a redirect.
    pub(super) redirects: bool,
    /// Whether it leads to the server that nobody may reach when nothing is checked.
    pub(super) would_arrive: bool,
}

/// Hosts that are not the one that is configured, or are it over another scheme; every name leads to this host.
const OTHERS: &[(&str, Refusal)] = &[
    ("http://trial.example:{p}/fhir", Refusal::Plain),
    ("http://TRIAL.example:{p}/fhir", Refusal::Plain),
    ("http://trial.example.attacker.test:{p}/fhir", Refusal::Plain),
    ("https://trial.example.attacker.test:{p}/fhir", Refusal::Origin),
    ("https://trial.example%2eattacker.test:{p}/fhir", Refusal::Origin),
    ("https://trial.example\u{3002}attacker.test:{p}/fhir", Refusal::Origin),
    ("https://attacker-trial.example:{p}/fhir", Refusal::Origin),
    ("https://trial.example.:{p}/fhir", Refusal::Origin),
    ("https://sub.trial.example:{p}/fhir", Refusal::Origin),
    ("https://attacker.test:{p}/https://trial.example/fhir", Refusal::Origin),
    ("https://attacker.test:{p}/?https://trial.example/fhir", Refusal::Origin),
    ("https://attacker.test:{p}/#https://trial.example/fhir", Refusal::Origin),
    ("https://attacker.test:{p}\\@trial.example/fhir", Refusal::Origin),
    ("http://trial.example@attacker.test:{p}/fhir", Refusal::UserInfo),
    ("https://trial.example@attacker.test:{p}/fhir", Refusal::UserInfo),
    ("https://trial.example:443@127.0.0.1:{p}/fhir", Refusal::UserInfo),
    ("http://trial.example%40@127.0.0.1:{p}/fhir", Refusal::UserInfo),
    ("https://user:password@trial.example:{p}/fhir", Refusal::UserInfo),
    // The origin is the one that is configured, and its name leads here.
    ("https://trial.example:{p}/fhir", Refusal::Address),
    ("https://TRIAL.EXAMPLE:{p}/fhir", Refusal::Address),
    ("https://rebind.example:{p}/", Refusal::Address),
];

/// This host, on another port than the one that is configured.
const LOCAL: &[(&str, Refusal)] = &[
    ("http://127.0.0.1:{p}/", Refusal::Origin),
    ("https://127.0.0.1:{p}/", Refusal::Origin),
    ("http://127.1:{p}/", Refusal::Origin),
    ("http://127.0.1:{p}/", Refusal::Origin),
    ("http://2130706433:{p}/", Refusal::Origin),
    ("http://0x7f000001:{p}/", Refusal::Origin),
    ("http://0x7f.0.0.1:{p}/", Refusal::Origin),
    ("http://0177.0.0.1:{p}/", Refusal::Origin),
    ("http://017700000001:{p}/", Refusal::Origin),
    ("http://127.0.0.1.:{p}/", Refusal::Origin),
    ("http://127.0.0.2:{p}/", Refusal::Origin),
    ("http://\u{ff11}\u{ff12}\u{ff17}.0.0.1:{p}/", Refusal::Origin),
    ("http://localhost:{p}/", Refusal::Origin),
    ("http://LOCALHOST:{p}/", Refusal::Origin),
    ("http://localhost.:{p}/", Refusal::Plain),
    ("http://sub.localhost:{p}/", Refusal::Plain),
    ("http://0.0.0.0:{p}/", Refusal::Plain),
    ("http://0:{p}/", Refusal::Plain),
    ("http://[::1]:{p}/", Refusal::Origin),
    ("http://[::]:{p}/", Refusal::Plain),
    ("http://[::ffff:127.0.0.1]:{p}/", Refusal::Origin),
    ("http://[0:0:0:0:0:ffff:7f00:1]:{p}/", Refusal::Origin),
];

/// Where nothing answers here, but would elsewhere.
const ELSEWHERE: &[(&str, Refusal)] = &[
    ("http://169.254.169.254/latest/meta-data/", Refusal::Plain),
    ("https://169.254.169.254/latest/meta-data/", Refusal::Origin),
    ("http://2852039166/latest/meta-data/", Refusal::Plain),
    ("http://[::ffff:169.254.169.254]/latest/meta-data/", Refusal::Plain),
    ("https://[fd00:ec2::254]/latest/meta-data/", Refusal::Origin),
    ("http://metadata.google.internal/computeMetadata/v1/", Refusal::Plain),
    ("https://10.0.0.1/", Refusal::Origin),
    ("https://192.168.0.1/", Refusal::Origin),
    ("https://[fe80::1]/", Refusal::Origin),
    ("ftp://127.0.0.1:{p}/", Refusal::Plain),
    ("file:///etc/hostname", Refusal::Plain),
    ("data:text/plain,x", Refusal::Plain),
];

/// Where the server that is allowed sends on to.
const REDIRECTS: &[&str] = &[
    "301?http://127.0.0.1:{p}/",
    "302?http://127.0.0.1:{p}/",
    "303?http://localhost:{p}/",
    "307?http://127.0.0.1:{p}/",
    "308?http://[::1]:{p}/",
    "302?//127.0.0.1:{p}/",
    "302?http://2130706433:{p}/",
    "302?https://trial.example:{p}/fhir",
];

pub(super) fn rows(tripwire: u16, honest: u16) -> Vec<Row> {
    let row = |url: &str, refusal, redirects, would_arrive| Row {
        url: url.replace("{p}", &tripwire.to_string()),
        refusal,
        redirects,
        would_arrive,
    };
    let arriving = OTHERS.iter().chain(LOCAL).map(|(url, refusal)| row(url, *refusal, false, true));
    let elsewhere = ELSEWHERE.iter().map(|(url, refusal)| row(url, *refusal, false, false));
    let redirected = REDIRECTS.iter().map(|to| {
        let url = format!("http://127.0.0.1:{honest}/redirect/{to}");
        row(&url, Refusal::Origin, true, true)
    });
    let metadata = "/redirect/302?http://169.254.169.254/latest/meta-data/";
    let last = row(&format!("http://127.0.0.1:{honest}{metadata}"), Refusal::Origin, true, false);
    arriving.chain(elsewhere).chain(redirected).chain([last]).collect()
}
