// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/runplan.h"
#include "engine/files/atomicfile.h"
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <toml++/toml.h>

namespace engine {
namespace {

constexpr int kFormat = 1;
constexpr std::string_view kFormatKey = "plan-format", kLegs = "legs", kLabel = "label", kForward = "forward", kMain = "main",
                           kBranch = "branch", kChanges = "changes";

std::unexpected<Error> bad(std::string_view name, std::string_view what)
{
    return fail(ErrorCode::BadFormat, fmt::format("{}: {}", name, what));
}

Result<Leg> legIn(const toml::node &node, std::string_view name)
{
    const auto *table = node.as_table();
    const auto label = table ? (*table)[kLabel].value_exact<std::string>() : std::nullopt;
    const auto forward = table ? (*table)[kForward].value_exact<std::string>() : std::nullopt;
    if (!label || label->empty() || label->find('/') != label->npos || !forward || !validate(spec(ParameterId::Forward), *forward))
        return bad(name, "expected a label and a forward pass in each of its legs, found others.");
    return Leg{.label = *label, .forward = choiceOf<ForwardPass>(*forward), .isMain = (*table)[kMain].value_exact<bool>().value_or(false)};
}

Result<ParameterValue> valueIn(const ParameterSpec &row, const toml::node &node)
{
    ParameterValue value;
    if (const auto whole = node.value_exact<std::int64_t>())
        value = *whole;
    else if (const auto real = node.value_exact<double>())
        value = *real;
    else
        value = node.value_exact<std::string>().value_or("");
    Settings settings; // takes a whole number for a real one
    if (auto set = settings.set(row.id, value); !set)
        return std::unexpected(set.error());
    return settings.value(row.id);
}

Result<void> takeChanges(const toml::table &table, std::string_view name, RunPlan &plan)
{
    for (const auto &[key, node] : table) {
        const auto *row = findParameter(key.str());
        if (!row)
            return bad(name, fmt::format("expected parameters among its changes, found \"{}\".", key.str()));
        auto value = valueIn(*row, node);
        if (!value)
            return bad(name, value.error().text);
        plan.changes.push_back({row->id, *std::move(value)});
    }
    return {};
}

} // namespace

std::vector<Leg> legsOf(ForwardPass chosen, Compared compared)
{
    std::vector<Leg> legs{{std::string{textOf(chosen)}, chosen, true}};
    const auto beside = [&](std::string label, ForwardPass forward) { legs.push_back({std::move(label), forward, false}); };
    if (compared != Compared::Nothing && chosen != ForwardPass::Float)
        beside(std::string{kReferenceLabel}, ForwardPass::Float);
    for (const ForwardPass other : {ForwardPass::Latent, ForwardPass::Snapped}) {
        if (compared == Compared::All && chosen != other)
            beside(std::string{textOf(other)}, other);
    }
    return legs;
}

std::string planText(const RunPlan &plan)
{
    std::string text =
        fmt::format("# What is trained in this folder, in order: `condensate train --resume FOLDER` goes on where it was left.\n"
                    "{} = {}\n",
                    kFormatKey, kFormat);
    const auto quoted = [](const std::string &value) {
        std::ostringstream out;
        out << toml::value{value};
        return out.str();
    };
    if (plan.branch)
        text += fmt::format("{} = {}\n", kBranch, quoted(plan.branch->string()));
    for (const Leg &leg : plan.legs)
        text += fmt::format("\n[[{}]]\n{} = {}\n{} = \"{}\"\n{} = {}\n", kLegs, kLabel, quoted(leg.label), kForward, textOf(leg.forward),
                            kMain, leg.isMain);
    if (!plan.changes.empty())
        text += fmt::format("\n[{}]\n", kChanges);
    for (const auto &change : plan.changes) {
        std::ostringstream value;
        std::visit([&](const auto &plain) { value << toml::value{plain}; }, change.value);
        text += fmt::format("{} = {}\n", spec(change.id).key, value.str());
    }
    return text;
}

Result<RunPlan> parsePlan(std::string_view text, std::string_view name)
{
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error &error) {
        return bad(name, fmt::format("line {}: {}", error.source().begin.line, error.description()));
    }
    if (table[kFormatKey].value_exact<std::int64_t>().value_or(0) > kFormat)
        return fail(ErrorCode::TooNew, fmt::format("{}: it is a plan of a newer version of the program.", name));
    RunPlan plan;
    if (const auto branch = table[kBranch].value_exact<std::string>())
        plan.branch = *branch;
    const auto *legs = table[kLegs].as_array();
    if (!legs || legs->empty())
        return bad(name, "expected [[legs]], found none.");
    for (const auto &node : *legs) {
        auto leg = legIn(node, name);
        if (!leg)
            return std::unexpected(leg.error());
        plan.legs.push_back(*std::move(leg));
    }
    if (const auto *changes = table[kChanges].as_table()) {
        if (auto taken = takeChanges(*changes, name, plan); !taken)
            return std::unexpected(taken.error());
    }
    return plan;
}

Result<RunPlan> readPlan(const std::filesystem::path &file)
{
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    constexpr std::uintmax_t kMostBytes = 1 << 20;
    if (error)
        return fail(ErrorCode::NotFound, fmt::format("{}: expected a plan, found none: {}.", inQuotes(file), error.message()));
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in || bytes > kMostBytes)
        return fail(ErrorCode::Unreadable, fmt::format("{}: expected a plan that can be read.", inQuotes(file)));
    return parsePlan(text, inQuotes(file));
}

} // namespace engine
