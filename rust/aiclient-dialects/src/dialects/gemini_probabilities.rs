//! Probabilities of tokens: `logprobsResult`, which has alternatives beside the tokens and not in them.
//!
//! In the neutral form they are a list as Chat writes it.

use crate::ir::{Event, EventSink};
use crate::json::{Array, Invalid, Literal, Number, Object, ToJson, json_object, parse, write_array};

json_object! {
    pub(super) struct LogProbabilities<'a> {
        chosen: Vec<TokenProbability<'a>> = "chosenCandidates",
        top: Vec<TopCandidates<'a>> = "topCandidates",
        ..ignored
    }
}

json_object! {
    pub(super) struct TopCandidates<'a> {
        candidates: Vec<TokenProbability<'a>> = "candidates",
        ..ignored
    }
}

json_object! {
    pub(super) struct TokenProbability<'a> {
        token: Literal<'a> = "token",
        log_probability: Number<'a> = "logProbability",
        ..ignored
    }
}

/// Read what a candidate says of its tokens. `bytes` is the token's UTF-8.
pub(super) fn read_probabilities(
    result: &LogProbabilities<'_>,
    choice: u32,
    sink: &mut dyn EventSink,
) -> Result<(), Invalid> {
    let mut list = Vec::new();
    write_array(&mut list, |array| {
        for (position, token) in result.chosen.iter().flatten().enumerate() {
            array.object(|element| {
                read_token(token, element);
                let top = result.top.iter().flatten().nth(position).and_then(|top| top.candidates.as_ref());
                element.array("top_logprobs", |alternatives| {
                    top.into_iter()
                        .flatten()
                        .for_each(|token| alternatives.object(|element| read_token(token, element)));
                });
            });
        }
    });
    let text = String::from_utf8(list).unwrap_or_default();
    sink.event(&Event::LogProbabilities { choice, content: parse(&text)? });
    Ok(())
}

fn read_token(token: &TokenProbability<'_>, element: &mut Object<'_>) {
    let text = token.token.map(Literal::decode).unwrap_or_default();
    element.field("token", &*text);
    match token.log_probability {
        Some(probability) => element.field("logprob", probability),
        None => element.field("logprob", 0_u64),
    }
    element.array("bytes", |bytes| text.bytes().for_each(|byte| u64::from(byte).write_json(bytes.slot())));
}

json_object! {
    /// An element of the neutral list.
    struct Token<'a> {
        token: Literal<'a> = "token",
        probability: Number<'a> = "logprob",
        top: Vec<Token<'a>> = "top_logprobs",
        ..ignored
    }
}

/// Append `logprobsResult`, if there are any: `elements` are those of the neutral list.
pub(super) fn write_probabilities(elements: &str, candidate: &mut Object<'_>) {
    let list = format!("[{elements}]");
    let tokens: Vec<Token<'_>> = parse(&list).unwrap_or_default();
    if tokens.is_empty() {
        return;
    }
    candidate.object("logprobsResult", |result| {
        result.array("topCandidates", |all| {
            for token in &tokens {
                all.object(|top| {
                    top.array("candidates", |list| token.top.iter().flatten().for_each(|each| write_token(each, list)));
                });
            }
        });
        result.array("chosenCandidates", |list| tokens.iter().for_each(|token| write_token(token, list)));
    });
}

fn write_token(token: &Token<'_>, list: &mut Array<'_>) {
    list.object(|element| {
        element.optional("token", token.token);
        element.optional("logProbability", token.probability);
    });
}
