//! The neutral form to a request for an upstream.

use super::super::answer_schema::answer_schema;
use super::super::models::{Thinking, Traits, nearest_effort};
use super::super::{Outgoing, names::fitting, openai_members, web_search};
use super::names::{LONGEST_NAME, is_tool_name};
use super::schema::{is_strict, write_openapi};
use super::write_content::write_messages;
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{Effort, Format, Request, ServiceTier, Tool, ToolChoice, ToolInput, WebSearch};
use crate::json::{At, Literal, Number, Object, Raw, Text, ToJson, parse, write_object};
use crate::loss::{Feature, Losses};

/// Most stop sequences.
const MOST_STOPS: usize = 4;
/// Longest end user id.
const LONGEST_USER: usize = 64;

/// Append a request.
pub(super) fn write_request(request: &Request<'_>, to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let traits = to.traits;
    let mut outcome = Ok(());
    write_object(out, |body| {
        body.field("model", to.model);
        outcome = write_messages(request, to, body.key("messages"));
        if outcome.is_ok() {
            outcome = write_settings(request, traits, to, body);
        }
    });
    outcome
}

fn write_settings(
    request: &Request<'_>,
    traits: Traits,
    to: &mut Outgoing<'_>,
    body: &mut Object<'_>,
) -> Result<(), Refusal> {
    web_search::refuse_if_forced(request, to)?;
    write_tools(request, to, body);
    write_limit(request.max_output_tokens, traits, to.losses, body)?;
    write_sampling(request, traits, to.losses, body);
    write_stop(request, traits, to.losses, body)?;
    write_reasoning(request, to, body);
    if let Some(format) = request.format {
        write_format(format, request.dialect, to, body);
    }
    if let Some(user) = request.end_user {
        write_end_user(user, body);
    }
    if let Some(tier) = request.service_tier {
        write_service_tier(tier.value, body);
    }
    body.optional("verbosity", request.verbosity);
    openai_members::write(request, to, body);
    if let Some(search) = &request.web_search {
        write_web_search(search, to, body);
    }
    if to.stream {
        body.field("stream", true);
        body.object("stream_options", |options| options.field("include_usage", true));
    }
    Ok(())
}

/// Only models made for it search the web.
fn write_web_search(search: &WebSearch<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    if !to.model.contains("search") {
        return to.losses.report(search.place, Feature::WebSearch);
    }
    let domains = search.allowed_domains.or(search.blocked_domains).map(Raw::place);
    web_search::report([domains, search.most_uses.map(Number::place)], to);
    body.object("web_search_options", |options| {
        options.optional("search_context_size", search.context_size);
        if let Some(location) = &search.location {
            options.object("user_location", |user_location| {
                user_location.field("type", "approximate");
                user_location.object("approximate", |member| web_search::write_location(location, member));
            });
        }
    });
}

fn write_limit(
    limit: Option<Number<'_>>,
    traits: Traits,
    losses: &Losses,
    body: &mut Object<'_>,
) -> Result<(), Refusal> {
    let Some(limit) = limit else { return Ok(()) };
    if limit.as_u64() == Some(0) {
        return losses.refuse(limit.place(), Feature::OutputLimit);
    }
    body.field(if traits.completion_limit { "max_completion_tokens" } else { "max_tokens" }, limit);
    Ok(())
}

fn write_sampling(request: &Request<'_>, traits: Traits, losses: &mut Losses, body: &mut Object<'_>) {
    for (key, number) in [("temperature", request.temperature), ("top_p", request.top_p)] {
        match number {
            // Models that cannot be set take what is their default.
            Some(number) if !traits.sampling && !is_one(number) => losses.report(number.place(), Feature::Sampling),
            number => body.optional(key, number),
        }
    }
    if let Some(top_k) = request.top_k {
        losses.report(top_k.place(), Feature::TopK);
    }
    body.optional("seed", request.seed);
    body.optional("presence_penalty", request.presence_penalty);
    body.optional("frequency_penalty", request.frequency_penalty);
    body.optional("n", request.choices.filter(|choices| choices.as_u64() != Some(1)));
    if let Some(wanted) = request.log_probabilities {
        body.field("logprobs", wanted.value);
        body.optional("top_logprobs", request.top_log_probabilities.filter(|_| wanted.value));
    }
}

fn is_one(number: Number<'_>) -> bool {
    (number.as_f64() - 1.0).abs() < f64::EPSILON
}

fn write_stop(request: &Request<'_>, traits: Traits, losses: &Losses, body: &mut Object<'_>) -> Result<(), Refusal> {
    if request.stop.len() > MOST_STOPS || !(traits.stop || request.stop.is_empty()) {
        return losses.refuse(request.stop_place, Feature::StopSequences);
    }
    if !request.stop.is_empty() {
        body.array("stop", |stops| request.stop.iter().for_each(|stop| stops.element(stop)));
    }
    Ok(())
}

/// `reasoning_effort`, for models that are known to take it, and for others if a measure was asked for.
///
/// Strict compatible hosts refuse the field, so "think as you like" is not worth sending to a model that is not known.
fn write_reasoning(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    let Some(place) = request.reasoning.place() else { return };
    match (to.traits.thinking, request.reasoning.as_effort()) {
        (Thinking::Never | Thinking::Unknown, Some(Effort::None)) => to.losses.hint(),
        (Thinking::Never, _) | (Thinking::Unknown, None) => to.losses.report(place, Feature::ReasoningEffort),
        (_, Some(effort)) => {
            body.optional("reasoning_effort", nearest_effort(effort, place, to.traits, to).map(Effort::name));
        }
        // What these models do by themselves.
        (_, None) => body.field("reasoning_effort", Effort::Medium.name()),
    }
}

