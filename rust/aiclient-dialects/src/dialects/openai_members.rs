//! Members that Chat Completions and Responses share, under the same name and with the same meaning.
//!
//! They label a request, or steer its prompt cache; another vendor's answer would not be another one for them.

use super::Outgoing;
use crate::ir::Request;
use crate::json::{Object, Raw};

/// The members that a client sent.
pub(super) fn present<'a>(members: &[(&'static str, Option<Raw<'a>>)]) -> Vec<(&'static str, Raw<'a>)> {
    members.iter().filter_map(|&(key, value)| Some((key, value?))).collect()
}

/// Append them for a model of OpenAI's; strict compatible hosts refuse what they do not know.
pub(super) fn write(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    for &(key, value) in &request.openai {
        if is_openai(to.model) { body.field(key, value) } else { to.losses.hint() }
    }
}

fn is_openai(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    ["gpt-", "chatgpt-", "o1", "o3", "o4"].iter().any(|prefix| name.starts_with(prefix))
}
