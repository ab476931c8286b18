//! The rows of the audit trail by their place in it, and how many there are, within the scope of who asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use impress_gateway::journal::{Audit, AuditFilter, Change, Committed, Journal, Scope};

use super::store::{Store, at};

on_both_stores! {
    a_row_is_found_by_its_place_by_who_may_see_it,
    a_refusal_says_whose_it_was_to_the_owner_only,
    rows_are_counted_as_they_are_found,
    rows_come_in_either_order_and_in_pages,
}

const FORDE: &str = "983974732";
const OSLO: &str = "993467049";

fn scope(number: &str) -> Option<Scope> {
    Some(Scope::of_trust(number, vec![number.to_owned()]))
}

/// Five rows, each of a transaction of its own: three of Førde's patients, two of Oslo's.
async fn fill(journal: &Arc<dyn Journal>) -> BTreeMap<String, (i64, i64)> {
    for (trace, tenant, second) in [("a", FORDE, 1), ("b", OSLO, 2), ("c", FORDE, 3), ("d", OSLO, 4), ("e", FORDE, 5)] {
        let audit = Audit {
            at: at(second),
            action: "read",
            organisation: "operator".to_owned(),
            role: "operator",
            patient: Some(format!("patient-{trace}")),
            trace: trace.to_owned(),
            tenant: Some(tenant.to_owned()),
            ..Audit::default()
        };
        let change = Change { audits: vec![audit], ..Change::default() };
        assert_eq!(journal.commit(change).await.unwrap(), Committed::Stored);
    }
    let rows = journal.search_audits(AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap();
    rows.into_iter().map(|row| (row.trace, (row.chain, row.number))).collect()
}

async fn a_row_is_found_by_its_place_by_who_may_see_it(store: Arc<Store>) {
    let journal = store.node().await;
    let places = fill(&journal).await;
    assert_eq!(places.len(), 5);
    let found = async |ids: Vec<(i64, i64)>, scope: Option<Scope>| {
        let filter = AuditFilter { ids, scope, limit: 10, ..AuditFilter::default() };
        let rows = journal.search_audits(filter).await.unwrap();
        rows.into_iter().map(|row| row.trace).collect::<String>()
    };
    for (trace, place) in &places {
        let is_fordes = "ace".contains(trace.as_str());
        assert_eq!(found(vec![*place], None).await, *trace);
        assert_eq!(found(vec![*place], scope(FORDE)).await, if is_fordes { trace } else { "" });
        assert_eq!(found(vec![*place], scope(OSLO)).await, if is_fordes { "" } else { trace });
    }
    // Alternatives do not reach beyond the scope.
    let all: Vec<(i64, i64)> = places.values().copied().collect();
    assert_eq!(found(all.clone(), scope(FORDE)).await, "eca");
    assert_eq!(found(all, scope(OSLO)).await, "db");
    let (chain, number) = places["a"];
    for absent in [(0, 0), (chain, number + 1_000), (chain + 1_000, number), (i64::MAX, i64::MAX)] {
        assert_eq!(found(vec![absent], None).await, "", "{absent:?}");
    }
}

/// A row that Oslo was refused what is a trust's, or what is not there.
fn refused(trace: &str, second: i64, patient: Option<&str>, tenant: Option<&str>) -> Audit {
    Audit {
        at: at(second),
        action: "deny",
        outcome: "refused",
        organisation: OSLO.to_owned(),
        role: "trust",
        patient: patient.map(str::to_owned),
        trace: trace.to_owned(),
        tenant: tenant.map(str::to_owned),
        ..Audit::default()
    }
}

async fn a_refusal_says_whose_it_was_to_the_owner_only(store: Arc<Store>) {
    let journal = store.node().await;
    let rows = [
        refused("foreign", 1, Some("patient-a"), Some(FORDE)),
        refused("absent", 2, None, None),
        refused("own", 3, Some("patient-b"), Some(OSLO)),
        // What it looked at by a grant, and a report that is held: of nobody.
        Audit { action: "read", outcome: "success", ..refused("granted", 4, Some("patient-a"), Some(FORDE)) },
        refused("held", 5, Some("patient-a"), None),
    ];
    for audit in rows {
        journal.commit(Change { audits: vec![audit], ..Change::default() }).await.unwrap();
    }
    let found = async |filter: AuditFilter| {
        let rows = journal.search_audits(AuditFilter { limit: 10, ..filter.clone() }).await.unwrap();
        let count = journal.count_audits(AuditFilter { limit: 10, ..filter }).await.unwrap();
        assert_eq!(i64::try_from(rows.len()).unwrap(), count);
        rows.into_iter().map(|row| (row.trace, row.patient, row.tenant, row.message)).collect::<Vec<_>>()
    };
    let text = |text: &str| Some(text.to_owned());
    let own = ("own".to_owned(), text("patient-b"), text(OSLO), None);
    let (absent, foreign) = (("absent".to_owned(), None, None, None), ("foreign".to_owned(), None, None, None));
    let whole = ("foreign".to_owned(), text("patient-a"), text(FORDE), None);
    let (granted, held) = (("granted".to_owned(), None, None, None), ("held".to_owned(), None, None, None));
    let looked = ("granted".to_owned(), text("patient-a"), text(FORDE), None);
    let of_nobody = ("held".to_owned(), text("patient-a"), None, None);
    let of = |number: &str| AuditFilter { scope: scope(number), ..AuditFilter::default() };
    assert_eq!(found(of(OSLO)).await, [held, granted, own.clone(), absent.clone(), foreign]);
    assert_eq!(found(of(FORDE)).await, [looked.clone(), whole.clone()]);
    let all = [of_nobody, looked.clone(), own.clone(), absent, whole.clone()];
    assert_eq!(found(AuditFilter::default()).await, all);
    // Whose it was cannot be asked for either.
    let about = |number: &str, patient: &str| AuditFilter { patient: text(patient), ..of(number) };
    assert_eq!(found(about(OSLO, "patient-a")).await, []);
    assert_eq!(found(about(OSLO, "patient-b")).await, [own]);
    assert_eq!(found(about(FORDE, "patient-a")).await, [looked, whole]);
}

async fn rows_are_counted_as_they_are_found(store: Arc<Store>) {
    let journal = store.node().await;
    let places = fill(&journal).await;
    let all = || AuditFilter { limit: 100, ..AuditFilter::default() };
    for (filter, count) in [
        (all(), 5),
        (AuditFilter { limit: 4, ..all() }, 4),
        (AuditFilter { scope: scope(FORDE), ..all() }, 3),
        (AuditFilter { scope: scope(OSLO), ..all() }, 2),
        (AuditFilter { scope: scope(OSLO), from: Some(at(3)), ..all() }, 1),
        (AuditFilter { from: Some(at(2)), to: Some(at(4)), ..all() }, 2),
        (AuditFilter { patient: Some("patient-a".to_owned()), scope: scope(OSLO), ..all() }, 0),
        (AuditFilter { ids: vec![places["a"], places["b"]], scope: scope(FORDE), ..all() }, 1),
        (AuditFilter { actions: vec!["search"], ..all() }, 0),
    ] {
        assert_eq!(journal.count_audits(filter.clone()).await.unwrap(), count, "{filter:?}");
        if filter.limit == 100 {
            let found = journal.search_audits(filter.clone()).await.unwrap().len();
            assert_eq!(i64::try_from(found).unwrap(), count, "{filter:?}");
        }
    }
}

async fn rows_come_in_either_order_and_in_pages(store: Arc<Store>) {
    let journal = store.node().await;
    fill(&journal).await;
    for (is_oldest_first, who, expected) in [
        (true, None, "abcde"),
        (false, None, "edcba"),
        (true, scope(FORDE), "ace"),
        (false, scope(FORDE), "eca"),
        (true, scope(OSLO), "bd"),
    ] {
        for limit in 1..=6 {
            let (mut found, mut before) = (String::new(), None);
            loop {
                let filter =
                    AuditFilter { is_oldest_first, before, limit, scope: who.clone(), ..AuditFilter::default() };
                let rows = journal.search_audits(filter).await.unwrap();
                let Some(last) = rows.last() else { break };
                before = Some(last.sequence);
                found.extend(rows.into_iter().map(|row| row.trace));
            }
            assert_eq!(found, expected, "{limit}");
        }
    }
}
