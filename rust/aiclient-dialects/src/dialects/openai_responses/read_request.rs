//! A client's request to the neutral form.

use super::super::{openai_members, service_tier, web_search};
use super::read_content::ItemReader;
use super::wire;
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{Effort, Format, Message, Part, Reasoning, Request, Role, Tool, ToolChoice, ToolInput};
use crate::json::{At, Kind, Literal, Raw, Text, parse};
use crate::loss::{Feature, Losses};

/// Read a request.
pub(super) fn read_request<'a>(body: &'a str, losses: &mut Losses) -> Result<Request<'a>, Refusal> {
    let wire: wire::Request<'a> = parse(body)?;
    settle_own_fields(&wire, losses)?;
    let mut request = Request::new(Dialect::OpenAiResponses);
    request.echo = echo(&wire);
    if let Some(instructions) = wire.instructions {
        let place = instructions.place();
        request.messages.push(Message { role: Role::System, parts: vec![Part::text(instructions, place)], place });
    }
    let mut reader = ItemReader::new(losses);
    match wire.input.ok_or_else(|| Refusal::malformed(wire.place.field("input"), "a string or an array of items"))? {
        wire::Input::Text(text) => {
            request.messages.push(Message {
                role: Role::User,
                parts: vec![Part::text(text, text.place())],
                place: text.place(),
            });
        }
        wire::Input::Items(items) => {
            for item in items {
                request.messages.extend(reader.message(item)?);
            }
        }
    }
    if let Some(tools) = wire.tools {
        for tool in tools.read::<Vec<Raw<'a>>>()? {
            read_tool(tool, None, &mut request, losses)?;
        }
    }
    request.tool_choice = wire.tool_choice.map(|choice| read_choice(choice, losses)).transpose()?;
    request.reasoning = read_reasoning(wire.reasoning.as_ref())?;
    let text = wire.text.unwrap_or_default();
    request.format = text.format.map(read_format).transpose()?.flatten();
    request.verbosity = text.verbosity;
    request.service_tier = wire.service_tier.and_then(|tier| service_tier::read(tier, losses));
    let probabilities = wire
        .include
        .as_ref()
        .filter(|include| include.value.iter().any(|word| *word == *"message.output_text.logprobs"));
    request.log_probabilities = probabilities.map(|include| At { value: true, place: include.place });
    request.top_log_probabilities = wire.top_logprobs;
    request.openai = openai_members::present(&[
        ("metadata", wire.metadata),
        ("prompt_cache_key", wire.prompt_cache_key),
        ("prompt_cache_options", wire.prompt_cache_options),
        ("prompt_cache_retention", wire.prompt_cache_retention),
    ]);
    request.model = wire.model;
    request.max_output_tokens = wire.max_output_tokens;
    request.temperature = wire.temperature;
    request.top_p = wire.top_p;
    request.parallel_tool_calls = wire.parallel_tool_calls;
    request.end_user = wire.safety_identifier.or(wire.user);
    request.stream_usage = true;
    Ok(request)
}

/// What no other dialect has.
fn settle_own_fields(wire: &wire::Request<'_>, losses: &mut Losses) -> Result<(), Refusal> {
    if let Some(previous) = wire.previous_response_id {
        losses.refuse(previous.place(), Feature::CachedContent)?;
    }
    for (field, feature) in [(wire.conversation, Feature::CachedContent), (wire.prompt, Feature::CachedContent)] {
        if let Some(value) = field {
            losses.refuse(value.place(), feature)?;
        }
    }
    if let Some(background) = wire.background.filter(|background| background.value) {
        losses.refuse(background.place, Feature::CachedContent)?;
    }
    if let Some(truncation) = wire.truncation.filter(|truncation| *truncation != *"disabled") {
        losses.report(truncation.place(), Feature::ContextManagement);
    }
    for (field, feature) in [
        (wire.max_tool_calls, Feature::ToolOptions),
        (wire.moderation, Feature::Moderation),
        (wire.context_management, Feature::ContextManagement),
    ] {
        if let Some(value) = field.filter(|value| value.text() != "[]") {
            losses.report(value.place(), feature);
        }
    }
    [wire.store, wire.client_metadata, wire.stream_options].iter().flatten().for_each(|_| losses.hint());
    for unknown in wire.unknown.iter().filter(|unknown| !unknown.is_void()) {
        losses.report(unknown.place(), Feature::UnknownField);
    }
    Ok(())
}

/// The members that SDKs want back: tools, their choice, and whether several calls at once are welcome.
fn echo(wire: &wire::Request<'_>) -> String {
    let tools = wire.tools.map_or("[]", Raw::text);
    let choice = wire.tool_choice.map_or("\"auto\"", Raw::text);
    let parallel = wire.parallel_tool_calls.is_none_or(|parallel| parallel.value);
    // Indented bodies would tear the frames of a stream.
    format!("\"parallel_tool_calls\":{parallel},\"tool_choice\":{choice},\"tools\":{tools}").replace(['\n', '\r'], " ")
}