fn write_format(format: At<Format<'_>>, source: Dialect, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    let Some(answer) = answer_schema(&format.value) else {
        return body.object("response_format", |member| member.field("type", "json_object"));
    };
    to.answer.wrapped = answer.wrapped;
    let (name, description, asked) = match format.value {
        Format::JsonSchema { name, description, strict, .. } => (name, description, strict),
        _ => (None, None, None),
    };
    // Anthropic and Gemini hold the model to any schema; OpenAI only to some.
    let possible = parse::<Raw<'_>>(&answer.json).is_ok_and(is_strict);
    let strict = asked.unwrap_or(is_openai(source) || possible) && (is_openai(source) || possible);
    if !strict && !is_openai(source) {
        to.losses.report(format.place, Feature::StrictSchema);
    }
    body.object("response_format", |member| {
        member.field("type", "json_schema");
        member.object("json_schema", |json_schema| {
            json_schema.field("name", name.map_or(Text::from("response"), Text::from));
            json_schema.optional("description", description);
            json_schema.key("schema").extend_from_slice(answer.json.as_bytes());
            json_schema.field("strict", strict);
        });
    });
}

fn is_openai(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::OpenAiChat | Dialect::OpenAiResponses)
}

/// The end user, shortened the same way each time if the id is too long.
fn write_end_user(user: Literal<'_>, body: &mut Object<'_>) {
    let id = user.decode();
    if id.len() > LONGEST_USER {
        body.field("user", fitting(&id, LONGEST_USER));
    } else {
        body.field("user", user);
    }
}

fn write_service_tier(tier: ServiceTier, body: &mut Object<'_>) {
    let word = match tier {
        // What happens anyway; compatible hosts do not know the field.
        ServiceTier::Auto => return,
        ServiceTier::Standard => "default",
        ServiceTier::Flex => "flex",
        ServiceTier::Priority => "priority",
        ServiceTier::Fast => "fast",
    };
    body.field("service_tier", word);
}

fn write_tools(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    // OpenAI refuses an empty list, and a choice or a setting without tools.
    if request.tools.is_empty() {
        return;
    }
    body.array("tools", |tools| {
        for tool in &request.tools {
            tools.object(|member| write_tool(tool, request.dialect, to, member));
        }
    });
    if let Some(choice) = &request.tool_choice {
        write_tool_choice(&choice.value, request, to, body);
    }
    body.optional("parallel_tool_calls", request.parallel_tool_calls.map(|parallel| parallel.value));
}

fn write_tool(tool: &Tool<'_>, source: Dialect, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    if tool.cache.is_some() {
        to.losses.hint();
    }
    let name = to.names.outgoing(tool.name.decode(), is_tool_name, LONGEST_NAME);
    match tool.input {
        ToolInput::Custom { format } => {
            member.field("type", "custom");
            member.object("custom", |custom| {
                custom.field("name", &*name);
                custom.optional("description", tool.description.as_ref());
                custom.optional("format", format);
            });
        }
        ToolInput::JsonSchema(schema) => write_function(
            tool,
            &name,
            member,
            |out| write_parameters(schema, out),
            strict(tool, schema, source, to.losses),
        ),
        ToolInput::OpenApiSchema(schema) => write_function(tool, &name, member, |out| write_openapi(schema, out), None),
    }
}

fn write_function(
    tool: &Tool<'_>,
    name: &str,
    member: &mut Object<'_>,
    parameters: impl FnOnce(&mut Vec<u8>),
    strict: Option<bool>,
) {
    member.field("type", "function");
    member.object("function", |function| {
        function.field("name", name);
        function.optional("description", tool.description.as_ref());
        parameters(function.key("parameters"));
        function.optional("strict", strict);
    });
}

fn write_parameters(schema: Option<Raw<'_>>, out: &mut Vec<u8>) {
    match schema {
        Some(schema) if schema.text() != "{}" => schema.write_json(out),
        _ => out.extend_from_slice(br#"{"type":"object","properties":{}}"#),
    }
}

/// Whether calls must follow the schema: what an OpenAI client asks goes through, another's only if OpenAI can.
fn strict(tool: &Tool<'_>, schema: Option<Raw<'_>>, source: Dialect, losses: &mut Losses) -> Option<bool> {
    let asked = tool.strict?;
    if is_openai(source) || !asked.value || schema.is_some_and(is_strict) {
        return Some(asked.value);
    }
    losses.report(asked.place, Feature::StrictSchema);
    Some(false)
}

fn write_tool_choice(choice: &ToolChoice<'_>, request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    match choice {
        ToolChoice::Auto => body.field("tool_choice", "auto"),
        ToolChoice::None => body.field("tool_choice", "none"),
        ToolChoice::Required => body.field("tool_choice", "required"),
        ToolChoice::Named(name) => body.object("tool_choice", |choice| write_named(name, request, to, choice)),
        ToolChoice::Allowed { required, names } => body.object("tool_choice", |choice| {
            choice.field("type", "allowed_tools");
            choice.object("allowed_tools", |allowed| {
                allowed.field("mode", if *required { "required" } else { "auto" });
                allowed.array("tools", |tools| {
                    names.iter().for_each(|name| tools.object(|tool| write_named(name, request, to, tool)))
                });
            });
        }),
    }
}

/// `{"type":"function","function":{"name"}}`, or the same for a custom tool.
fn write_named(name: &Text<'_>, request: &Request<'_>, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    let decoded = name.decode();
    let custom = request
        .tools
        .iter()
        .any(|tool| matches!(tool.input, ToolInput::Custom { .. }) && tool.name.decode() == decoded);
    let kind = if custom { "custom" } else { "function" };
    let name = to.names.outgoing(decoded, is_tool_name, LONGEST_NAME);
    member.field("type", kind);
    member.object(kind, |tool| tool.field("name", &*name));
}
