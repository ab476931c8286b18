//! What each trust has received, beside what was drawn.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

use super::setup::Clients;
use crate::sandbox::catalogue::{Format, TRUSTS, Trust};
use crate::sandbox::client::Trouble;
use crate::sandbox::count::{Received, all, received};
use crate::sandbox::funnel::{Funnel, percent};
use crate::sandbox::plan::Plan;
use crate::sandbox::statuses::{Statuses, Told};
use crate::sandbox::subscriptions::{Heard, Subscriptions, TOPICS, counted};

/// How often, and how long, what is delivered on its own is waited for.
const ATTEMPTS: u32 = 300;
const PAUSE: Duration = Duration::from_millis(200);

/// Counts, prints, and compares with the draws.
///
/// # Errors
/// The API cannot be asked, or counts something else.
pub(super) async fn compare(
    clients: &Clients,
    plan: &Plan,
    statuses: &Statuses,
    subscriptions: &Subscriptions,
) -> Result<(), Trouble> {
    let told = told(plan, statuses).await?;
    let heard = heard(clients, subscriptions).await?;
    let mut counted = Vec::new();
    for client in &clients.trusts {
        counted.push(received(client).await?);
    }
    print(&counted, plan, &told);
    print_events(&heard);
    for (place, (trust, received)) in TRUSTS.iter().zip(&counted).enumerate() {
        let drawn = plan.of_trust(place);
        if received.funnel != drawn {
            let text = format!("{} has {:?}, and {drawn:?} was drawn", trust.name, received.funnel);
            return Err(Trouble::Other(text));
        }
        if received.cohorts != plan.cohorts.len() as u64 {
            let text = format!("{} sees {} of {} cohorts", trust.name, received.cohorts, plan.cohorts.len());
            return Err(Trouble::Other(text));
        }
    }
    Ok(())
}

