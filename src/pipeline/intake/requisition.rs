//! Where requisition numbers lead, and whether what they lead to is of who requested.

use std::collections::{BTreeMap, BTreeSet};

use super::Intake;
use super::decide::{link_case, referral_case};
use crate::domain::moment::norwegian_day;
use crate::domain::org_number::OrgNumber;
use crate::journal::{Case, JournalError};
use crate::linking::case::{LinkCase, Numbered};

impl Intake {
    /// The requisitions that the laboratory named in `links`, each with where it leads.
    ///
    /// Errors: the journal.
    pub(super) async fn numbered(&self, links: &[LinkCase]) -> Result<Vec<(Case, LinkCase, Numbered)>, JournalError> {
        let mut requesters: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for link in links {
            for key in &link.requisitions {
                let named = link.requesters.get(key).map(String::as_str);
                requesters.entry(key.clone()).or_default().extend(named);
            }
        }
        let mut found = Vec::new();
        for case in self.journal.cases(requesters.keys().cloned().collect()).await? {
            let link = link_case(&case)?;
            // Where samples of one patient name several requesters, it is who is all of them; nobody is: as if none was named.
            let named = requesters.get(&case.key).into_iter().flatten().map(|requester| self.owners(requester));
            let owners = named.reduce(|one, other| one.intersection(&other).cloned().collect()).unwrap_or_default();
            let mut numbered = Numbered { referrals: link.referrals.clone(), is_confirmed: !owners.is_empty() };
            if numbered.is_confirmed {
                let rows = self.journal.cases(std::mem::take(&mut numbered.referrals)).await?;
                for row in rows {
                    if owners.contains(referral_case(&row)?.owner_of_resources()) {
                        numbered.referrals.push(row.key);
                    }
                }
            }
            found.push((case, link, numbered));
        }
        Ok(found)
    }

    /// Whose referrals an organisation may have requested with: all of the health trust that it belongs to today, as the trust or
    /// as a hospital of it. One that no table of trusts has is itself only.
    fn owners(&self, organisation: &str) -> BTreeSet<String> {
        let (trusts, day) = (&self.referrals.trusts, norwegian_day(self.clock.now()));
        let of_trust = || {
            let member = trusts.by_organisation_number(&OrgNumber::parse(organisation).ok()?, day).ok()?;
            // A hospital has none of its own.
            member.trust.organisation_numbers.iter().find_map(|own| trusts.tenancy(&own.number, day))
        };
        let numbers = of_trust().map(|tenancy| tenancy.numbers).unwrap_or_default();
        numbers.iter().map(|number| number.as_str().to_owned()).chain([organisation.to_owned()]).collect()
    }
}
