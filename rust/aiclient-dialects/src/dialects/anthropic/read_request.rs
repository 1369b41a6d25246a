//! A client's request to the neutral form.

use super::super::{service_tier, web_search};
use super::read_content::{read_blocks, read_content};
use super::wire;
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    CacheHint, Effort, Format, Message, Reasoning, Request, Role, ServiceTier, Tool, ToolChoice, ToolInput, WebSearch,
};
use crate::json::{At, Kind, Literal, Raw, Text, parse};
use crate::loss::{Feature, Losses};

/// Tools of the vendor's that are not mere additions: a request without them is another request.
const CLIENT_TOOLS: [&str; 5] = ["bash_", "text_editor_", "computer_", "memory_", "mcp_"];

/// Read a request.
pub(super) fn read_request<'a>(body: &'a str, losses: &mut Losses) -> Result<Request<'a>, Refusal> {
    let wire: wire::Request<'a> = parse(body)?;
    settle_own_fields(&wire, losses)?;
    let mut request = Request::new(Dialect::Anthropic);
    if let Some(system) = wire.system {
        request.messages.push(Message {
            role: Role::System,
            parts: read_content(system, losses)?,
            place: wire.place.field("system"),
        });
    }
    let messages =
        wire.messages.ok_or_else(|| Refusal::malformed(wire.place.field("messages"), "an array of messages"))?;
    for message in messages {
        request.messages.push(read_message(message, losses)?);
    }
    request.tools = read_tools(wire.tools, &mut request.web_search, losses)?;
    if let Some(choice) = wire.tool_choice {
        request.parallel_tool_calls =
            choice.disable_parallel_tool_use.map(|off| At { value: !off.value, place: off.place });
        request.tool_choice = Some(At { place: choice.place, value: read_tool_choice(choice)? });
    }
    let config = wire.output_config.unwrap_or_default();
    report_unknown(&config.unknown, losses);
    request.reasoning = read_reasoning(wire.thinking.as_ref(), config.effort)?;
    request.format = config.format.or(wire.output_format).map(read_format).transpose()?.flatten();
    if let Some(stops) = wire.stop_sequences {
        request.stop_place = stops.place;
        request.stop = stops.value.into_iter().map(Text::from).collect();
    }
    request.service_tier = read_tier(wire.service_tier, wire.speed, losses);
    request.end_user = wire.metadata.and_then(|metadata| metadata.user_id);
    request.model = wire.model;
    request.max_output_tokens = wire.max_tokens;
    request.temperature = wire.temperature;
    request.top_p = wire.top_p;
    request.top_k = wire.top_k;
    request.stream_usage = true;
    Ok(request)
}

/// What no other dialect has.
fn settle_own_fields(wire: &wire::Request<'_>, losses: &mut Losses) -> Result<(), Refusal> {
    for (field, feature) in [
        (wire.container, Feature::CodeExecution),
        (wire.mcp_servers, Feature::HostedTool),
        (wire.thread, Feature::CachedContent),
    ] {
        if let Some(value) = field.filter(|value| !matches!(value.text(), "[]" | "{}" | "\"\"")) {
            losses.refuse(value.place(), feature)?;
        }
    }
    if let Some(management) = wire.context_management {
        losses.report(management.place(), Feature::ContextManagement);
    }
    if wire.cache_control.is_some() {
        losses.hint();
    }
    report_unknown(&wire.unknown, losses);
    Ok(())
}

fn report_unknown(unknown: &[crate::json::Unknown<'_>], losses: &mut Losses) {
    for member in unknown.iter().filter(|member| !member.is_void()) {
        losses.report(member.place(), Feature::UnknownField);
    }
}

fn read_message<'a>(message: wire::Message<'a>, losses: &mut Losses) -> Result<Message<'a>, Refusal> {
    let place = message.place;
    let expected = "a role: user, assistant or system";
    let role = message.role.ok_or_else(|| Refusal::malformed(place.field("role"), expected))?;
    let role = match role.escaped() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        _ => return Err(Refusal::malformed(role.place(), expected)),
    };
    report_unknown(&message.unknown, losses);
    let content = message
        .content
        .ok_or_else(|| Refusal::malformed(place.field("content"), "a string or an array of content blocks"))?;
    let parts = match content {
        wire::Content::Blocks(blocks) => read_blocks(blocks, losses)?,
        text @ wire::Content::Text(_) => read_content(text, losses)?,
    };
    Ok(Message { role, parts, place })
}

fn read_tools<'a>(
    tools: Option<Vec<Raw<'a>>>,
    web_search: &mut Option<WebSearch<'a>>,
    losses: &mut Losses,
) -> Result<Vec<Tool<'a>>, Refusal> {
    let mut read = Vec::new();
    for raw in tools.into_iter().flatten() {
        let tool: wire::Tool<'a> = raw.read()?;
        match tool.kind.map_or("custom", Literal::escaped) {
            "custom" => read.push(read_tool(tool, losses)?),
            kind if kind.starts_with("web_search") => *web_search = Some(web_search::read(raw, losses)?),
            // The client runs these, and waits for calls that only a model trained on them makes; others carry data.
            kind if CLIENT_TOOLS.iter().any(|prefix| kind.starts_with(prefix)) => {
                losses.refuse(raw.place(), Feature::HostedTool)?;
            }
            _ => losses.report(raw.place(), Feature::HostedTool),
        }
    }
    Ok(read)
}

