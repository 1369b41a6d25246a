//! A client's request to the neutral form.

use super::super::{openai_members, service_tier, web_search};
use super::read_content::{read_assistant, read_instructions, read_tool_result, read_user};
use super::wire;
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{CacheHint, Effort, Format, Message, Reasoning, Request, Role, Tool, ToolChoice, ToolInput};
use crate::json::{At, Kind, Literal, Place, Text, parse};
use crate::loss::{Feature, Losses};

/// Read a request.
pub(super) fn read_request<'a>(body: &'a str, losses: &mut Losses) -> Result<Request<'a>, Refusal> {
    let wire: wire::Request<'a> = parse(body)?;
    settle_own_fields(&wire, losses)?;
    let mut request = Request::new(Dialect::OpenAiChat);
    let messages =
        wire.messages.ok_or_else(|| Refusal::malformed(wire.place.field("messages"), "an array of messages"))?;
    request.messages = messages.into_iter().map(|message| read_message(message, losses)).collect::<Result<_, _>>()?;
    request.tools = read_tools(wire.tools, wire.functions, losses)?;
    request.tool_choice = match (wire.tool_choice, wire.function_call) {
        (Some(choice), _) => Some(read_tool_choice(choice)?),
        (None, Some(legacy)) => Some(read_function_call(legacy)?),
        (None, None) => None,
    };
    request.reasoning = read_reasoning(wire.reasoning_effort, wire.reasoning.as_ref(), wire.thinking.as_ref())?;
    request.format = wire.response_format.map(read_format).transpose()?.flatten();
    request.stop_place = wire.place.field("stop");
    request.stop = match wire.stop {
        None => Vec::new(),
        Some(wire::Stop::One(stop)) => vec![stop.into()],
        Some(wire::Stop::Many(stops)) => stops.into_iter().map(Text::from).collect(),
    };
    request.stream_usage = wire.stream_options.and_then(|options| options.include_usage).unwrap_or(false);
    request.service_tier = wire.service_tier.and_then(|tier| service_tier::read(tier, losses));
    request.web_search = wire.web_search_options.map(|raw| web_search::read(raw, losses)).transpose()?;
    request.openai = openai_members::present(&[
        ("metadata", wire.metadata),
        ("prompt_cache_key", wire.prompt_cache_key),
        ("prompt_cache_options", wire.prompt_cache_options),
        ("prompt_cache_retention", wire.prompt_cache_retention),
    ]);
    request.model = wire.model;
    request.parallel_tool_calls = wire.parallel_tool_calls;
    request.max_output_tokens = wire.max_completion_tokens.or(wire.max_tokens);
    request.temperature = wire.temperature;
    request.top_p = wire.top_p;
    request.top_k = wire.top_k;
    request.seed = wire.seed;
    request.presence_penalty = wire.presence_penalty;
    request.frequency_penalty = wire.frequency_penalty;
    request.choices = wire.n;
    request.log_probabilities = wire.logprobs;
    request.top_log_probabilities = wire.top_logprobs;
    request.end_user = wire.safety_identifier.or(wire.user);
    request.verbosity = wire.verbosity;
    Ok(request)
}

/// What no other dialect has.
fn settle_own_fields(wire: &wire::Request<'_>, losses: &mut Losses) -> Result<(), Refusal> {
    if let Some(bias) = wire.logit_bias.filter(|bias| bias.text() != "{}") {
        losses.refuse(bias.place(), Feature::LogitBias)?;
    }
    if let Some(audio) = wire.modalities.iter().flatten().find(|modality| **modality == *"audio") {
        losses.refuse(audio.place(), Feature::AudioOutput)?;
    }
    if let Some(moderation) = wire.moderation {
        losses.report(moderation.place(), Feature::Moderation);
    }
    // A prediction or storage at the vendor does not change the answer.
    [wire.prediction, wire.store].iter().flatten().for_each(|_| losses.hint());
    for unknown in wire.unknown.iter().filter(|unknown| !unknown.is_void()) {
        losses.report(unknown.place(), Feature::UnknownField);
    }
    Ok(())
}

