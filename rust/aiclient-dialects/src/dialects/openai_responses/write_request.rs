//! The neutral form to a request for an upstream.

use super::super::answer_schema::answer_schema;
use super::super::models::{Thinking, Traits, nearest_effort};
use super::super::{Outgoing, names::fitting, openai_members, web_search};
use super::names::{LONGEST_NAME, is_tool_name};
use super::schema::{is_strict, write_openapi};
use super::write_content::ItemWriter;
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{Effort, Format, Request, ServiceTier, Tool, ToolChoice, ToolInput, WebSearch};
use crate::json::{At, Number, Object, Raw, Text, ToJson, parse, write_object};
use crate::loss::Feature;

/// The least output that can be asked for.
const LEAST_LIMIT: u64 = 16;
/// Longest end user id.
const LONGEST_USER: usize = 64;

/// Append a request.
pub(super) fn write_request(request: &Request<'_>, to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    refuse_what_cannot_be(request, to)?;
    let traits = to.traits;
    let mut outcome = Ok(());
    write_object(out, |body| {
        body.field("model", to.model);
        body.array("input", |list| outcome = ItemWriter::new(to).items(&request.messages, list));
        if outcome.is_ok() {
            write_tools(request, to, body);
            write_limit(request, to, body);
            write_sampling(request, traits, to, body);
            write_reasoning(request, traits, to, body);
            write_text_options(request, to, body);
            write_rest(request, to, body);
        }
    });
    outcome
}

fn refuse_what_cannot_be(request: &Request<'_>, to: &Outgoing<'_>) -> Result<(), Refusal> {
    if !request.stop.is_empty() {
        return to.losses.refuse(request.stop_place, Feature::StopSequences);
    }
    if let Some(choices) = request.choices.filter(|choices| choices.as_u64() != Some(1)) {
        return to.losses.refuse(choices.place(), Feature::Choices);
    }
    match request.max_output_tokens {
        Some(limit) if limit.as_u64() == Some(0) => to.losses.refuse(limit.place(), Feature::OutputLimit),
        _ => Ok(()),
    }
}

fn write_limit(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    match request.max_output_tokens {
        Some(limit) if limit.as_u64().is_some_and(|tokens| tokens < LEAST_LIMIT) => {
            to.losses.report(limit.place(), Feature::OutputLimit);
            body.field("max_output_tokens", LEAST_LIMIT);
        }
        limit => body.optional("max_output_tokens", limit),
    }
}

fn write_sampling(request: &Request<'_>, traits: Traits, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    for (key, number) in [("temperature", request.temperature), ("top_p", request.top_p)] {
        match number {
            // Models that cannot be set take what is their default.
            Some(number) if !traits.sampling && (number.as_f64() - 1.0).abs() > f64::EPSILON => {
                to.losses.report(number.place(), Feature::Sampling);
            }
            number => body.optional(key, number),
        }
    }
    for number in [request.presence_penalty, request.frequency_penalty].into_iter().flatten() {
        if number.as_f64() != 0.0 {
            to.losses.report(number.place(), Feature::Penalties);
        }
    }
    if let Some(seed) = request.seed {
        to.losses.report(seed.place(), Feature::Seed);
    }
    if let Some(top_k) = request.top_k {
        to.losses.report(top_k.place(), Feature::TopK);
    }
    if request.log_probabilities.is_some_and(|wanted| wanted.value) {
        body.optional("top_logprobs", request.top_log_probabilities);
    }
}

fn write_reasoning(request: &Request<'_>, traits: Traits, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    let Some(place) = request.reasoning.place() else { return };
    let effort = match (traits.thinking, request.reasoning.as_effort()) {
        (Thinking::Never | Thinking::Unknown, Some(Effort::None)) => return to.losses.hint(),
        (Thinking::Never, _) => return to.losses.report(place, Feature::ReasoningEffort),
        (_, effort) => nearest_effort(effort.unwrap_or(Effort::Medium), place, traits, to),
    };
    let Some(effort) = effort else { return };
    body.object("reasoning", |reasoning| {
        reasoning.field("effort", effort.name());
        if request.reasoning.visible != Some(false) {
            reasoning.field("summary", "auto");
        }
    });
}

fn write_text_options(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    if request.format.is_none() && request.verbosity.is_none() {
        return;
    }
    body.object("text", |text| {
        if let Some(format) = request.format {
            text.object("format", |member| write_format(format, request.dialect, to, member));
        }
        text.optional("verbosity", request.verbosity);
    });
}

fn write_format(format: At<Format<'_>>, source: Dialect, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    let Some(answer) = answer_schema(&format.value) else {
        return member.field("type", "json_object");
    };
    to.answer.wrapped = answer.wrapped;
    let (name, description, asked) = match format.value {
        Format::JsonSchema { name, description, strict, .. } => (name, description, strict),
        _ => (None, None, None),
    };
    let openai = source == Dialect::OpenAiChat;
    let possible = || parse::<Raw<'_>>(&answer.json).is_ok_and(is_strict);
    let strict = if openai { asked.unwrap_or(false) } else { possible() };
    if !strict && !openai {
        to.losses.report(format.place, Feature::StrictSchema);
    }
    member.field("type", "json_schema");
    member.field("name", name.map_or(Text::from("response"), Text::from));
    member.optional("description", description);
    member.key("schema").extend_from_slice(answer.json.as_bytes());
    member.field("strict", strict);
}

