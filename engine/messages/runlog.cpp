// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/messages/runlog.h"
#include "engine/core/fingerprint.h"

namespace engine {
namespace {

void add(Fingerprint &print, const SetParameter &set)
{
    print.add("set").add(spec(set.id).key).add(toText(set.value));
}

/// Texts with their lengths, so that no two logs give the same bytes.
struct Adding {
    Fingerprint &print;

    void operator()(const Started &start) const
    {
        print.add("started").add(std::to_string(start.threads)).add(start.program).add(start.torch).add(start.processor);
        print.add(start.hasCodebooks ? "codebooks" : "none");
        for (const auto &change : start.changes)
            add(print, change);
    }
    void operator()(const SetParameter &set) const { add(print, set); }
    void operator()(const SetLayerLambda &set) const
    {
        print.add("lambda").add(set.layer).add(set.lambda ? toText(*set.lambda) : std::string{"global"});
    }
    void operator()(const NextStage &) const { print.add("next-stage"); }
    void operator()(const Pause &) const { print.add("pause"); }
    void operator()(const Resume &) const { print.add("resume"); }
    void operator()(const StepOnce &) const { print.add("step-once"); }
    void operator()(const PauseAt &at) const { print.add("pause-at").add(std::to_string(count(at.step))); }
    void operator()(const Ended &) const { print.add("ended"); }
};

} // namespace

std::string_view name(Author author) noexcept
{
    constexpr std::string_view kNames[] = {"hand", "rule", "file"};
    return kNames[static_cast<std::size_t>(author)];
}

bool LogEntry::shapesRun() const noexcept
{
    return !std::holds_alternative<Pause>(what) && !std::holds_alternative<Resume>(what) && !std::holds_alternative<StepOnce>(what) &&
           !std::holds_alternative<PauseAt>(what);
}

std::string RunLog::digest() const
{
    Fingerprint print;
    const Settings defaults; // are left out, so that a later program with more parameters finds the same
    for (const auto &row : parameterTable()) {
        if (start.value(row.id) != defaults.value(row.id))
            print.add(row.key).add(toText(start.value(row.id)));
    }
    for (const auto &entry : entries) {
        print.add(std::to_string(count(entry.step))).add(name(entry.by));
        std::visit(Adding{print}, entry.what);
    }
    return print.text();
}

} // namespace engine