fn read_message<'a>(message: wire::Message<'a>, losses: &mut Losses) -> Result<Message<'a>, Refusal> {
    let place = message.place;
    let Some(role) = message.role else {
        return Err(Refusal::malformed(place.field("role"), "a role: system, developer, user, assistant or tool"));
    };
    if message.name.is_some() && !matches!(role.escaped(), "function" | "tool") {
        losses.hint();
    }
    let (role, parts) = match role.escaped() {
        "system" => (Role::System, read_instructions(message, losses)?),
        "developer" => (Role::Developer, read_instructions(message, losses)?),
        "user" => (Role::User, read_user(message, losses)?),
        "assistant" => (Role::Assistant, read_assistant(message, losses)?),
        "tool" | "function" => (Role::User, vec![read_tool_result(message, losses)?]),
        _ => {
            return Err(Refusal::malformed(role.place(), "a role: system, developer, user, assistant or tool"));
        }
    };
    Ok(Message { role, parts, place })
}

fn read_tools<'a>(
    tools: Option<Vec<wire::Tool<'a>>>,
    functions: Option<Vec<wire::Function<'a>>>,
    losses: &mut Losses,
) -> Result<Vec<Tool<'a>>, Refusal> {
    let mut read = Vec::new();
    for tool in tools.into_iter().flatten() {
        match tool.kind.map(Literal::escaped) {
            Some("function") | None => {
                let function =
                    tool.function.ok_or_else(|| Refusal::malformed(tool.place.field("function"), "an object"))?;
                let cache = tool.cache_control.map(|raw| CacheHint { raw });
                read.push(Tool { cache, ..read_function(function)? });
            }
            Some("custom") => {
                let custom = tool.custom.ok_or_else(|| Refusal::malformed(tool.place.field("custom"), "an object"))?;
                read.push(read_custom(custom)?);
            }
            Some(_) => losses.report(tool.place, Feature::HostedTool),
        }
    }
    for function in functions.into_iter().flatten() {
        read.push(read_function(function)?);
    }
    Ok(read)
}