fn write_rest(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    // Nothing is stored for a client that cannot ask for it; thoughts then come back encrypted.
    body.field("store", false);
    body.array("include", |include| {
        include.element("reasoning.encrypted_content");
        if request.log_probabilities.is_some_and(|wanted| wanted.value) {
            include.element("message.output_text.logprobs");
        }
    });
    if let Some(user) = request.end_user {
        let id = user.decode();
        if id.len() > LONGEST_USER { body.field("user", fitting(&id, LONGEST_USER)) } else { body.field("user", user) }
    }
    match request.service_tier.map(|tier| tier.value) {
        None | Some(ServiceTier::Auto) => {}
        Some(ServiceTier::Standard) => body.field("service_tier", "default"),
        Some(ServiceTier::Flex) => body.field("service_tier", "flex"),
        Some(ServiceTier::Priority) => body.field("service_tier", "priority"),
        Some(ServiceTier::Fast) => body.field("service_tier", "fast"),
    }
    openai_members::write(request, to, body);
    if to.stream {
        body.field("stream", true);
    }
}

fn write_tools(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    if request.tools.is_empty() && request.web_search.is_none() {
        return;
    }
    body.array("tools", |tools| {
        for tool in &request.tools {
            tools.object(|member| write_tool(tool, request.dialect, to, member));
        }
        if let Some(search) = &request.web_search {
            tools.object(|tool| write_web_search(search, to, tool));
        }
    });
    if let Some(choice) = &request.tool_choice {
        write_tool_choice(&choice.value, request, to, body);
    }
    body.optional("parallel_tool_calls", request.parallel_tool_calls.map(|parallel| parallel.value));
}

fn write_web_search(search: &WebSearch<'_>, to: &mut Outgoing<'_>, tool: &mut Object<'_>) {
    web_search::report([search.blocked_domains.map(Raw::place), search.most_uses.map(Number::place)], to);
    tool.field("type", "web_search");
    tool.optional("search_context_size", search.context_size);
    if let Some(location) = &search.location {
        tool.object("user_location", |member| {
            member.field("type", "approximate");
            web_search::write_location(location, member);
        });
    }
    if let Some(domains) = search.allowed_domains {
        tool.object("filters", |filters| filters.field("allowed_domains", domains));
    }
}

fn write_tool(tool: &Tool<'_>, source: Dialect, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    if tool.cache.is_some() {
        to.losses.hint();
    }
    let name = to.names.outgoing(tool.name.decode(), is_tool_name, LONGEST_NAME);
    let custom = matches!(tool.input, ToolInput::Custom { .. });
    member.field("type", if custom { "custom" } else { "function" });
    member.field("name", &*name);
    member.optional("description", tool.description.as_ref());
    match tool.input {
        ToolInput::Custom { format } => return member.optional("format", format),
        ToolInput::OpenApiSchema(schema) => write_openapi(schema, member.key("parameters")),
        ToolInput::JsonSchema(schema) => write_parameters(schema, member.key("parameters")),
    }
    // Here a schema is strict unless it says otherwise; everywhere else it is the other way round.
    member.field("strict", strict(tool, source, to));
}

fn write_parameters(schema: Option<Raw<'_>>, out: &mut Vec<u8>) {
    match schema {
        Some(schema) if schema.text() != "{}" => schema.write_json(out),
        _ => out.extend_from_slice(br#"{"type":"object","properties":{}}"#),
    }
}

fn strict(tool: &Tool<'_>, source: Dialect, to: &mut Outgoing<'_>) -> bool {
    let Some(asked) = tool.strict.filter(|asked| asked.value) else { return false };
    let possible = matches!(tool.input, ToolInput::JsonSchema(Some(schema)) if is_strict(schema));
    if source == Dialect::OpenAiChat || possible {
        return true;
    }
    to.losses.report(asked.place, Feature::StrictSchema);
    false
}

fn write_tool_choice(choice: &ToolChoice<'_>, request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    match choice {
        ToolChoice::Auto => body.field("tool_choice", "auto"),
        ToolChoice::None => body.field("tool_choice", "none"),
        ToolChoice::Required => body.field("tool_choice", "required"),
        ToolChoice::Named(name) => body.object("tool_choice", |choice| write_named(name, request, to, choice)),
        ToolChoice::Allowed { required, names } => body.object("tool_choice", |choice| {
            choice.field("type", "allowed_tools");
            choice.field("mode", if *required { "required" } else { "auto" });
            choice.array("tools", |tools| {
                names.iter().for_each(|name| tools.object(|tool| write_named(name, request, to, tool)))
            });
        }),
    }
}

fn write_named(name: &Text<'_>, request: &Request<'_>, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    let decoded = name.decode();
    let custom = request
        .tools
        .iter()
        .any(|tool| matches!(tool.input, ToolInput::Custom { .. }) && tool.name.decode() == decoded);
    let name = to.names.outgoing(decoded, is_tool_name, LONGEST_NAME);
    member.field("type", if custom { "custom" } else { "function" });
    member.field("name", &*name);
}
