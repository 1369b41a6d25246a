//! The vendors' own search of the web: the same options under the same names, nested differently.
//!
//! References: platform.openai.com/docs/guides/tools-web-search,
//! docs.claude.com/en/docs/agents-and-tools/tool-use/web-search-tool.

use super::Outgoing;
use crate::error::Refusal;
use crate::ir::{Location, Request, WebSearch};
use crate::json::{Literal, Number, Object, Place, Raw, json_object};
use crate::loss::{Feature, Losses};

json_object! {
    /// `web_search_options`, or a tool of a type that begins with `web_search`.
    pub(super) struct Options<'a> {
        kind: Literal<'a> = "type",
        name: Literal<'a> = "name",
        cache_control: Raw<'a> = "cache_control",
        search_context_size: Literal<'a> = "search_context_size",
        user_location: UserLocation<'a> = "user_location",
        filters: Filters<'a> = "filters",
        allowed_domains: Raw<'a> = "allowed_domains",
        blocked_domains: Raw<'a> = "blocked_domains",
        max_uses: Number<'a> = "max_uses",
        ..unknown
    }
}

json_object! {
    pub(super) struct Filters<'a> {
        allowed_domains: Raw<'a> = "allowed_domains",
        ..unknown
    }
}

json_object! {
    pub(super) struct UserLocation<'a> {
        kind: Literal<'a> = "type",
        /// Chat nests what the others have beside the type.
        approximate: Raw<'a> = "approximate",
        city: Literal<'a> = "city",
        country: Literal<'a> = "country",
        region: Literal<'a> = "region",
        timezone: Literal<'a> = "timezone",
        ..unknown
    }
}

/// Read the options; what is not known is reported.
pub(super) fn read<'a>(raw: Raw<'a>, losses: &mut Losses) -> Result<WebSearch<'a>, Refusal> {
    let options: Options<'a> = raw.read()?;
    let filters = options.filters.unwrap_or_default();
    for unknown in options.unknown.iter().chain(&filters.unknown).filter(|unknown| !unknown.is_void()) {
        losses.report(unknown.place(), Feature::WebSearch);
    }
    Ok(WebSearch {
        place: raw.place(),
        context_size: options.search_context_size,
        location: options.user_location.map(read_location).transpose()?,
        allowed_domains: options.allowed_domains.or(filters.allowed_domains),
        blocked_domains: options.blocked_domains,
        most_uses: options.max_uses,
    })
}

fn read_location(location: UserLocation<'_>) -> Result<Location<'_>, Refusal> {
    match location.approximate {
        Some(nested) => read_location(nested.read()?),
        None => Ok(Location {
            place: location.place,
            city: location.city,
            country: location.country,
            region: location.region,
            timezone: location.timezone,
        }),
    }
}

/// A search that must be called, where that cannot be said.
pub(super) fn refuse_if_forced(request: &Request<'_>, to: &Outgoing<'_>) -> Result<(), Refusal> {
    match (&request.tool_choice, request.tools.as_slice(), &request.web_search) {
        (Some(choice), [], Some(_)) if choice.value.is_forced() => to.losses.refuse(choice.place, Feature::WebSearch),
        _ => Ok(()),
    }
}

/// Append where the user is: the members of `{"type": "approximate"}`.
pub(super) fn write_location(location: &Location<'_>, member: &mut Object<'_>) {
    member.optional("city", location.city);
    member.optional("country", location.country);
    member.optional("region", location.region);
    member.optional("timezone", location.timezone);
}

/// Report the options that the upstream has not.
pub(super) fn report(places: impl IntoIterator<Item = Option<Place>>, to: &mut Outgoing<'_>) {
    places.into_iter().flatten().for_each(|place| to.losses.report(place, Feature::WebSearch));
}
