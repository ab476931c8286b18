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
                let named = link.requesters.get(key).into_iter().flatten().map(String::as_str);
                requesters.entry(key.clone()).or_default().extend(named);
            }
        }
        let mut found = Vec::new();
        for case in self.journal.cases(requesters.keys().cloned().collect()).await? {
            let link = link_case(&case)?;
            let owners = requesters.get(&case.key).map(|named| self.owners(named)).unwrap_or_default();
            let mut numbered = Numbered { referrals: link.referrals.clone(), confirmed: Vec::new() };
            for row in self.journal.cases(link.referrals.clone()).await? {
                if owners.contains(referral_case(&row)?.owner_of_resources()) {
                    numbered.confirmed.push(row.key);
                }
            }
            found.push((case, link, numbered));
        }
        Ok(found)
    }

    /// Whose referrals these organisations may have requested with: all of the health trusts that they belong to today, as a
    /// trust or as a hospital of one. An organisation that no table of trusts has is itself only.
    fn owners(&self, organisations: &BTreeSet<&str>) -> BTreeSet<String> {
        let (trusts, day) = (&self.referrals.trusts, norwegian_day(self.clock.now()));
        let tenancy = |number: &&str| {
            let member = trusts.by_organisation_number(&OrgNumber::parse(number).ok()?, day).ok()?;
            // A hospital has none of its own.
            member.trust.organisation_numbers.iter().find_map(|own| trusts.tenancy(&own.number, day))
        };
        let of_trusts = organisations.iter().filter_map(tenancy).flat_map(|tenancy| tenancy.numbers);
        of_trusts
            .map(|number| number.as_str().to_owned())
            .chain(organisations.iter().map(|number| (*number).to_owned()))
            .collect()
    }
}