fn read_tool<'a>(
    raw: Raw<'a>,
    group: Option<&str>,
    request: &mut Request<'a>,
    losses: &mut Losses,
) -> Result<(), Refusal> {
    let tool: wire::Tool<'a> = raw.read()?;
    let place = tool.place;
    let kind = tool.kind.ok_or_else(|| Refusal::malformed(place.field("type"), "the type of the tool"))?;
    let named = || tool.name.ok_or_else(|| Refusal::malformed(place.field("name"), "a string"));
    let in_group =
        |name: Literal<'a>| group.map_or(Text::from(name), |group| Text::from(format!("{group}__{}", name.decode())));
    let input = match kind.escaped() {
        "function" => ToolInput::JsonSchema(tool.parameters.filter(|parameters| parameters.kind() == Kind::Object)),
        "custom" => ToolInput::Custom { format: tool.format },
        "namespace" => {
            let name = named()?.decode().into_owned();
            request.namespaces.push(name.clone());
            return tool
                .tools
                .into_iter()
                .flatten()
                .try_for_each(|inner| read_tool(inner, Some(&name), request, losses));
        }
        word if word.starts_with("web_search") => {
            request.web_search = Some(web_search::read(raw, losses)?);
            return Ok(());
        }
        // These carry what the answer is to be made from.
        "mcp" | "file_search" => return losses.refuse(place, Feature::HostedTool),
        _ => {
            losses.report(place, Feature::HostedTool);
            return Ok(());
        }
    };
    let name = in_group(named()?);
    request.tools.push(Tool {
        name,
        description: tool.description.map(Text::from),
        input,
        strict: tool.strict,
        cache: None,
        place,
    });
    Ok(())
}

fn read_choice<'a>(raw: Raw<'a>, losses: &mut Losses) -> Result<At<ToolChoice<'a>>, Refusal> {
    let place = raw.place();
    let value = match raw.read::<wire::Choice<'a>>()? {
        wire::Choice::Word(word) => match word.escaped() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            "required" => ToolChoice::Required,
            _ => return Err(Refusal::malformed(place, "auto, none, required or an object")),
        },
        wire::Choice::Object(object) => match (object.kind.map(Literal::escaped), object.name) {
            (Some("function" | "custom"), Some(name)) => ToolChoice::Named(name.into()),
            (Some("function" | "custom"), None) => return Err(Refusal::malformed(place.field("name"), "a string")),
            (Some("allowed_tools"), _) => ToolChoice::Allowed {
                required: object.mode.is_some_and(|mode| mode == *"required"),
                names: object.tools.into_iter().flatten().filter_map(|tool| tool.name).map(Text::from).collect(),
            },
            _ => return losses.refuse(place, Feature::HostedTool),
        },
    };
    Ok(At { value, place })
}

fn read_reasoning<'a>(wire: Option<&wire::Reasoning<'a>>) -> Result<Reasoning<'a>, Refusal> {
    let Some(wire) = wire else { return Ok(Reasoning::default()) };
    let read = |word: Literal<'a>| {
        let expected = "none, minimal, low, medium, high, xhigh or max";
        let value = Effort::named(&word.decode()).ok_or_else(|| Refusal::malformed(word.place(), expected))?;
        Ok::<_, Refusal>(At { value, place: word.place() })
    };
    let effort = wire.effort.map(read).transpose()?;
    let visible = wire.summary.or(wire.generate_summary).map(|_| true);
    Ok(Reasoning { effort, visible, ..Reasoning::default() })
}

fn read_format(format: At<wire::Format<'_>>) -> Result<Option<At<Format<'_>>>, Refusal> {
    let At { value, place } = format;
    let value = match (value.kind.map(Literal::escaped), value.schema) {
        (Some("json_schema"), Some(schema)) => {
            Format::JsonSchema { schema, name: value.name, description: value.description, strict: value.strict }
        }
        (Some("json_schema"), None) => return Err(Refusal::malformed(place.field("schema"), "a JSON Schema object")),
        (Some("json_object"), _) => Format::JsonObject,
        (Some("text") | None, _) => return Ok(None),
        (Some(_), _) => return Err(Refusal::malformed(place.field("type"), "text, json_object or json_schema")),
    };
    Ok(Some(At { value, place }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Option<String> {
        read_request(body, &mut Losses::default()).err().map(|refusal| refusal.locate(body, "anthropic").to_string())
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (body, expected) in [
            ("{}", "/input: expected a string or an array of items"),
            (
                r#"{"input":[{"role":"bot","content":"x"}]}"#,
                "/input/0/role: expected a role: user, assistant, system or developer",
            ),
            (r#"{"input":"x","tools":[{"type":"function"}]}"#, "/tools/0/name: expected a string"),
            (
                r#"{"input":"x","text":{"format":{"type":"xml"}}}"#,
                "/text/format/type: expected text, json_object or json_schema",
            ),
        ] {
            assert_eq!(refusal(body).as_deref(), Some(expected), "{body}");
        }
        assert!(refusal(r#"{"input":"x","previous_response_id":"resp_1"}"#).is_some());
    }

    #[test]
    fn tools_of_a_group_get_its_name() -> Result<(), Refusal> {
        let body =
            r#"{"input":"x","tools":[{"type":"namespace","name":"fs","tools":[{"type":"function","name":"read"}]}]}"#;
        let request = read_request(body, &mut Losses::default())?;
        assert_eq!(request.tools.first().map(|tool| tool.name.decode().into_owned()).as_deref(), Some("fs__read"));
        assert_eq!(request.namespaces, ["fs"]);
        Ok(())
    }
}
