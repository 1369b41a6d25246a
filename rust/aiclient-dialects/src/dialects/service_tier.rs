//! Service tiers, by all their names.

use crate::ir::ServiceTier;
use crate::json::{At, Literal};
use crate::loss::{Feature, Losses};

/// The tier a word stands for, in whichever dialect; a word that is not known is reported.
pub(super) fn read(word: Literal<'_>, losses: &mut Losses) -> Option<At<ServiceTier>> {
    let value = match word.escaped().to_ascii_lowercase().as_str() {
        "auto" => ServiceTier::Auto,
        "default" | "standard" | "standard_only" => ServiceTier::Standard,
        "flex" => ServiceTier::Flex,
        "priority" => ServiceTier::Priority,
        "fast" => ServiceTier::Fast,
        _ => {
            losses.report(word.place(), Feature::ServiceTier);
            return None;
        }
    };
    Some(At { value, place: word.place() })
}
