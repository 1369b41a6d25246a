//! The neutral form to a request for an upstream. The model is in the path.

use super::super::Outgoing;
use super::super::custom_tool::{CUSTOM_SCHEMA, custom_description};
use super::super::models::{Thinking, Traits, nearest_effort};
use super::super::reminders::with_reminders;
use super::super::web_search;
use super::names::{LONGEST_NAME, is_tool_name};
use super::schema::write_normalised;
use super::write_content::ContentWriter;
use crate::error::Refusal;
use crate::ir::{Effort, Format, Request, ServiceTier, Tool, ToolChoice, ToolInput, WebSearch};
use crate::json::{Array, At, Literal, Number, Object, Place, Raw, Text, ToJson, write_object};
use crate::loss::Feature;

/// Most answers to one request.
const MOST_CHOICES: u64 = 8;
/// Most stop sequences.
const MOST_STOPS: usize = 5;
/// What the largest model thinks at the least.
const LEAST_BUDGET: u64 = 128;

/// Append a request.
pub(super) fn write_request(request: &Request<'_>, to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut outcome = Ok(());
    write_object(out, |body| {
        outcome = write_conversation(request, to, body).and_then(|()| {
            write_tools(request, to, body);
            write_config(request, to, body)
        });
        if let Some(tier) = request.service_tier {
            match tier.value {
                ServiceTier::Auto => {}
                ServiceTier::Standard => body.field("serviceTier", "STANDARD"),
                ServiceTier::Flex => body.field("serviceTier", "FLEX"),
                ServiceTier::Priority => body.field("serviceTier", "PRIORITY"),
                ServiceTier::Fast => to.losses.report(tier.place, Feature::ServiceTier),
            }
        }
    });
    if request.end_user.is_some() {
        to.losses.hint();
    }
    request.openai.iter().for_each(|_| to.losses.hint());
    if let Some(verbosity) = request.verbosity {
        to.losses.report(verbosity.place(), Feature::Verbosity);
    }
    outcome
}

fn write_conversation(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) -> Result<(), Refusal> {
    let leading = request.messages.iter().take_while(|message| message.role.is_system()).count();
    let (system, conversation) = request.messages.split_at(leading);
    if conversation.is_empty() {
        let place = request.messages.first().map(|message| message.place).unwrap_or_default();
        return Err(Refusal::malformed(place, "at least one message that is not a system message"));
    }
    let conversation = with_reminders(conversation, false, to);
    let mut writer = ContentWriter::new(to);
    let mut outcome = Ok(());
    body.object_if("systemInstruction", |instruction| {
        instruction.array_if_any("parts", |parts| outcome = writer.system(system, parts))
    });
    outcome?;
    body.array("contents", |list| outcome = writer.contents(&conversation, list));
    outcome
}

fn write_tools(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    // Beside functions, a search is a 400 on older models; newer ones want its steps back in the next turn, which no
    // other dialect can carry. Source: ai.google.dev/gemini-api/docs/tool-combination.
    let searches = request.web_search.is_some() && to.model.contains("gemini") && request.tools.is_empty();
    if let Some(search) = &request.web_search {
        report_search(search, searches, to);
    }
    if request.tools.is_empty() && !searches {
        return;
    }
    body.array("tools", |tools| {
        if !request.tools.is_empty() {
            tools.object(|tool| {
                tool.array("functionDeclarations", |list| {
                    request.tools.iter().for_each(|tool| write_declaration(tool, to, list))
                });
            });
        }
        if searches {
            tools.object(|tool| tool.object("googleSearch", |_| {}));
        }
    });
    if request.tools.is_empty() {
        return;
    }
    if let Some(parallel) = request.parallel_tool_calls.filter(|parallel| !parallel.value) {
        to.losses.report(parallel.place, Feature::ParallelToolCalls);
    }
    let strict = request.tools.iter().any(|tool| tool.strict.is_some_and(|strict| strict.value));
    let choice = request.tool_choice.as_ref().map(|choice| &choice.value);
    if choice.is_some() || strict {
        body.object("toolConfig", |config| {
            config.object("functionCallingConfig", |calling| {
                write_choice(choice.unwrap_or(&ToolChoice::Auto), strict, to, calling);
            });
        });
    }
}

