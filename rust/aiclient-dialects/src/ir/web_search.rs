//! Search of the web by the vendor.

use crate::json::{Literal, Number, Place, Raw};

/// That the vendor may search the web, and how.
#[derive(Clone, Copy, Debug)]
pub struct WebSearch<'a> {
    /// Where it was asked.
    pub place: Place,
    /// How much of what is found goes into the context. (C R)
    pub context_size: Option<Literal<'a>>,
    /// Where the user is, roughly. (C R A)
    pub location: Option<Location<'a>>,
    /// Search only these domains. (R A)
    pub allowed_domains: Option<Raw<'a>>,
    /// Never search these. (A)
    pub blocked_domains: Option<Raw<'a>>,
    /// How often it may search. (A)
    pub most_uses: Option<Number<'a>>,
}

/// Where a user is, roughly.
#[derive(Clone, Copy, Debug)]
pub struct Location<'a> {
    /// Where it stood.
    pub place: Place,
    /// City, as free text.
    pub city: Option<Literal<'a>>,
    /// Country, by ISO 3166-1 alpha-2.
    pub country: Option<Literal<'a>>,
    /// Region, as free text.
    pub region: Option<Literal<'a>>,
    /// Time zone, by its IANA name.
    pub timezone: Option<Literal<'a>>,
}
