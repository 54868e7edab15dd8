// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/history.h"
#include "engine/storage/snapshot.h"
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Names in a snapshot file, for its writer and its reader alike. resources/help/snapshot-format.md explains them.
namespace engine::schema {

inline constexpr std::string_view kFormat = "condensate-snapshot";

/// What a run is, beside its parameters: attributes of /run. With an underscore, so that no parameter key is like one.
template <typename Number>
struct Fact {
    const char *name;
    Number RunDescription::*member;
};
struct Print {
    const char *name;
    std::string Fingerprints::*member;
};
inline constexpr auto kCounts = std::to_array<Fact<std::uint64_t>>({
    {"train_images", &RunDescription::trainImages},
    {"validation_images", &RunDescription::validationImages},
    {"test_images", &RunDescription::testImages},
    {"float_parameters", &RunDescription::floatParameters},
    {"steps_per_epoch", &RunDescription::stepsPerEpoch},
    {"warmup_steps", &RunDescription::warmupSteps},
    {"cluster_steps", &RunDescription::clusterSteps},
    {"commit_steps", &RunDescription::commitSteps},
});
inline constexpr auto kTexts = std::to_array<Fact<std::string>>({
    {"data_name", &RunDescription::dataName},
    {"model_name", &RunDescription::modelName},
    {"blas_name", &RunDescription::blasName},
});

struct EndFigure {
    const char *name;
    std::optional<double> RunRecord::*member;
};
inline constexpr auto kEndFigures = std::to_array<EndFigure>({
    {"latent_test_accuracy", &RunRecord::latentTestAccuracy},
    {"snapped_test_accuracy", &RunRecord::snappedTestAccuracy},
    {"snapped_as_trained_test_accuracy", &RunRecord::snappedAsTrainedTestAccuracy},
    {"waiting_share", &RunRecord::waitingShare},
    {"measuring_share", &RunRecord::measuringShare},
});
inline constexpr auto kFingerprints = std::to_array<Print>({
    {"data_fingerprint", &Fingerprints::data},
    {"start_fingerprint", &Fingerprints::startWeights},
    {"module_fingerprint", &Fingerprints::module},
});

/// One column of a table of samples.
template <typename Owner, typename Number>
struct Column {
    const char *name;
    Number Owner::*member;
    const char *longName;
    const char *units;
};

/// /run/series/<name>: float64 columns against "step"; the first is the signal of the plot, the others join it.
struct Series {
    const char *name;
    const char *title;
    std::vector<Column<Sample, double>> columns;
};
std::span<const Series> seriesTable();

/// /run/series/layers/<layer>/measures: float32 columns against "step".
std::span<const Column<LayerSample, float>> measureTable() noexcept;

/// "003 features.9": sorts in forward order; slashes, which HDF5 reserves, become "|".
std::string layerGroupName(const LayerInfo &info);

/// Paths below /run/state, in the order of `names`: slashes make groups; what HDF5 cannot hold is written %XX; a name
/// that another one continues ("a" beside "a/b") gets a trailing "%". Exact names stand in an attribute.
std::vector<std::string> statePaths(std::span<const std::string_view> names);

/// Bytes of one value.
std::size_t sizeOf(NamedArray::Type type) noexcept;

} // namespace engine::schema
