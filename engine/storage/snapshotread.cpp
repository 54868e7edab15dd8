// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/files/atomicfile.h"
#include "engine/storage/h5reader.h"
#include "engine/storage/runlogjson.h"
#include "engine/storage/snapshotcheck.h"
#include "engine/storage/snapshotschema.h"
#include "engine/storage/statenames.h"
#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <new>

namespace engine {
namespace {

using h5::Failure;
using h5::GroupReader;
using h5::Shape;

constexpr int kMaxDepth = 32; // of groups in /run/state

[[noreturn]] void refuse(const std::string &text) { throw Failure{ErrorCode::BadFormat, text}; }

template <typename T>
void require(const Result<T> &result, std::string_view where)
{
    if (!result)
        refuse(fmt::format("{}: {}", where, result.error().text));
}

/// Refuses what is not ours or too new before anything else is looked at.
void checkFormat(const GroupReader &root)
{
    if (!root.hasAttribute("format") || root.text("format") != schema::kFormat)
        refuse("it is an HDF5 file, but not a snapshot of Condensate");
    const auto major = root.whole("version_major");
    const auto minor = root.whole("version_minor");
    if (major > static_cast<std::uint64_t>(kSnapshotMajor))
        throw Failure{ErrorCode::TooNew, fmt::format("it is a snapshot of version {}.{}, this program reads versions up to {}.x", major,
                                                     minor, kSnapshotMajor)};
    if (major < 1)
        refuse("it claims version 0, which never was");
}

Stage stageNamed(const std::string &text)
{
    for (const auto stage : {Stage::Preparing, Stage::Warmup, Stage::Cluster, Stage::Commit, Stage::Finished})
        if (name(stage) == text)
            return stage;
    refuse(fmt::format("attribute stage of /run: expected a stage, found \"{}\"", text));
}

void readSettings(const GroupReader &run, Settings &settings)
{
    for (const auto &row : parameterTable()) {
        const std::string key{row.key};
        if (run.hasAttribute(key.c_str())) // an older program did not know this parameter: its default holds
            require(settings.set(row.id, run.parameter(key.c_str())), "/run");
    }
    require(settings.checkTogether(), "/run");
}

void readFacts(const GroupReader &run, SnapshotData &data)
{
    auto &description = data.run.description;
    readSettings(run, description.settings);
    data.run.step = Step{run.whole("step")};
    data.run.stage = stageNamed(run.text("stage"));
    data.run.codebooksAreLive = run.flag("codebooks_are_live");
    for (const auto &fact : schema::kCounts)
        description.*fact.member = run.whole(fact.name);
    for (const auto &fact : schema::kTexts)
        description.*fact.member = run.text(fact.name);
    if (run.hasAttribute("class_names"))
        description.classNames = run.texts("class_names");
    const auto threads = run.whole("threads_used");
    if (threads > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
        refuse(fmt::format("attribute threads_used of /run: expected a count of threads, found {}", threads));
    description.threads = static_cast<int>(threads);
    description.slowBlas = run.flag("slow_blas");
    for (const auto &print : schema::kFingerprints) {
        if (run.hasAttribute(print.name)) // since 1.6
            description.fingerprints.*print.member = run.text(print.name);
    }
    if (run.hasAttribute("seconds")) // since 1.1
        data.run.seconds = run.real("seconds");
    for (const auto &figure : schema::kEndFigures) {
        if (run.hasAttribute(figure.name))
            data.run.*figure.member = run.real(figure.name);
    }
}

/// Length of a list, checked before it is read.
hsize_t lengthOf(const GroupReader &group, const std::string &name, hsize_t most)
{
    const auto shape = group.shape(name);
    if (shape.size() != 1 || shape[0] > most)
        refuse(fmt::format("{}/{}: expected a list of at most {} values, found {}", group.path(), name, most, h5::toText(shape)));
    return shape[0];
}

Histogram readHistogram(const GroupReader &group)
{
    Histogram histogram;
    const auto bins = lengthOf(group, "counts", kMaxHistogramBins);
    histogram.counts = group.values<std::uint64_t>("counts", {bins});
    histogram.low = group.real("low");
    histogram.high = group.real("high");
    histogram.underflow = group.whole("underflow");
    histogram.overflow = group.whole("overflow");
    histogram.notANumber = group.whole("nan");
    histogram.infinite = group.whole("inf");
    const auto revision = group.whole("range_revision");
    if (revision > std::numeric_limits<std::uint32_t>::max())
        refuse(fmt::format("attribute range_revision of {}: expected a 32-bit count, found {}", group.path(), revision));
    histogram.rangeRevision = static_cast<std::uint32_t>(revision);
    const auto edges = group.values<double>("edges", {bins + 1});
    if (edges.back() != histogram.high || (bins > 0 && edges.front() != histogram.low))
        refuse(fmt::format("{}/edges: expected {} to {}, found {} to {}", group.path(), histogram.low, histogram.high, edges.front(),
                           edges.back()));
    return histogram;
}

/// Programs before 1.6 kept a λ that was set by hand beside the rules; here it is one of them.
void readOwnLambda(const GroupReader &group, const std::string &layer, Settings &settings)
{
    const auto own = group.hasAttribute("lambda_override") ? std::optional{group.real("lambda_override")} : std::nullopt;
    if (own == settings.layer(layer).lambda)
        return;
    if (own)
        require(validate(spec(ParameterId::Lambda), *own), group.path());
    auto rules = settings.layerRules();
    rules.setLambda(layer, own);
    settings.setLayerRules(std::move(rules));
}

void readLayer(const GroupReader &group, SnapshotData &data)
{
    const std::size_t position = data.network.layers.size();
    LayerInfo &info = data.run.description.layers.emplace_back();
    StoredNetwork::Layer &stored = data.network.layers.emplace_back();
    Checkpoint::Layer &layer = data.training.layers.emplace_back();
    info.name = group.text("name");
    info.kind = group.text("kind");
    info.id = LayerId{static_cast<std::uint16_t>(position)};
    const auto shape = group.shape("weights");
    info.shape.assign(shape.begin(), shape.end());
    info.weightCount = h5::valueCount(shape);
    layer.weights = group.values<float>("weights", shape);
    const auto k = lengthOf(group, "codebook", kMaxRepresentatives);
    stored.representatives = group.values<float>("codebook", {k});
    layer.identity = group.values<std::uint16_t>("identity", {k});
    layer.trajectories = group.hasAttribute("trajectories") ? group.whole("trajectories") : k; // since 1.3
    stored.assignment = group.values<std::uint8_t>("assignment", shape);
    if (group.has("mixing")) // since 1.4
        layer.mixing = group.values<double>("mixing", {k});
    readOwnLambda(group, info.name, data.run.description.settings);
    if (group.hasAttribute("sigma"))
        layer.sigma = group.real("sigma");
    layer.histogram = readHistogram(group.group("histogram"));
    require(checkLayer(data, position), group.path());
}

FloatLayer readFloatLayer(const GroupReader &group)
{
    FloatLayer layer;
    layer.info.name = group.text("name");
    layer.info.kind = group.text("kind");
    layer.info.shape = group.values<std::int64_t>("shape", {lengthOf(group, "shape", kMaxDimensions)});
    layer.info.weightCount = weightCount(layer.info.shape).value_or(0);
    layer.quantizedBefore = group.whole("quantized_before");
    return layer;
}

/// Group names of the layers, in the order of their `id`, which must count up from 0. Groups without one are
/// of a newer minor.
std::vector<std::string> layerNames(const GroupReader &layers)
{
    const auto count = layers.whole("count");
    const auto names = layers.children();
    if (count > std::min(names.size(), kMaxLayers))
        refuse(fmt::format("{}: expected {} layers, found {}", layers.path(), count, names.size()));
    std::vector<std::string> ordered(count);
    std::size_t found = 0;
    for (const auto &name : names) {
        if (!layers.isGroup(name) || !layers.group(name).hasAttribute("id"))
            continue;
        const auto id = layers.group(name).whole("id");
        if (id >= count || !ordered[id].empty())
            refuse(fmt::format("{}/{}: expected layers numbered 0 to {}, found {} out of turn", layers.path(), name, count - 1, id));
        ordered[id] = name;
        ++found;
    }
    if (found != count)
        refuse(fmt::format("{}: expected {} layers, found {}", layers.path(), count, found));
    return ordered;
}

void readFloatLayers(const GroupReader &run, SnapshotData &data)
{
    if (!run.has("float_layers")) // none, or written before 1.4
        return;
    const auto layers = run.group("float_layers");
    for (const auto &name : layerNames(layers))
        data.run.description.floatLayers.push_back(readFloatLayer(layers.group(name)));
}

void readModule(const GroupReader &run, SnapshotData &data)
{
    if (!run.has("module"))
        return;
    (void)lengthOf(run, "module", kMaxModuleBytes);
    data.network.module = run.bytes("module", h5::fileType<std::uint8_t>());
}

/// Without one, or with one that does not end in these settings, what was done before is unknown.
void readLog(const GroupReader &run, RunRecord &record)
{
    record.log.start = record.description.settings;
    record.log.isComplete = false;
    if (!run.has("log")) // before 1.6
        return;
    (void)lengthOf(run, "log", kMaxLogBytes);
    const auto bytes = run.bytes("log", h5::fileType<std::uint8_t>());
    auto log = parseJsonLines({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
    require(log, "/run");
    log->isComplete = run.dataset("log").flag("complete");
    record.log = *std::move(log);
}

void readLayerSeries(const GroupReader &group, std::size_t l, std::size_t trajectories, std::vector<Sample> &samples)
{
    const auto n = static_cast<hsize_t>(samples.size());
    const auto representatives = group.group("representatives").values<float>("representatives", {n, trajectories});
    const auto densities = group.group("density");
    const auto density = densities.values<std::uint32_t>("density", {n, static_cast<hsize_t>(kDensityBins)});
    const auto low = densities.values<float>("low", {n});
    const auto high = densities.values<float>("high", {n});
    for (std::size_t i = 0; i < samples.size(); ++i) {
        auto &layer = samples[i].layers[l];
        const auto at = [](std::size_t offset) { return static_cast<std::ptrdiff_t>(offset); };
        layer.representatives.assign(representatives.begin() + at(i * trajectories), representatives.begin() + at((i + 1) * trajectories));
        layer.density.assign(density.begin() + at(i * kDensityBins), density.begin() + at((i + 1) * kDensityBins));
        layer.densityLow = low[i];
        layer.densityHigh = high[i];
    }
    const auto measures = group.group("measures");
    for (const auto &measure : schema::measureTable()) {
        const auto values = measures.values<float>(measure.name, {n});
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i].layers[l].*measure.member = values[i];
    }
}

void readSeries(const GroupReader &run, const std::vector<std::string> &layers, SnapshotData &data)
{
    const auto series = run.group("series");
    const auto n = lengthOf(series, "step", std::numeric_limits<std::uint32_t>::max());
    const auto steps = series.values<std::uint64_t>("step", {n});
    const auto stages = series.values<std::uint8_t>("stage", {n});
    const auto whole = series.values<std::uint8_t>("whole_validation", {n});
    std::vector<Sample> samples(n);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (i > 0 && steps[i] <= steps[i - 1])
            refuse(fmt::format("{}/step: expected ascending steps, found {} after {}", series.path(), steps[i], steps[i - 1]));
        samples[i].step = Step{steps[i]};
        samples[i].stage = Stage{stages[i]};
        samples[i].wholeValidation = whole[i] != 0;
        samples[i].layers.resize(layers.size());
    }
    for (const auto &table : schema::seriesTable()) {
        const auto group = series.group(table.name);
        for (const auto &column : table.columns) {
            const auto values = group.values<double>(column.name, {n});
            for (std::size_t i = 0; i < samples.size(); ++i)
                samples[i].*column.member = values[i];
        }
    }
    const auto layerSeries = series.group("layers");
    for (std::size_t l = 0; l < layers.size(); ++l)
        readLayerSeries(layerSeries.group(layers[l]), l, data.training.layers[l].trajectories, samples);
    data.run.history = History{std::max<std::size_t>(run.whole("history_capacity"), n)};
    for (auto &sample : samples)
        data.run.history.add(std::move(sample));
}

NamedArray readArray(const GroupReader &group, const std::string &name)
{
    NamedArray array;
    array.name = group.dataset(name).text("name");
    if (group.hasType(name, h5::fileType<float>()))
        array.type = NamedArray::Type::Float32;
    else if (group.hasType(name, h5::fileType<std::int64_t>()))
        array.type = NamedArray::Type::Int64;
    else
        array.type = NamedArray::Type::UInt8;
    const hid_t type = array.type == NamedArray::Type::Float32 ? h5::fileType<float>()
                       : array.type == NamedArray::Type::Int64 ? h5::fileType<std::int64_t>()
                                                               : h5::fileType<std::uint8_t>();
    const auto shape = group.shape(name);
    array.shape.assign(shape.begin(), shape.end());
    array.bytes = group.bytes(name, type);
    return array;
}

struct Ordered {
    std::uint64_t order = 0;
    NamedArray array;
};

void collectState(const GroupReader &group, int depth, std::vector<Ordered> &found)
{
    if (depth > kMaxDepth)
        refuse(fmt::format("{}: expected at most {} groups inside each other", group.path(), kMaxDepth));
    for (const auto &name : group.children()) {
        if (group.isGroup(name))
            collectState(group.group(name), depth + 1, found);
        else if (const auto dataset = group.dataset(name); dataset.hasAttribute("order"))
            found.push_back({dataset.whole("order"), readArray(group, name)});
    }
}

void readState(const GroupReader &run, SnapshotData &data)
{
    const auto state = run.group("state");
    std::vector<Ordered> found;
    collectState(state, 0, found);
    if (const auto count = state.whole("count"); count != found.size())
        refuse(fmt::format("{}: expected {} arrays, found {}", state.path(), count, found.size()));
    std::ranges::sort(found, {}, &Ordered::order);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].order != i)
            refuse(fmt::format("{}: expected arrays numbered 0 to {}, found {} in place of {}", state.path(), found.size() - 1,
                               found[i].order, i));
        auto &arrays = statenames::isOfNetwork(found[i].array.name) ? data.network.arrays : data.training.arrays;
        arrays.push_back(std::move(found[i].array));
    }
}

SnapshotData readOrThrow(const std::filesystem::path &path)
{
    const h5::Session session;
    const h5::FileReader file{path};
    const auto root = file.root();
    checkFormat(root);
    SnapshotData data;
    data.run.programVersion = root.text("program_version");
    const auto run = root.group("run");
    readFacts(run, data);
    const auto layers = run.group("layers");
    const auto names = layerNames(layers);
    for (const auto &name : names)
        readLayer(layers.group(name), data);
    readLog(run, data.run);
    readFloatLayers(run, data);
    readModule(run, data);
    readSeries(run, names, data);
    readState(run, data);
    return data;
}

} // namespace

Result<SnapshotData> readSnapshot(const std::filesystem::path &file)
{
    const auto sentence = [&](std::string_view why) { return fmt::format("{} cannot be opened as a snapshot: {}.", inQuotes(file), why); };
    return h5::withoutThrowing(ErrorCode::Unreadable, sentence, [&]() -> Result<SnapshotData> {
        auto data = readOrThrow(file);
        if (auto sound = checkSnapshot(data); !sound)
            return fail(ErrorCode::BadFormat, sentence(sound.error().text));
        return data;
    });
}

} // namespace engine