/// Gemini searches as it likes: of the options none is known there.
fn report_search(search: &WebSearch<'_>, searches: bool, to: &mut Outgoing<'_>) {
    if !searches {
        return to.losses.report(search.place, Feature::WebSearch);
    }
    let words = [search.context_size.map(Literal::place), search.location.map(|location| location.place)];
    let domains = [search.allowed_domains.map(Raw::place), search.blocked_domains.map(Raw::place)];
    web_search::report(words.into_iter().chain(domains).chain([search.most_uses.map(Number::place)]), to);
}

fn write_declaration(tool: &Tool<'_>, to: &mut Outgoing<'_>, list: &mut Array<'_>) {
    if tool.cache.is_some() {
        to.losses.hint();
    }
    let name = to.names.outgoing(tool.name.decode(), is_tool_name, LONGEST_NAME).into_owned();
    list.object(|declaration| {
        declaration.field("name", name);
        match tool.input {
            ToolInput::Custom { format } => {
                declaration.field("description", custom_description(tool, format));
                declaration.key("parametersJsonSchema").extend_from_slice(CUSTOM_SCHEMA);
            }
            ToolInput::JsonSchema(schema) => {
                declaration.optional("description", tool.description.as_ref());
                write_parameters(schema, tool, to, declaration);
            }
            ToolInput::OpenApiSchema(schema) => {
                declaration.optional("description", tool.description.as_ref());
                declaration.field("parameters", schema);
            }
        }
    });
}

