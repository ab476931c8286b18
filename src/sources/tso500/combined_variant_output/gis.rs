//! Section GIS.

use crate::domain::accounting::Account;

use super::super::cells::quantity::Quantity;
use super::super::sheet::SheetSection;
use super::super::wire::Gis;
use super::keys::read_keys;
use super::names::same_name;
use super::scope::Scope;

/// Reads the section.
pub(super) fn read(section: &SheetSection<'_>, scope: &Scope, account: &mut Account) -> Gis {
    let mut gis = Gis::default();
    read_keys(section, scope, account, |line, account| {
        let is = |name| same_name(line.key, name);
        if is("Genomic Instability Score") {
            gis.score = line.number(Quantity::Ratio, account);
        } else if is("Tumor Fraction") {
            gis.tumor_fraction = line.number(Quantity::FractionOrPercent, account);
        } else if is("Ploidy") {
            gis.ploidy = line.number(Quantity::Ratio, account);
        } else {
            line.reject_unknown(account);
        }
    });
    gis
}
