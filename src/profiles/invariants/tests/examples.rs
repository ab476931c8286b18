mod clinical;
mod datatypes;
mod exchange;
mod impress;
mod way_back;

/// Key, place of the element in the resource, resources that meet the rule, resources that break it.
pub(super) type Example = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// Every example.
pub(super) fn all() -> impl Iterator<Item = &'static Example> {
    datatypes::EXAMPLES
        .iter()
        .chain(clinical::EXAMPLES)
        .chain(exchange::EXAMPLES)
        .chain(impress::EXAMPLES)
        .chain(way_back::EXAMPLES)
}