fn read_function(function: wire::Function<'_>) -> Result<Tool<'_>, Refusal> {
    let name = function.name.ok_or_else(|| Refusal::malformed(function.place.field("name"), "a string"))?;
    if let Some(parameters) =
        function.parameters.filter(|parameters| !matches!(parameters.kind(), Kind::Object | Kind::Null))
    {
        return Err(Refusal::malformed(parameters.place(), "a JSON Schema object"));
    }
    Ok(Tool {
        name: name.into(),
        description: function.description.map(Text::from),
        input: ToolInput::JsonSchema(function.parameters),
        strict: function.strict,
        cache: None,
        place: function.place,
    })
}

fn read_custom(custom: wire::CustomCall<'_>) -> Result<Tool<'_>, Refusal> {
    let name = custom.name.ok_or_else(|| Refusal::malformed(custom.place.field("name"), "a string"))?;
    Ok(Tool {
        name: name.into(),
        description: custom.description.map(Text::from),
        input: ToolInput::Custom { format: custom.format },
        strict: None,
        cache: None,
        place: custom.place,
    })
}

fn read_tool_choice<'a>(choice: At<wire::WordOr<'a, wire::ToolChoice<'a>>>) -> Result<At<ToolChoice<'a>>, Refusal> {
    let At { value, place } = choice;
    let value = match value {
        wire::WordOr::Word(word) => read_choice_word(word)?,
        wire::WordOr::Object(object) => {
            let named =
                object.function.and_then(|function| function.name).or(object.custom.and_then(|custom| custom.name));
            match (named, object.allowed_tools) {
                (Some(name), _) => ToolChoice::Named(name.into()),
                (None, Some(allowed)) => read_allowed(allowed),
                (None, None) => return Err(Refusal::malformed(place, "a choice with the name of a tool")),
            }
        }
    };
    Ok(At { value, place })
}

fn read_choice_word(word: Literal<'_>) -> Result<ToolChoice<'_>, Refusal> {
    match word.escaped() {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        // Mistral says `any`.
        "required" | "any" => Ok(ToolChoice::Required),
        _ => Err(Refusal::malformed(word.place(), "auto, none, required or an object")),
    }
}

fn read_allowed(allowed: wire::AllowedTools<'_>) -> ToolChoice<'_> {
    let name =
        |tool: wire::Tool<'_>| tool.function.and_then(|function| function.name.map(|name| name.decode().into_owned()));
    ToolChoice::Allowed {
        required: allowed.mode.is_some_and(|mode| mode == *"required"),
        names: allowed.tools.into_iter().flatten().filter_map(name).map(Text::from).collect(),
    }
}

/// The deprecated `function_call`.
fn read_function_call<'a>(choice: At<wire::WordOr<'a, wire::Function<'a>>>) -> Result<At<ToolChoice<'a>>, Refusal> {
    let value = match choice.value {
        wire::WordOr::Word(word) => read_choice_word(word)?,
        wire::WordOr::Object(function) => ToolChoice::Named(
            function.name.ok_or_else(|| Refusal::malformed(choice.place.field("name"), "a string"))?.into(),
        ),
    };
    Ok(At { value, place: choice.place })
}

fn read_reasoning<'a>(
    effort: Option<Literal<'a>>,
    options: Option<&wire::ReasoningOptions<'a>>,
    thinking: Option<&wire::ThinkingOptions<'a>>,
) -> Result<Reasoning<'a>, Refusal> {
    let named = effort
        .map(|effort| (effort, effort.place()))
        .or(options.and_then(|options| options.effort).map(|at| (at.value, at.place)));
    let effort = named.map(|(word, place)| read_effort(word, place)).transpose()?;
    let switch = thinking
        .and_then(|thinking| thinking.kind)
        .map(|kind| At { value: kind.value != *"disabled", place: kind.place });
    Ok(Reasoning {
        effort,
        budget: options.and_then(|options| options.max_tokens),
        enabled: options.and_then(|options| options.enabled).or(switch),
        visible: options.and_then(|options| options.exclude).map(|exclude| !exclude),
    })
}

fn read_effort(word: Literal<'_>, place: Place) -> Result<At<Effort>, Refusal> {
    let expected = "none, minimal, low, medium, high, xhigh or max";
    let value = Effort::named(&word.decode()).ok_or_else(|| Refusal::malformed(place, expected))?;
    Ok(At { value, place })
}

fn read_format(format: At<wire::ResponseFormat<'_>>) -> Result<Option<At<Format<'_>>>, Refusal> {
    let At { value, place } = format;
    let value = match (value.kind.map(Literal::escaped), value.json_schema) {
        (Some("json_schema"), Some(wire::JsonSchema { schema: Some(schema), name, description, strict, .. })) => {
            Format::JsonSchema { schema, name, description, strict }
        }
        (Some("json_schema"), _) => {
            return Err(Refusal::malformed(place.field("json_schema"), "an object with a schema"));
        }
        (Some("json_object"), _) => Format::JsonObject,
        (Some("text") | None, _) => return Ok(None),
        (Some(_), _) => {
            return Err(Refusal::malformed(place.field("type"), "text, json_object or json_schema"));
        }
    };
    Ok(Some(At { value, place }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Option<String> {
        let mut losses = Losses::default();
        read_request(body, &mut losses).err().map(|refusal| refusal.locate(body, "anthropic").to_string())
    }

    fn losses(body: &str) -> Vec<String> {
        let mut losses = Losses::default();
        let read = read_request(body, &mut losses);
        assert!(read.is_ok(), "{body}");
        losses.locate(body, crate::loss::Side::Request).into_iter().map(|loss| loss.pointer).collect()
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (body, expected) in [
            (r#"{"model":"m"}"#, "/messages: expected an array of messages"),
            (
                r#"{"messages":[{"content":"x"}]}"#,
                "/messages/0/role: expected a role: system, developer, user, assistant or tool",
            ),
            (
                r#"{"messages":[{"role":"user","content":7}]}"#,
                "/messages/0/content: expected a string or an array of content parts",
            ),
            (r#"{"messages":[],"temperature":"hot"}"#, "/temperature: expected a number"),
            (
                r#"{"messages":[],"tools":[{"type":"function","function":{}}]}"#,
                "/tools/0/function/name: expected a string",
            ),
            (r#"{"messages":[],"tool_choice":"maybe"}"#, "/tool_choice: expected auto, none, required or an object"),
            (
                r#"{"messages":[],"reasoning_effort":"lots"}"#,
                "/reasoning_effort: expected none, minimal, low, medium, high, xhigh or max",
            ),
        ] {
            assert_eq!(refusal(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_only_this_vendor_has_is_settled() {
        assert!(refusal(r#"{"messages":[],"logit_bias":{"1":5}}"#).is_some());
        assert!(refusal(r#"{"messages":[],"modalities":["text","audio"]}"#).is_some());
        assert_eq!(
            losses(r#"{"messages":[],"logit_bias":{},"metadata":{"a":"b"},"new_thing":3,"void":null}"#),
            ["/new_thing"]
        );
    }

    #[test]
    fn deprecated_functions_are_tools() -> Result<(), Refusal> {
        let body = r#"{"messages":[],"functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"}}"#;
        let request = read_request(body, &mut Losses::default())?;
        assert_eq!(request.tools.len(), 1);
        assert!(matches!(request.tool_choice, Some(At { value: ToolChoice::Named(name), .. }) if name.decode() == "f"));
        Ok(())
    }
}
