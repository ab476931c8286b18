//! Whether the audit trail is as it was written: every chain is walked, a page at a time.

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::journal::{Head, Journal, JournalError, Link};

/// Rows that are read at once.
const PAGE: i64 = 1_000;

/// Findings that are told one by one; of more there is a count.
const FINDINGS: usize = 100;

/// A head that was printed earlier and kept away from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Chain.
    pub chain: i64,
    /// Number of the row that was its last one.
    pub number: i64,
    /// Hash of that row.
    pub hash: Vec<u8>,
}

impl Earlier {
    /// Reads a line as [`line()`] writes it.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (chain, number, digits) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        let is_hash = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if parts.next().is_some() || !is_hash {
            return None;
        }
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let hash = digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>()?;
        Some(Self { chain, number, hash })
    }
}

/// A head as a line: chain, number and hash.
pub fn line(head: &Head) -> String {
    let hash: String = head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}\t{}\t{hash}\n", head.chain, head.number)
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Heads up to which the chains were walked.
    pub heads: Vec<Head>,
    /// Rows that were looked at.
    pub rows: u64,
    /// What is wrong; empty where the trail is whole.
    pub findings: Vec<Issue>,
    /// How many more things are wrong.
    pub more: u64,
}

impl Report {
    /// The head of a chain, where it is there; what is wrong with it is found.
    fn head<'h>(&mut self, heads: &'h [Head], chain: i64) -> Option<&'h Head> {
        let Some(head) = heads.iter().find(|head| head.chain == chain) else {
            self.found(IssueCode::AuditChainMissing, format!("chain {chain} has no head"));
            return None;
        };
        if !head.is_signed {
            let text = match head.is_others {
                true => format!("chain {chain}: the head, row {}, is signed with another secret", head.number),
                false => format!("chain {chain}: the head, row {}, was not written by this gateway", head.number),
            };
            self.found(IssueCode::AuditHeadForged, text);
        }
        Some(head)
    }

    fn found(&mut self, code: IssueCode, text: String) {
        if self.findings.len() < FINDINGS {
            self.findings.push(Issue::new(code, Location::default(), text));
        } else {
            self.more += 1;
        }
    }
}

/// Walks the chains, or one of them; what is appended meanwhile is walked too. `walked` is told of every page.
///
/// Errors: the journal cannot be read.
pub async fn verify(
    journal: &dyn Journal,
    only: Option<i64>,
    earlier: &[Earlier],
    mut walked: impl FnMut(u64),
) -> Result<Report, JournalError> {
    let mut report = Report::default();
    let heads = journal.audit_heads().await?;
    let is_asked = |chain: i64| only.is_none_or(|only| only == chain);
    for chain in (1..=journal.audit_chains()).filter(|chain| is_asked(*chain)) {
        let Some(head) = report.head(&heads, chain) else { continue };
        let earlier = earlier.iter().filter(|earlier| earlier.chain == chain).collect();
        let mut walk = Walk { head, earlier, last: 0, hash: vec![0; 32], report: &mut report };
        walk.chain(journal, &mut walked).await?;
        report.heads.push(head.clone());
    }
    let strange = heads.iter().find(|head| head.chain < 1 || head.chain > journal.audit_chains());
    if let Some(head) = strange.filter(|_| only.is_none()) {
        report.found(IssueCode::AuditRowInserted, format!("there is a head of a chain {}", head.chain));
    }
    if only.is_none()
        && let Some((chain, number)) = journal.stray_audit().await?
    {
        report.found(IssueCode::AuditRowInserted, format!("chain {chain}, row {number}: there is no such chain"));
    }
    Ok(report)
}

/// Looks at the ends of the chains only: whether heads are there, signed, and of the rows that stand last. It is quick, and finds
/// what a crash, a restored file or a clumsy hand leaves.
///
/// Errors: the journal cannot be read.
pub async fn verify_ends(journal: &dyn Journal) -> Result<Report, JournalError> {
    let mut report = Report::default();
    let heads = journal.audit_heads().await?;
    for chain in 1..=journal.audit_chains() {
        let Some(head) = report.head(&heads, chain) else { continue };
        if head.number == 0 {
            continue;
        }
        let rows = journal.audit_links(chain, head.number - 1, 1).await?;
        let last = rows.first().filter(|link| link.number == head.number);
        let (before, hash) = (head.number - 1, last.map(|link| link.previous.clone()).unwrap_or_default());
        let mut walk = Walk { head, earlier: Vec::new(), last: before, hash, report: &mut report };
        match last {
            Some(link) => walk.link(link),
            None => walk.cut(),
        }
    }
    Ok(report)
}

