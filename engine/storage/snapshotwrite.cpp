// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/files/atomicfile.h"
#include "engine/storage/runlogjson.h"
#include "engine/storage/h5memoryfile.h"
#include "engine/storage/snapshotcheck.h"
#include "engine/storage/snapshotschema.h"
#include "condensateversion.h"
#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <new>
#include <numeric>

namespace engine {
namespace {

using h5::GroupWriter;
using h5::Packing;
using h5::Shape;
using Names = std::span<const std::string_view>;

Shape shapeOf(std::span<const std::int64_t> shape) { return {shape.begin(), shape.end()}; }

template <typename T>
h5::Node put(const GroupWriter &group, const std::string &name, const std::vector<T> &values, Packing packing = Packing::Plain)
{
    return group.values<T>(name, {values.size()}, values, packing);
}

/// What a viewer plots: `signal` over `axes`, one name for each dimension.
void plots(const GroupWriter &group, std::string_view title, std::string_view signal, Names axes, Names others = {})
{
    group.viewerText("title", title);
    group.viewerText("signal", signal);
    if (axes.size() == 1)
        group.viewerText("axes", axes.front());
    else
        group.viewerText("axes", axes);
    group.viewerText("auxiliary_signals", others);
}

/// One column out of a table of samples.
template <typename T, typename Field>
std::vector<T> column(const std::vector<Sample> &samples, Field field)
{
    std::vector<T> values;
    values.reserve(samples.size());
    for (const auto &sample : samples)
        values.push_back(static_cast<T>(field(sample)));
    return values;
}

void writeFacts(const GroupWriter &run, const SnapshotData &data)
{
    for (const auto &row : parameterTable())
        run.parameter(std::string{row.key}.c_str(), data.run.description.settings.value(row.id));
    run.attribute("step", count(data.run.step));
    run.attribute("stage", name(data.run.stage));
    run.attribute("codebooks_are_live", data.run.codebooksAreLive);
    for (const auto &fact : schema::kCounts)
        run.attribute(fact.name, data.run.description.*fact.member);
    for (const auto &fact : schema::kTexts)
        run.attribute(fact.name, data.run.description.*fact.member);
    const std::vector<std::string_view> classes(data.run.description.classNames.begin(), data.run.description.classNames.end());
    run.attribute("class_names", classes);
    for (const auto &print : schema::kFingerprints) {
        if (!(data.run.description.fingerprints.*print.member).empty())
            run.attribute(print.name, data.run.description.fingerprints.*print.member);
    }
    run.attribute("threads_used", static_cast<std::int64_t>(data.run.description.threads));
    run.attribute("slow_blas", data.run.description.slowBlas);
    run.attribute("history_capacity", static_cast<std::uint64_t>(data.run.history.capacity()));
    run.attribute("seconds", data.run.seconds);
    for (const auto &figure : schema::kEndFigures) {
        if (data.run.*figure.member)
            run.attribute(figure.name, *(data.run.*figure.member));
    }
}

void writeHistogram(const GroupWriter &layer, const Histogram &histogram, const std::string &name)
{
    const auto group = layer.group("histogram", "NXdata");
    constexpr std::string_view kAxis[] = {"edges"};
    plots(group, "Weights of " + name, "counts", kAxis);
    put(group, "counts", histogram.counts).label("weights per bin", "");
    const auto edges = put(group, "edges", histogram.edges());
    edges.label("latent weight", "");
    if (!histogram.counts.empty()) // for viewers that want one place for each count; they draw at the lower edges
        edges.attribute("last_good", static_cast<std::int64_t>(histogram.counts.size()) - 1);
    group.attribute("low", histogram.low);
    group.attribute("high", histogram.high);
    group.attribute("underflow", histogram.underflow);
    group.attribute("overflow", histogram.overflow);
    group.attribute("nan", histogram.notANumber);
    group.attribute("inf", histogram.infinite);
    group.attribute("range_revision", static_cast<std::uint64_t>(histogram.rangeRevision));
}

void writeLayer(const GroupWriter &layers, const SnapshotData &data, std::size_t l)
{
    const LayerInfo &info = data.run.description.layers[l];
    const StoredNetwork::Layer &stored = data.network.layers[l];
    const Checkpoint::Layer &layer = data.training.layers[l];
    const auto group = layers.group(schema::layerGroupName(info), "NXcollection");
    group.viewerText("default", "histogram");
    group.attribute("id", static_cast<std::uint64_t>(index(info.id)));
    group.attribute("name", info.name);
    group.attribute("kind", info.kind);
    if (const auto lambda = data.run.description.settings.layer(info.name).lambda)
        group.attribute("lambda_override", *lambda); // for programs that know of rules as text alone
    group.attribute("sigma", layer.sigma);
    group.attribute("trajectories", static_cast<std::uint64_t>(layer.trajectories));
    const auto shape = shapeOf(info.shape);
    group.values<float>("weights", shape, layer.weights).label("latent weights", "");
    put(group, "codebook", stored.representatives).label("representatives, ascending", "");
    put(group, "identity", layer.identity).label("trajectory of each representative", "");
    group.values<std::uint8_t>("assignment", shape, stored.assignment, Packing::Gzip)
        .label("code of each weight: its place in codebook", "");
    if (!layer.mixing.empty())
        put(group, "mixing", layer.mixing).label("learnt mixing proportion of each representative", "");
    writeHistogram(group, layer.histogram, info.name);
}

void writeMeasures(const GroupWriter &layer, const GroupWriter &series, const std::vector<Sample> &samples, std::size_t l)
{
    const auto group = layer.group("measures", "NXdata");
    group.link("step", series, "step");
    std::vector<std::string_view> names;
    for (const auto &measure : schema::measureTable()) {
        put(group, measure.name, column<float>(samples, [&](const Sample &s) { return s.layers[l].*measure.member; }))
            .label(measure.longName, measure.units);
        names.emplace_back(measure.name);
    }
    constexpr std::string_view kAxis[] = {"step"};
    plots(group, "Distance to the representatives", names.front(), kAxis, Names{names}.subspan(1));
}

void writeTrajectories(const GroupWriter &layer, const GroupWriter &series, const std::vector<Sample> &samples, std::size_t l,
                       std::size_t trajectories)
{
    const auto group = layer.group("representatives", "NXdata");
    std::vector<float> values;
    values.reserve(samples.size() * trajectories);
    for (const auto &sample : samples)
        values.insert(values.end(), sample.layers[l].representatives.begin(), sample.layers[l].representatives.end());
    std::vector<std::uint16_t> trajectory(trajectories);
    std::iota(trajectory.begin(), trajectory.end(), std::uint16_t{0});
    constexpr std::string_view kAxes[] = {"step", "trajectory"};
    plots(group, "Representatives", "representatives", kAxes);
    group.link("step", series, "step");
    put(group, "trajectory", trajectory).label("trajectory", "");
    group.values<float>("representatives", {samples.size(), trajectories}, values).label("representative", "");
}

void writeDensity(const GroupWriter &layer, const GroupWriter &series, const std::vector<Sample> &samples, std::size_t l)
{
    const auto group = layer.group("density", "NXdata");
    std::vector<std::uint32_t> values;
    values.reserve(samples.size() * kDensityBins);
    for (const auto &sample : samples)
        values.insert(values.end(), sample.layers[l].density.begin(), sample.layers[l].density.end());
    std::vector<std::uint16_t> bins(kDensityBins);
    std::iota(bins.begin(), bins.end(), std::uint16_t{0});
    constexpr std::string_view kAxes[] = {"step", "bin"};
    plots(group, "Density of the latent weights", "density", kAxes);
    group.link("step", series, "step");
    put(group, "bin", bins).label("bin, from low to high", "");
    group.values<std::uint32_t>("density", {samples.size(), static_cast<hsize_t>(kDensityBins)}, values, Packing::Gzip)
        .label("weights per bin", "");
    put(group, "low", column<float>(samples, [&](const Sample &s) { return s.layers[l].densityLow; }))
        .label("lower end of the first bin", "");
    put(group, "high", column<float>(samples, [&](const Sample &s) { return s.layers[l].densityHigh; }))
        .label("upper end of the last bin", "");
}

void writeSeries(const GroupWriter &run, const SnapshotData &data)
{
    const auto &samples = data.run.history.samples();
    const auto series = run.group("series", "NXcollection");
    series.viewerText("default", schema::seriesTable().front().name);
    put(series, "step", column<std::uint64_t>(samples, [](const Sample &s) { return count(s.step); })).label("step", "");
    constexpr std::string_view kAxis[] = {"step"};
    for (const auto &table : schema::seriesTable()) {
        const auto group = series.group(table.name, "NXdata");
        group.link("step", series, "step");
        std::vector<std::string_view> names;
        for (const auto &entry : table.columns) {
            put(group, entry.name, column<double>(samples, [&](const Sample &s) { return s.*entry.member; }))
                .label(entry.longName, entry.units);
            names.emplace_back(entry.name);
        }
        plots(group, table.title, names.front(), kAxis, Names{names}.subspan(1));
    }
    put(series, "stage", column<std::uint8_t>(samples, [](const Sample &s) { return s.stage; }))
        .label("0 preparing, 1 warm-up, 2 cluster, 3 commit, 4 finished", "");
    put(series, "whole_validation", column<std::uint8_t>(samples, [](const Sample &s) { return s.wholeValidation; }))
        .label("1: accuracies are over the whole validation set", "");
    const auto layers = series.group("layers", "NXcollection");
    for (std::size_t l = 0; l < data.training.layers.size(); ++l) {
        const auto layer = layers.group(schema::layerGroupName(data.run.description.layers[l]), "NXcollection");
        layer.viewerText("default", "representatives");
        writeTrajectories(layer, series, samples, l, data.training.layers[l].trajectories);
        writeDensity(layer, series, samples, l);
        writeMeasures(layer, series, samples, l);
    }
}

hid_t fileTypeOf(NamedArray::Type type)
{
    switch (type) {
    case NamedArray::Type::Float32: return h5::fileType<float>();
    case NamedArray::Type::Int64: return h5::fileType<std::int64_t>();
    case NamedArray::Type::UInt8: break;
    }
    return h5::fileType<std::uint8_t>();
}

/// The groups on the way to one array: the group that takes the last component, made where missing.
GroupWriter walkTo(const GroupWriter &state, const std::string &path, std::size_t slash)
{
    const auto parent = path.substr(0, slash);
    if (H5Lexists(state.id(), parent.c_str(), H5P_DEFAULT) > 0)
        return GroupWriter{h5::own(H5Gopen2(state.id(), parent.c_str(), H5P_DEFAULT), H5Gclose, ErrorCode::Internal, parent)};
    const auto before = parent.rfind('/');
    if (before == std::string::npos)
        return state.group(parent, "NXcollection");
    return walkTo(state, parent, before).group(parent.substr(before + 1), "NXcollection");
}

void writeState(const GroupWriter &run, const SnapshotData &data)
{
    std::vector<std::reference_wrapper<const NamedArray>> arrays{data.network.arrays.begin(), data.network.arrays.end()};
    arrays.insert(arrays.end(), data.training.arrays.begin(), data.training.arrays.end());
    const auto state = run.group("state", "NXcollection");
    state.attribute("count", static_cast<std::uint64_t>(arrays.size()));
    std::vector<std::string_view> names;
    for (const NamedArray &array : arrays)
        names.push_back(array.name);
    const auto paths = schema::statePaths(names);
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        const NamedArray &array = arrays[i];
        const auto slash = paths[i].rfind('/');
        const auto put = [&](const GroupWriter &group, const std::string &name) {
            const auto node = group.bytes(name, shapeOf(array.shape), fileTypeOf(array.type), array.bytes, Packing::Plain);
            node.attribute("name", array.name);
            node.attribute("order", static_cast<std::uint64_t>(i));
        };
        if (slash == std::string::npos)
            put(state, paths[i]);
        else
            put(walkTo(state, paths[i], slash), paths[i].substr(slash + 1));
    }
}

void writeFloatLayers(const GroupWriter &run, std::span<const FloatLayer> layers)
{
    if (layers.empty())
        return;
    const auto all = run.group("float_layers", "NXcollection");
    all.attribute("count", static_cast<std::uint64_t>(layers.size()));
    for (std::size_t place = 0; place < layers.size(); ++place) {
        LayerInfo info = layers[place].info;
        info.id = LayerId{static_cast<std::uint16_t>(place)};
        const auto group = all.group(schema::layerGroupName(info), "NXcollection");
        group.attribute("id", static_cast<std::uint64_t>(place));
        group.attribute("name", info.name);
        group.attribute("kind", info.kind);
        group.attribute("quantized_before", layers[place].quantizedBefore);
        put(group, "shape", info.shape);
    }
}

void writeLog(const GroupWriter &run, const RunLog &log)
{
    const std::string text = toJsonLines(log);
    const auto bytes = std::as_bytes(std::span{text});
    const auto node = run.bytes("log", {bytes.size()}, h5::fileType<std::uint8_t>(), bytes, Packing::Gzip);
    node.label("what was done in the run, a line of JSON each, UTF-8", "");
    node.attribute("complete", log.isComplete);
    node.attribute("digest", log.digest());
}

void writeModule(const GroupWriter &run, std::span<const std::byte> module)
{
    if (!module.empty())
        run.bytes("module", {module.size()}, h5::fileType<std::uint8_t>(), module, Packing::Plain).label("TorchScript archive", "");
}

void fill(const GroupWriter &root, const SnapshotData &data)
{
    root.viewerText("NX_class", "NXroot");
    root.viewerText("default", "run");
    root.attribute("format", schema::kFormat);
    root.attribute("version_major", std::int64_t{kSnapshotMajor});
    root.attribute("version_minor", std::int64_t{kSnapshotMinor});
    root.viewerText("program", "Condensate");
    root.attribute("program_version", CONDENSATE_VERSION);
    const auto run = root.group("run", "NXentry");
    // Leads a viewer to the accuracy curve or, before there is one, to the first layer's histogram.
    if (!data.run.history.empty())
        run.viewerText("default", "series");
    else if (!data.network.layers.empty())
        run.viewerText("default", "layers");
    writeFacts(run, data);
    const auto layers = run.group("layers", "NXcollection");
    const auto &infos = data.run.description.layers;
    layers.attribute("count", static_cast<std::uint64_t>(infos.size()));
    if (!infos.empty())
        layers.viewerText("default", schema::layerGroupName(infos.front()));
    for (std::size_t l = 0; l < infos.size(); ++l)
        writeLayer(layers, data, l);
    writeFloatLayers(run, data.run.description.floatLayers);
    writeModule(run, data.network.module);
    writeSeries(run, data);
    writeState(run, data);
    writeLog(run, data.run.log);
}

/// Somewhat more than the finished file, so that its memory is taken once.
std::size_t expectedBytes(const SnapshotData &data)
{
    constexpr std::size_t kOverhead = std::size_t{1} << 20;
    std::size_t bytes = kOverhead + data.network.module.size();
    for (const auto &layer : data.training.layers)
        bytes += 5 * layer.weights.size() + 4096;
    for (const auto *arrays : {&data.network.arrays, &data.training.arrays}) {
        for (const auto &array : *arrays)
            bytes += array.bytes.size() + 4096;
    }
    return bytes + bytes / 32;
}

h5::FileImage image(const SnapshotData &data)
{
    const h5::Session session;
    return h5::buildFile(expectedBytes(data), [&](const GroupWriter &root) { fill(root, data); });
}

} // namespace

Result<void> writeSnapshot(const SnapshotData &data, const std::filesystem::path &file, const std::filesystem::path &previous)
{
    const auto sentence = [&](std::string_view why) { return fmt::format("{} was not written: {}.", inQuotes(file), why); };
    return h5::withoutThrowing(ErrorCode::Unwritable, sentence, [&]() -> Result<void> {
        if (auto sound = checkSnapshot(data); !sound)
            return fail(ErrorCode::Internal, sentence("the run's own data contradict each other: " + sound.error().text));
        const auto finished = image(data);
        return replaceFile(file, finished.bytes(), previous);
    });
}

} // namespace engine
