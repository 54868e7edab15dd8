// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/runlogjson.h"
#include "engine/core/overloaded.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace engine {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kStart = "start";
constexpr auto kAhead = "ahead"; ///< a recipe has it still to do
constexpr auto kGlobal = "global"; ///< a layer's λ that is none of its own

Json valueOf(const ParameterValue &value)
{
    return std::visit([](const auto &plain) { return Json(plain); }, value);
}

Json parametersOf(const Settings &settings)
{
    Json object = Json::object();
    for (const auto &row : parameterTable())
        object[std::string{row.key}] = valueOf(settings.value(row.id));
    return object;
}

Json changesOf(const std::vector<SetParameter> &changes)
{
    Json object = Json::object();
    for (const auto &change : changes)
        object[std::string{spec(change.id).key}] = valueOf(change.value);
    return object;
}

std::string lineOf(const Json &object) { return object.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json toJson(const LogEntry &entry)
{
    Json object{{"step", count(entry.step)}, {"by", name(entry.by)}, {"time", entry.time}};
    std::visit(Overloaded{[&](const Started &start) {
                              object["did"] = "started";
                              object["threads"] = start.threads;
                              object["program"] = start.program;
                              object["torch"] = start.torch;
                              object["processor"] = start.processor;
                              object["has_codebooks"] = start.hasCodebooks;
                              if (!start.changes.empty())
                                  object["changes"] = changesOf(start.changes);
                          },
                          [&](const SetParameter &set) {
                              object["did"] = "set";
                              object["key"] = spec(set.id).key;
                              object["value"] = valueOf(set.value);
                          },
                          [&](const SetLayerLambda &set) {
                              object["did"] = "set-lambda";
                              object["layer"] = set.layer;
                              object["value"] = set.lambda ? Json(*set.lambda) : Json(kGlobal);
                          },
                          [&](const NextStage &) { object["did"] = "next-stage"; },
                          [&](const Pause &) { object["did"] = "pause"; },
                          [&](const Resume &) { object["did"] = "resume"; },
                          [&](const StepOnce &) { object["did"] = "step-once"; },
                          [&](const PauseAt &at) {
                              object["did"] = "pause-at";
                              object["at"] = count(at.step);
                          },
                          [&](const Ended &) { object["did"] = "ended"; }},
               entry.what);
    return object;
}

/// One line, read with care: every member may be missing or of another kind.
class LineReader {
public:
    explicit LineReader(const Json &object) : m_object{object} {}

    template <typename Value>
    std::optional<Value> get(const char *key) const
    {
        const auto found = m_object.find(key);
        if (found == m_object.end())
            return std::nullopt;
        if constexpr (std::is_same_v<Value, std::string>)
            return found->is_string() ? std::optional{found->template get<std::string>()} : std::nullopt;
        else if constexpr (std::is_same_v<Value, double>)
            return found->is_number() ? std::optional{found->template get<double>()} : std::nullopt;
        else if constexpr (std::is_same_v<Value, std::uint64_t>)
            return found->is_number_unsigned() ? std::optional{found->template get<std::uint64_t>()} : std::nullopt;
        else
            return found->is_number_integer() ? std::optional{found->template get<std::int64_t>()} : std::nullopt;
    }
    const Json *member(const char *key) const
    {
        const auto found = m_object.find(key);
        return found == m_object.end() ? nullptr : &*found;
    }

private:
    const Json &m_object;
};

Result<ParameterValue> valueFrom(const ParameterSpec &row, const Json &value)
{
    ParameterValue found;
    if (value.is_string())
        found = value.get<std::string>();
    else if (value.is_number_integer() && !std::holds_alternative<RealRange>(row.range))
        found = value.get<std::int64_t>();
    else if (value.is_number())
        found = value.get<double>();
    else
        return fail(ErrorCode::BadFormat, fmt::format("{}: expected a number or a text, found something else.", row.key));
    if (auto good = validate(row, found); !good)
        return std::unexpected(good.error());
    return found;
}

/// `take` gets each parameter that this version knows.
template <typename Take>
Result<void> readParameters(const Json &object, const Take &take)
{
    if (!object.is_object())
        return fail(ErrorCode::BadFormat, "expected parameters, found something else.");
    for (const auto &[key, value] : object.items()) {
        const auto *row = findParameter(key);
        if (!row)
            continue;
        auto read = valueFrom(*row, value);
        if (!read)
            return std::unexpected(read.error());
        if (auto taken = take(row->id, *std::move(read)); !taken)
            return taken;
    }
    return {};
}

std::unexpected<Error> incomplete(std::string_view what)
{
    return fail(ErrorCode::BadFormat, fmt::format("expected {}, found none.", what));
}

Result<LogEntry::What> readStarted(const LineReader &line)
{
    Started start;
    const auto threads = line.get<std::int64_t>("threads");
    constexpr std::int64_t kMostThreads = 1 << 20;
    if (!threads || *threads < 1 || *threads > kMostThreads)
        return incomplete("a number of threads");
    start.threads = static_cast<int>(*threads);
    start.program = line.get<std::string>("program").value_or("");
    start.torch = line.get<std::string>("torch").value_or("");
    start.processor = line.get<std::string>("processor").value_or("");
    const Json *live = line.member("has_codebooks");
    start.hasCodebooks = live && live->is_boolean() && live->get<bool>();
    if (const Json *changes = line.member("changes")) {
        auto read = readParameters(*changes, [&](ParameterId id, ParameterValue value) -> Result<void> {
            start.changes.push_back({id, std::move(value)});
            return {};
        });
        if (!read)
            return std::unexpected(read.error());
    }
    return start;
}

Result<LogEntry::What> readSet(const LineReader &line)
{
    const auto key = line.get<std::string>("key");
    const auto *row = key ? findParameter(*key) : nullptr;
    const Json *value = line.member("value");
    if (!row || !value)
        return incomplete("a parameter and its value");
    auto read = valueFrom(*row, *value);
    if (!read)
        return std::unexpected(read.error());
    return SetParameter{row->id, *std::move(read)};
}

Result<LogEntry::What> readSetLambda(const LineReader &line)
{
    const auto layer = line.get<std::string>("layer");
    const auto number = line.get<double>("value");
    if (!layer || (!number && line.get<std::string>("value") != kGlobal))
        return incomplete("a layer and its λ");
    if (number) {
        if (auto good = validate(spec(ParameterId::Lambda), *number); !good)
            return std::unexpected(good.error());
    }
    return SetLayerLambda{*layer, number};
}

Result<LogEntry::What> readWhat(const LineReader &line)
{
    const auto did = line.get<std::string>("did").value_or("");
    if (did == "started")
        return readStarted(line);
    if (did == "set")
        return readSet(line);
    if (did == "set-lambda")
        return readSetLambda(line);
    if (did == "next-stage")
        return NextStage{};
    if (did == "pause")
        return Pause{};
    if (did == "resume")
        return Resume{};
    if (did == "step-once")
        return StepOnce{};
    if (did == "ended")
        return Ended{};
    const auto at = line.get<std::uint64_t>("at");
    if (did == "pause-at" && at)
        return PauseAt{Step{*at}};
    return fail(ErrorCode::BadFormat, fmt::format("expected something that can be done in a run, found \"{}\".", did));
}

Result<LogEntry> readEntry(const LineReader &line)
{
    const auto step = line.get<std::uint64_t>("step");
    if (!step)
        return incomplete("a step");
    const auto by = line.get<std::string>("by").value_or("");
    LogEntry entry{.step = Step{*step}, .by = Author::Hand, .time = line.get<std::int64_t>("time").value_or(0), .what = {}};
    for (const Author author : {Author::Rule, Author::File}) {
        if (by == name(author))
            entry.by = author;
    }
    auto what = readWhat(line);
    if (!what)
        return std::unexpected(what.error());
    entry.what = *std::move(what);
    return entry;
}

Result<void> readLine(std::string_view text, bool isFirst, RunLog &log)
{
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object())
        return fail(ErrorCode::BadFormat, "expected an object of JSON, found something else.");
    const LineReader line{object};
    if (isFirst) {
        const Json *start = line.member(kStart);
        return start ? readParameters(*start, [&](ParameterId id, ParameterValue value) { return log.start.set(id, std::move(value)); })
                     : incomplete("the parameters it began with");
    }
    auto entry = readEntry(line);
    if (!entry)
        return std::unexpected(entry.error());
    auto &entries = line.member(kAhead) ? log.ahead : log.entries;
    if (!entries.empty() && entry->step < entries.back().step)
        return fail(ErrorCode::BadFormat,
                    fmt::format("expected ascending steps, found {} after {}.", count(entry->step), count(entries.back().step)));
    entries.push_back(*std::move(entry));
    return {};
}

} // namespace

std::string toJsonLine(const LogEntry &entry) { return lineOf(toJson(entry)); }

std::string toJsonLines(const RunLog &log)
{
    std::string text = lineOf({{kStart, parametersOf(log.start)}}) + '\n';
    for (const auto &entry : log.entries)
        text += toJsonLine(entry) + '\n';
    for (const auto &entry : log.ahead) {
        auto object = toJson(entry);
        object[kAhead] = true;
        text += lineOf(object) + '\n';
    }
    return text;
}

Result<RunLog> parseJsonLines(std::string_view text)
{
    RunLog log;
    std::size_t number = 0;
    for (std::size_t from = 0; from < text.size();) {
        const auto to = std::min(text.find('\n', from), text.size());
        ++number;
        if (auto read = readLine(text.substr(from, to - from), number == 1, log); !read)
            return fail(read.error().code, fmt::format("log, line {}: {}", number, read.error().text));
        from = to + 1;
    }
    if (number == 0)
        return fail(ErrorCode::BadFormat, "log: expected lines of JSON, found none.");
    return log;
}

} // namespace engine