fn write_parameters(schema: Option<Raw<'_>>, tool: &Tool<'_>, to: &mut Outgoing<'_>, declaration: &mut Object<'_>) {
    let Some(schema) = schema.filter(|schema| schema.text() != "{}") else {
        declaration.key("parametersJsonSchema").extend_from_slice(br#"{"type":"object","properties":{}}"#);
        return;
    };
    if write_normalised(schema, declaration.key("parametersJsonSchema")) {
        to.losses.report(tool.place, Feature::SchemaConstraint);
    }
}

/// Modes other than `AUTO` hold calls to their schemas, which is what `strict` asks for.
fn write_choice(choice: &ToolChoice<'_>, strict: bool, to: &mut Outgoing<'_>, calling: &mut Object<'_>) {
    let mut names = |names: &[Text<'_>], calling: &mut Object<'_>| {
        calling.array("allowedFunctionNames", |list| {
            for name in names {
                list.element(&*to.names.outgoing(name.decode(), is_tool_name, LONGEST_NAME));
            }
        });
    };
    match choice {
        ToolChoice::Auto => calling.field("mode", if strict { "VALIDATED" } else { "AUTO" }),
        ToolChoice::None => calling.field("mode", "NONE"),
        ToolChoice::Required => calling.field("mode", "ANY"),
        ToolChoice::Named(name) => {
            calling.field("mode", "ANY");
            names(std::slice::from_ref(name), calling);
        }
        ToolChoice::Allowed { required, names: allowed } => {
            calling.field("mode", if *required { "ANY" } else { "VALIDATED" });
            names(allowed, calling);
        }
    }
}

fn write_config(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) -> Result<(), Refusal> {
    check_config(request, to)?;
    web_search::refuse_if_forced(request, to)?;
    let traits = to.traits;
    body.object_if("generationConfig", |config| {
        write_sampling(request, config);
        if let Some(format) = request.format {
            write_format(format, to, config);
        }
        write_thinking(request, traits, to, config);
        !config.is_empty()
    });
    Ok(())
}

fn check_config(request: &Request<'_>, to: &Outgoing<'_>) -> Result<(), Refusal> {
    if let Some(choices) = request.choices.filter(|choices| choices.as_u64().is_none_or(|count| count > MOST_CHOICES)) {
        return to.losses.refuse(choices.place(), Feature::Choices);
    }
    if request.stop.len() > MOST_STOPS {
        return to.losses.refuse(request.stop_place, Feature::StopSequences);
    }
    match request.max_output_tokens {
        Some(limit) if limit.as_u64() == Some(0) => to.losses.refuse(limit.place(), Feature::OutputLimit),
        _ => Ok(()),
    }
}

fn write_sampling(request: &Request<'_>, member: &mut Object<'_>) {
    member.optional("temperature", request.temperature);
    member.optional("topP", request.top_p);
    member.optional("topK", request.top_k);
    member.optional("candidateCount", request.choices);
    member.optional("maxOutputTokens", request.max_output_tokens);
    if !request.stop.is_empty() {
        member.array("stopSequences", |list| request.stop.iter().for_each(|stop| list.element(stop)));
    }
    member.optional("seed", request.seed);
    member.optional("presencePenalty", request.presence_penalty);
    member.optional("frequencyPenalty", request.frequency_penalty);
    if request.log_probabilities.is_some_and(|wanted| wanted.value) {
        member.field("responseLogprobs", true);
        member.optional("logprobs", request.top_log_probabilities);
    }
}

fn write_format(format: At<Format<'_>>, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    member.field("responseMimeType", "application/json");
    match format.value {
        Format::JsonObject => {}
        Format::OpenApiSchema(schema) => member.field("responseSchema", schema),
        // Only a client of this dialect asks for it.
        Format::OneOf(texts) => member.object("responseSchema", |schema| schema.field("enum", texts)),
        Format::JsonSchema { schema, .. } => {
            if write_normalised(schema, member.key("responseJsonSchema")) {
                to.losses.report(format.place, Feature::SchemaConstraint);
            }
        }
    }
}

/// `thinkingConfig`: a budget for 2.5 and for models that are not known, a level for later ones.
fn write_thinking(request: &Request<'_>, traits: Traits, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    let reasoning = &request.reasoning;
    let Some(place) = reasoning.place() else { return };
    let effort = reasoning.as_effort();
    let budget = reasoning.budget.and_then(Number::as_u64).or(effort.map(Effort::budget));
    if effort == Some(Effort::None) && (traits.thinking == Thinking::Effort || to.model.contains("pro")) {
        // These think at least a little.
        to.losses.report(place, Feature::ReasoningEffort);
    }
    member.object("thinkingConfig", |config| {
        match (traits.thinking, effort, budget) {
            (_, None, None) if traits.thinking != Thinking::Effort => field_text(config, "thinkingBudget", "-1"),
            (Thinking::Effort, Some(effort), _) => config.field("thinkingLevel", level(effort, place, to)),
            (Thinking::Effort, None, _) => {}
            (_, _, Some(0)) if to.model.contains("pro") => config.field("thinkingBudget", LEAST_BUDGET),
            (_, _, budget) => config.optional("thinkingBudget", budget),
        }
        if effort != Some(Effort::None) {
            config.field("includeThoughts", reasoning.visible != Some(false));
        }
    });
}

fn field_text(config: &mut Object<'_>, key: &str, text: &'static str) {
    crate::json::Node::literal(text).write_json(config.key(key));
}

fn level(effort: Effort, place: Place, to: &mut Outgoing<'_>) -> &'static str {
    match nearest_effort(effort, place, to.traits, to) {
        None | Some(Effort::None | Effort::Minimal) => "MINIMAL",
        Some(Effort::Low) => "LOW",
        Some(Effort::Medium) => "MEDIUM",
        Some(Effort::High) => "HIGH",
        Some(Effort::XHigh) => "XHIGH",
        Some(Effort::Max) => "MAX",
    }
}
