//! Section MSI.

use crate::domain::accounting::Account;

use super::super::cells::quantity::Quantity;
use super::super::sheet::SheetSection;
use super::super::wire::Msi;
use super::keys::read_keys;
use super::names::same_name;
use super::scope::Scope;

/// Reads the section.
pub(super) fn read(section: &SheetSection<'_>, scope: &Scope, account: &mut Account) -> Msi {
    let mut msi = Msi::default();
    read_keys(section, scope, account, |line, account| {
        let is = |name| same_name(line.key, name);
        if is("Usable MSI Sites") {
            msi.usable_sites = line.count(account);
        } else if is("Total MSI Sites Unstable") {
            msi.unstable_sites = line.count(account);
        } else if is("Percent Unstable MSI Sites") {
            msi.percent_unstable = line.number(Quantity::Percent, account);
        } else if is("SUM_JSD") || is("Sum of JSD") {
            msi.sum_jsd = line.number(Quantity::Ratio, account);
        } else {
            line.reject_unknown(account);
        }
    });
    msi
}