/// One chain.
struct Walk<'a> {
    head: &'a Head,
    earlier: Vec<&'a Earlier>,
    /// Number of the row that was looked at last.
    last: i64,
    /// Its hash.
    hash: Vec<u8>,
    report: &'a mut Report,
}

impl Walk<'_> {
    async fn chain(&mut self, journal: &dyn Journal, walked: &mut impl FnMut(u64)) -> Result<(), JournalError> {
        let chain = self.head.chain;
        let mut after = i64::MIN;
        loop {
            let page = journal.audit_links(chain, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.number;
            for link in &page {
                self.link(link);
            }
            self.report.rows += page.len() as u64;
            walked(page.len() as u64);
        }
        if self.last < self.head.number {
            self.cut();
        }
        for earlier in &self.earlier {
            if earlier.number > self.last {
                let text = format!("chain {chain}: row {} was there and is not any more", earlier.number);
                self.report.found(IssueCode::AuditHistoryCut, text);
            }
        }
        if self.last > self.head.number {
            // Appended while the chain was walked, or put there by somebody else: only then the head does not know it.
            let heads = journal.audit_heads().await?;
            let now = heads.iter().find(|head| head.chain == chain).map_or(0, |head| head.number);
            if self.last > now {
                let text = format!("chain {chain}: rows {} to {} are not of the chain", now + 1, self.last);
                self.report.found(IssueCode::AuditRowInserted, text);
            }
        }
        Ok(())
    }

    /// The rows up to the head are not there.
    fn cut(&mut self) {
        let (chain, first, last) = (self.head.chain, self.last + 1, self.head.number);
        self.report
            .found(IssueCode::AuditTailCut, format!("chain {chain}: rows {first} to {last} are cut off its end"));
    }

    fn link(&mut self, link: &Link) {
        let (chain, number) = (self.head.chain, link.number);
        if number < 1 {
            return self.report.found(IssueCode::AuditRowInserted, format!("chain {chain}: there is a row {number}"));
        }
        if number > self.last + 1 {
            let text = match number - self.last {
                2 => format!("chain {chain}: row {} is missing", number - 1),
                _ => format!("chain {chain}: rows {} to {} are missing", self.last + 1, number - 1),
            };
            self.report.found(IssueCode::AuditRowMissing, text);
        } else if link.previous != self.hash {
            let text = format!("chain {chain}, row {number}: it was not written after row {}", self.last);
            self.report.found(IssueCode::AuditLinkBroken, text);
        }
        if link.computed.as_slice() != link.hash {
            let text = format!("chain {chain}, row {number}: it is not as it was written");
            self.report.found(IssueCode::AuditRowAltered, text);
        }
        if number == self.head.number && link.hash != self.head.hash {
            let text = format!("chain {chain}, row {number}: it is not the row that the head names");
            self.report.found(IssueCode::AuditLinkBroken, text);
        }
        if self.earlier.iter().any(|earlier| earlier.number == number && earlier.hash != link.hash) {
            let text = format!("chain {chain}, row {number}: it is another row than it was");
            self.report.found(IssueCode::AuditHistoryCut, text);
        }
        self.last = number;
        self.hash.clone_from(&link.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed() {
        let head = Head { chain: 3, number: 17, hash: (0..32).collect(), is_signed: true, is_others: false };
        let text = line(&head);
        assert!(text.starts_with("3\t17\t000102"), "{text}");
        assert_eq!(Earlier::parse(text.trim_end()), Some(Earlier { chain: 3, number: 17, hash: head.hash }));
        for wrong in ["", "3\t17", "3\t17\t00", "x\t17\t00", &format!("3\t17\t{}", "é".repeat(32)), "3\t17\t00\t00"] {
            assert_eq!(Earlier::parse(wrong), None, "{wrong}");
        }
    }
}
