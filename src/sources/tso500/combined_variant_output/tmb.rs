//! Section TMB.

use crate::domain::accounting::Account;

use super::super::cells::quantity::Quantity;
use super::super::sheet::SheetSection;
use super::super::wire::Tmb;
use super::keys::read_keys;
use super::names::same_name;
use super::scope::Scope;

/// Reads the section.
pub(super) fn read(section: &SheetSection<'_>, scope: &Scope, account: &mut Account) -> Tmb {
    let mut tmb = Tmb::default();
    read_keys(section, scope, account, |line, account| {
        let is = |name| same_name(line.key, name);
        if is("Total TMB") {
            tmb.total = line.number(Quantity::Ratio, account);
        } else if is("Coding Region Size in Megabases") {
            tmb.coding_region_size = line.number(Quantity::Ratio, account);
        } else if is("Number of Passing Eligible Variants") {
            tmb.eligible_variants = line.count(account);
        } else {
            line.reject_unknown(account);
        }
    });
    tmb
}