fn read_tool<'a>(tool: wire::Tool<'a>, losses: &mut Losses) -> Result<Tool<'a>, Refusal> {
    let name = tool.name.ok_or_else(|| Refusal::malformed(tool.place.field("name"), "a string"))?;
    let schema = tool.input_schema.filter(|schema| schema.kind() == Kind::Object);
    let schema = schema.ok_or_else(|| Refusal::malformed(tool.place.field("input_schema"), "a JSON Schema object"))?;
    for member in tool.unknown.iter().filter(|member| !member.is_void()) {
        losses.report(member.place(), Feature::ToolOptions);
    }
    Ok(Tool {
        name: name.into(),
        description: tool.description.map(Text::from),
        input: ToolInput::JsonSchema(Some(schema)),
        strict: tool.strict,
        cache: tool.cache_control.map(|raw| CacheHint { raw }),
        place: tool.place,
    })
}

fn read_tool_choice(choice: wire::ToolChoice<'_>) -> Result<ToolChoice<'_>, Refusal> {
    match choice.kind.map(Literal::escaped) {
        Some("auto") => Ok(ToolChoice::Auto),
        Some("any") => Ok(ToolChoice::Required),
        Some("none") => Ok(ToolChoice::None),
        Some("tool") => match choice.name {
            Some(name) => Ok(ToolChoice::Named(name.into())),
            None => Err(Refusal::malformed(choice.place.field("name"), "the name of a tool")),
        },
        _ => Err(Refusal::malformed(choice.place.field("type"), "auto, any, tool or none")),
    }
}

fn read_reasoning<'a>(
    thinking: Option<&wire::Thinking<'a>>,
    effort: Option<Literal<'a>>,
) -> Result<Reasoning<'a>, Refusal> {
    let mut reasoning = Reasoning::default();
    if let Some(word) = effort {
        let value = Effort::named(&word.decode())
            .ok_or_else(|| Refusal::malformed(word.place(), "low, medium, high, xhigh or max"))?;
        reasoning.effort = Some(At { value, place: word.place() });
    }
    if let Some(thinking) = thinking {
        let expected = "enabled, adaptive, between_tools or disabled";
        let kind = thinking.kind.ok_or_else(|| Refusal::malformed(thinking.place.field("type"), expected))?;
        let enabled = match kind.value.escaped() {
            "enabled" | "adaptive" | "between_tools" => true,
            "disabled" => false,
            _ => return Err(Refusal::malformed(kind.place, expected)),
        };
        reasoning.enabled = Some(At { value: enabled, place: thinking.place });
        reasoning.budget = thinking.budget_tokens.filter(|_| enabled);
        reasoning.visible =
            thinking.display.filter(|display| *display == *"omitted").map(|_| false).or((!enabled).then_some(false));
    }
    Ok(reasoning)
}

fn read_format(format: wire::OutputFormat<'_>) -> Result<Option<At<Format<'_>>>, Refusal> {
    match (format.kind.map(Literal::escaped), format.schema) {
        (Some("json_schema"), Some(schema)) => {
            let value = Format::JsonSchema { schema, name: None, description: None, strict: None };
            Ok(Some(At { value, place: format.place }))
        }
        (Some("json_schema") | None, _) => {
            Err(Refusal::malformed(format.place.field("schema"), "a JSON Schema object"))
        }
        (Some("text"), _) => Ok(None),
        (Some(_), _) => Err(Refusal::malformed(format.place.field("type"), "json_schema")),
    }
}

fn read_tier(tier: Option<Literal<'_>>, speed: Option<Literal<'_>>, losses: &mut Losses) -> Option<At<ServiceTier>> {
    match speed {
        Some(speed) if speed == *"fast" => Some(At { value: ServiceTier::Fast, place: speed.place() }),
        _ => tier.and_then(|tier| service_tier::read(tier, losses)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Option<String> {
        read_request(body, &mut Losses::default()).err().map(|refusal| refusal.locate(body, "gemini").to_string())
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (body, expected) in [
            (r#"{"model":"m"}"#, "/messages: expected an array of messages"),
            (
                r#"{"messages":[{"role":"tool","content":"x"}]}"#,
                "/messages/0/role: expected a role: user, assistant or system",
            ),
            (
                r#"{"messages":[{"role":"user"}]}"#,
                "/messages/0/content: expected a string or an array of content blocks",
            ),
            (r#"{"messages":[],"tools":[{"name":"f"}]}"#, "/tools/0/input_schema: expected a JSON Schema object"),
            (r#"{"messages":[],"tool_choice":{"type":"tool"}}"#, "/tool_choice/name: expected the name of a tool"),
            (
                r#"{"messages":[],"thinking":{"type":"maybe"}}"#,
                "/thinking/type: expected enabled, adaptive, between_tools or disabled",
            ),
        ] {
            assert_eq!(refusal(body).as_deref(), Some(expected), "{body}");
        }
        assert!(refusal(r#"{"messages":[],"mcp_servers":[{"url":"x"}]}"#).is_some());
        assert_eq!(refusal(r#"{"messages":[],"mcp_servers":[],"container":null}"#), None);
    }

    #[test]
    fn settings_are_read() -> Result<(), Refusal> {
        let body = r#"{"messages":[],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":9000}}"#;
        let request = read_request(body, &mut Losses::default())?;
        assert_eq!(request.parallel_tool_calls.map(|parallel| parallel.value), Some(false));
        assert_eq!(request.reasoning.as_effort(), Some(Effort::Medium));
        Ok(())
    }
}
