//! The care chain: further trusts that see what belongs to a referral. The receiver that a referral names gets a grant with it; a
//! person at the gateway gives and ends others. Every one leaves a row in the audit trail.

use jiff::Timestamp;
use jiff::civil::Date;

use super::decide::{Incoming, referral_case};
use super::{Intake, LinkError, Who, audit};
use crate::domain::referral::Referral;
use crate::domain::trust::Trusts;
use crate::domain::{her_id::HerId, org_number::OrgNumber};
use crate::journal::{Audit, Change, Committed, Grant, GrantWrite};
use crate::linking::case::ReferralCase;

/// Longest reason that a person gives, in characters.
const REASON: usize = 40;

/// Reason of a grant that a referral brings with it.
const RECEIVER: &str = "receiver";

/// Why the trust of an inclusion site sees the referral of another trust.
pub(super) const INCLUDING_SITE: &str = "including-site";

/// The trust that a referral names as its receiver.
pub(super) fn receiver(referral: &Referral, trusts: &Trusts, day: Date) -> Option<String> {
    let organisation = referral.receiver.as_ref()?;
    let trust = match &organisation.organisation_number {
        Some(number) => trusts.heir(&OrgNumber::parse(number).ok()?, day),
        None => trusts.by_her_id(HerId::parse(organisation.her_id.as_deref()?).ok()?),
    };
    trust.map(|trust| trust.id.clone())
}

/// What a referral that takes effect does to the grant of its receiver: one that names another receiver ends the one before.
pub(super) fn follow_receiver(incoming: &Incoming<'_>, case: &mut ReferralCase) -> Vec<GrantWrite> {
    let receiver = incoming.receiver.clone().filter(|receiver| Some(receiver) != incoming.trust.as_ref());
    let before = std::mem::replace(&mut case.receiver, receiver.clone());
    if before == receiver {
        return Vec::new();
    }
    let (key, at) = (&incoming.case, incoming.now);
    let end = before.map(|trust| GrantWrite::End { case: key.clone(), trust, reason: Some(RECEIVER.to_owned()), at });
    end.into_iter().chain(receiver.map(|trust| give(key, &trust, RECEIVER, at))).collect()
}

pub(super) fn give(case: &str, trust: &str, reason: &str, from: Timestamp) -> GrantWrite {
    let (case, trust, reason) = (case.to_owned(), trust.to_owned(), reason.to_owned());
    GrantWrite::Give(Grant { case, trust, reason, from, to: None })
}

/// The rows of the audit trail that grants leave.
pub(super) fn rows(grants: &[GrantWrite], of: &Audit) -> Vec<Audit> {
    let row = |grant: &GrantWrite| {
        let (action, detail) = match grant {
            GrantWrite::Give(Grant { trust, reason, .. }) => ("grant", format!("{trust}: {reason}")),
            GrantWrite::End { trust, reason, .. } => {
                ("grant-end", format!("{trust}: {}", reason.as_deref().unwrap_or("every reason")))
            }
        };
        Audit { action, detail: Some(detail), ..of.clone() }
    };
    grants.iter().map(row).collect()
}

impl Intake {
    /// The grants of a referral with the key `referral/<id of the ServiceRequest>`, also those that were ended; looking is
    /// audited.
    ///
    /// Errors: `Invalid` where no referral has the key; the journal.
    pub async fn look_at_grants(&self, key: &str, who: &Who) -> Result<Vec<Grant>, LinkError> {
        let case = self.known_case(key).await?;
        let row = Audit { detail: Some("grants".to_owned()), ..of(&case, audit(who, "read", self.clock.now())) };
        self.record(vec![row]).await?;
        Ok(self.journal.grants(key.to_owned()).await?)
    }

    /// Lets a trust see what belongs to a referral.
    ///
    /// Errors: `Invalid` for an unknown referral, a trust that is not in the table or whose referral it is, or a reason that is
    /// not of its form; the journal.
    pub async fn grant(&self, key: &str, trust: &str, reason: &str, who: &Who) -> Result<(), LinkError> {
        let case = self.known_case(key).await?;
        if !self.referrals.trusts.trusts().iter().any(|known| known.id == trust) {
            return Err(LinkError::Invalid("no trust has this id"));
        }
        if case.trust.as_deref() == Some(trust) {
            return Err(LinkError::Invalid("the referral is the trust's own"));
        }
        self.write_grant(&case, give(key, trust, word(reason)?, self.clock.now()), who).await
    }

    /// Ends every grant that a trust has of a referral.
    ///
    /// Errors: `Invalid` for an unknown referral, or where the trust has no grant of it; the journal.
    pub async fn end_grant(&self, key: &str, trust: &str, who: &Who) -> Result<(), LinkError> {
        let case = self.known_case(key).await?;
        let grants = self.journal.grants(key.to_owned()).await?;
        if !grants.iter().any(|grant| grant.trust == trust && grant.to.is_none()) {
            return Err(LinkError::Invalid("the trust has no grant of the referral"));
        }
        let at = self.clock.now();
        let end = GrantWrite::End { case: key.to_owned(), trust: trust.to_owned(), reason: None, at };
        self.write_grant(&case, end, who).await
    }

    async fn write_grant(&self, case: &ReferralCase, grant: GrantWrite, who: &Who) -> Result<(), LinkError> {
        let grants = vec![grant];
        let audits = rows(&grants, &of(case, audit(who, "grant", self.clock.now())));
        match self.journal.commit(Change { grants, audits, ..Change::default() }).await? {
            Committed::Stored | Committed::Known(_) | Committed::Stale => Ok(()),
        }
    }

    async fn known_case(&self, key: &str) -> Result<ReferralCase, LinkError> {
        let cases = self.journal.cases(vec![key.to_owned()]).await?;
        let case = cases.first().filter(|case| case.state.is_some() && key.starts_with("referral/"));
        Ok(referral_case(case.ok_or(LinkError::Invalid("no referral has this id"))?)?)
    }
}

fn of(case: &ReferralCase, row: Audit) -> Audit {
    Audit {
        patient: Some(case.patient.clone()).filter(|patient| !patient.is_empty()),
        message: case.message.clone(),
        tenant: Some(case.owner_of_resources().to_owned()),
        ..row
    }
}

/// A reason is a word, so that nobody writes a name into the audit trail.
fn word(reason: &str) -> Result<&str, LinkError> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    let is_word = !reason.is_empty() && reason.len() <= REASON && reason.bytes().all(is_letter);
    is_word.then_some(reason).ok_or(LinkError::Invalid("a reason is a word of small letters and hyphens"))
}
