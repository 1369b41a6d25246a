//! System messages inside the conversation, for vendors that take them only in front.
//!
//! They are said by the user, marked as what they are, at their place: hoisting them to the top would change what they
//! apply to, and every prompt cache behind them.

use std::borrow::Cow;

use super::Outgoing;
use crate::ir::{Message, Part, PartContent, Role};
use crate::loss::Feature;

/// Messages in which system messages inside the conversation are said by the user, where the model has no others.
pub(super) fn with_reminders<'m, 'a>(
    messages: &'m [Message<'a>],
    native: bool,
    to: &mut Outgoing<'_>,
) -> Cow<'m, [Message<'a>]> {
    if native || !messages.iter().any(|message| message.role.is_system()) {
        return Cow::Borrowed(messages);
    }
    Cow::Owned(
        messages
            .iter()
            .map(|message| if message.role.is_system() { reminder(message, to) } else { message.clone() })
            .collect(),
    )
}

fn reminder<'a>(message: &Message<'a>, to: &mut Outgoing<'_>) -> Message<'a> {
    to.losses.report(message.place, Feature::MidConversationSystem);
    let said = |part: &Part<'a>| match &part.content {
        PartContent::Text(text) => {
            Part::text(format!("<system-reminder>{}</system-reminder>", text.decode()), part.place)
        }
        _ => part.clone(),
    };
    Message { role: Role::User, parts: message.parts.iter().map(said).collect(), place: message.place }
}