/// What trusts without FHIR were told, as soon as each of their referrals was: those messages are delivered on their own.
async fn told(plan: &Plan, statuses: &Statuses) -> Result<[Told; TRUSTS.len()], Trouble> {
    let mut missing = String::new();
    for _ in 0..ATTEMPTS {
        let told = statuses.told();
        let late = TRUSTS.iter().zip(&told).enumerate().find(|(place, (trust, told))| {
            trust.format != Format::Fhir && told.referrals() != plan.of_trust(*place).screened
        });
        match late {
            None => return Ok(told),
            Some((place, (trust, told))) => {
                let all = plan.of_trust(place).screened;
                missing = format!("{} was told of {} of {all} referrals", trust.name, told.referrals());
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Trouble::Other(missing))
}

/// What trusts heard by subscription, as soon as it is every event that the gateway has counted. It must be about everything that
/// they find.
async fn heard(
    clients: &Clients,
    subscriptions: &Subscriptions,
) -> Result<[[Heard; TOPICS.len()]; TRUSTS.len()], Trouble> {
    for (place, (trust, client)) in TRUSTS.iter().zip(&clients.trusts).enumerate() {
        let counted = counted(client).await?;
        let mut attempts = 0..ATTEMPTS;
        let own = loop {
            let own = subscriptions.heard().get(place).cloned().unwrap_or_default();
            if let Some((topic, _)) = TOPICS.iter().zip(&own).find(|(_, heard)| heard.has_gap).map(|(topic, _)| topic) {
                return Err(Trouble::Other(format!("{} heard an event of {topic} before its time", trust.name)));
            }
            let last = own.each_ref().map(|heard| heard.last);
            if last == counted {
                break own;
            }
            if attempts.next().is_none() {
                let text = format!("{} heard events up to {last:?}, and {counted:?} were counted", trust.name);
                return Err(Trouble::Other(text));
            }
            tokio::time::sleep(PAUSE).await;
        };
        for ((topic, kind), heard) in TOPICS.iter().zip(&own) {
            let found = all(client, kind).await?;
            let ids = found.iter().filter_map(|resource| resource.get("id")?.as_str());
            let found: BTreeSet<String> = ids.map(|id| format!("{kind}/{id}")).collect();
            if found.is_empty() || found != heard.about {
                let (found, about) = (found.len(), heard.about.len());
                let text = format!("{} finds {found} of {kind}, and {topic} was about {about}", trust.name);
                return Err(Trouble::Other(text));
            }
        }
    }
    Ok(subscriptions.heard())
}

fn print_events(heard: &[[Heard; TOPICS.len()]; TRUSTS.len()]) {
    let mut out = std::io::stdout().lock();
    let names: String = TRUSTS.iter().map(|trust| format!("{:>9}", trust.id)).collect();
    let _ = writeln!(out, "\n{:<28}{names}", "events by subscription");
    for (place, (topic, _)) in TOPICS.iter().enumerate() {
        let own = heard.iter().filter_map(|topics| topics.get(place));
        let own: String = own.map(|heard| format!("{:>9}", heard.last)).collect();
        let _ = writeln!(out, "  {topic:<26}{own}");
    }
    let ways: String = TRUSTS.iter().map(|trust| format!("{:>10}", trust.hears.name())).collect();
    let _ = writeln!(out, "each from 1 on without a gap, as far as $status counts; by{ways}");
}

fn rows(funnel: &Funnel) -> [(&'static str, u32); 6] {
    let Funnel { screened, matched, started, week16, evaluable, control } = *funnel;
    [
        ("screened", screened),
        ("matched to a cohort", matched),
        ("treatment started", started),
        ("followed for 16 weeks", week16),
        ("of those, evaluable", evaluable),
        ("of those, disease control", control),
    ]
}

fn sum(counted: &[Received]) -> Funnel {
    let zero = Funnel { screened: 0, matched: 0, started: 0, week16: 0, evaluable: 0, control: 0 };
    counted.iter().fold(zero, |sum, Received { funnel, .. }| Funnel {
        screened: sum.screened + funnel.screened,
        matched: sum.matched + funnel.matched,
        started: sum.started + funnel.started,
        week16: sum.week16 + funnel.week16,
        evaluable: sum.evaluable + funnel.evaluable,
        control: sum.control + funnel.control,
    })
}

fn print(counted: &[Received], plan: &Plan, told: &[Told]) {
    let mut out = std::io::stdout().lock();
    let together = sum(counted);
    let names: String = TRUSTS.iter().map(|trust| format!("{:>9}", trust.id)).collect();
    let _ = writeln!(out, "What each trust has received, counted from the FHIR API with its own token\n");
    let _ = writeln!(out, "{:<28}{names}{:>9}{:>9}", "patients", "together", "drawn");
    for (place, ((name, all), (_, drawn))) in rows(&together).iter().zip(rows(&plan.funnel)).enumerate() {
        let own = counted.iter().filter_map(|received| rows(&received.funnel).get(place).map(|(_, count)| *count));
        let own: String = own.map(|count| format!("{count:>9}")).collect();
        let _ = writeln!(out, "{name:<28}{own}{all:>9}{drawn:>9}");
    }
    let _ = writeln!(out, "\n{:<28}{names}", "GET /fhir/ResearchSubject?_summary=count&status=");
    for place in 0..counted.first().map_or(0, |received| received.statuses.len()) {
        let of_place = |received: &Received| received.statuses.get(place).copied();
        let Some((status, _)) = counted.first().and_then(of_place) else { continue };
        let own: String = counted.iter().filter_map(of_place).map(|(_, count)| format!("{count:>9}")).collect();
        let _ = writeln!(out, "  {status:<26}{own}");
    }
    let own: String = counted.iter().map(|received| format!("{:>9}", received.tasks)).collect();
    let _ = writeln!(out, "{:<28}{own}", "tasks of referrals");
    let of_trust = |(trust, told): (&Trust, &Told)| match trust.format {
        Format::Fhir => format!("{:>9}", "-"),
        Format::Xml | Format::Hl7v2 => format!("{:>9}", told.messages),
    };
    let own: String = TRUSTS.iter().zip(told).map(of_trust).collect();
    let _ = writeln!(out, "{:<28}{own}", "statuses without FHIR");
    let own: String = counted.iter().map(|received| format!("{:>9}", received.cohorts)).collect();
    let _ = writeln!(out, "{:<28}{own}\n", "cohorts, as everybody");
    let Funnel { screened, matched, started, evaluable, control, .. } = together;
    for (what, part, whole, of) in [
        ("matched", matched, screened, "screened"),
        ("started", started, screened, "screened"),
        ("started", started, matched, "matched"),
        ("disease control in week 16", control, evaluable, "evaluable"),
    ] {
        let _ = writeln!(out, "{what}: {part} of {whole} {of} = {}", percent(part, whole));
    }
    let _ = writeln!(out, "last places that patients of two trusts came for: {}", plan.contests.len());
}
