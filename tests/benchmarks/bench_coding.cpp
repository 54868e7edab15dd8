// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sizes of packed codes against their entropy and general compressors, and how fast they are written and read.
#include "engine/coding/packedfile.h"
#include "engine/coding/sizeaccount.h"
#include "tests/benchmarks/alternation.h"
#include "tests/support/samplepacked.h"
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <ctime>
#include <unistd.h>

using namespace benchmarks;
using namespace engine;

namespace {

/// A file that goes when the benchmark does.
class ScratchFile {
public:
    ScratchFile() : m_path{std::filesystem::temp_directory_path() / ("bench_coding." + std::to_string(::getpid()))} {}
    ScratchFile(const ScratchFile &) = delete;
    ScratchFile &operator=(const ScratchFile &) = delete;
    ~ScratchFile() { std::filesystem::remove(m_path); }
    const std::filesystem::path &path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
};

template <typename T>
T need(Result<T> result)
{
    if (!result)
        throw std::runtime_error(result.error().text);
    return *std::move(result);
}

/// Bytes that a program makes of a file, on its standard output.
double compressedBytes(const std::string &program, const std::filesystem::path &file)
{
    FILE *pipe = ::popen((program + " '" + file.string() + "' | wc -c").c_str(), "r");
    double bytes = 0;
    const bool isRead = pipe && std::fscanf(pipe, "%lf", &bytes) == 1;
    if (pipe)
        ::pclose(pipe);
    if (!isRead || bytes < 1)
        throw std::runtime_error(program + " cannot be run");
    return bytes;
}

/// VGG16 with the codes' shares equal to those of k Gaussian cells, or one of them `percent`; one of `part`
/// output channels, so that a trial is short.
PackedModel modelOf(int k, int percent, std::int64_t part)
{
    auto model = support::packedVgg16(percent == 0 ? support::gaussianShares(k) : support::skewedShares(k, percent / 100.0));
    for (auto &kernel : model.kernels) {
        const auto each = kernel.codes.size() / static_cast<std::size_t>(kernel.shape[0]);
        kernel.shape[0] = std::max<std::int64_t>(1, kernel.shape[0] / part);
        kernel.channels = static_cast<std::uint64_t>(kernel.shape[0]);
        kernel.codes.resize(each * kernel.channels);
    }
    return model;
}

/// What this thread computed, so that programs beside it do not count.
double threadSeconds()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Float32 bytes a second of all kernels on one core.
double decodeRate(const std::vector<std::byte> &file, int rounds)
{
    const auto reader = need(PackedReader::view(file, "file"));
    const auto &kernels = reader.contents().kernels;
    std::vector<float> weights(std::ranges::max_element(kernels, {}, &PackedKernelEntry::weights)->weights, 1.0f);
    std::vector<double> seconds;
    double bytes = 0;
    for (int round = 0; round < rounds; ++round) {
        bytes = 0;
        const double begin = threadSeconds();
        for (std::size_t i = 0; i < kernels.size(); ++i) {
            if (auto good = reader.decodeWeights(i, std::span{weights}.first(kernels[i].weights)); !good)
                throw std::runtime_error(good.error().text);
            bytes += 4.0 * static_cast<double>(kernels[i].weights);
        }
        seconds.push_back(threadSeconds() - begin);
    }
    return bytes / median(seconds);
}

std::uint64_t codeBytes(const std::vector<std::byte> &file, std::uint64_t *tables = nullptr)
{
    std::uint64_t bytes = 0;
    for (const auto &layer : accountBytes(need(PackedReader::view(file, "file")).contents()).layers) {
        bytes += layer.codes + layer.tables;
        if (tables)
            *tables += layer.tables;
    }
    return bytes;
}

/// The whole command, from the start of its process to its end.
void tellInfo(const std::filesystem::path &file)
{
    if (std::system((std::string{CONDENSATE_PROGRAM " info '"} + file.string() + "' > /dev/null").c_str()) != 0)
        throw std::runtime_error{"condensate info failed"};
}

void sizes(benchmark::State &state, int k, int percent, std::int64_t part, bool others)
try {
    const auto model = modelOf(k, percent, part);
    const ScratchFile scratch;
    double entropy = 0;
    std::ofstream plain{scratch.path(), std::ios::binary};
    for (const auto &kernel : model.kernels) {
        entropy += support::entropyBytes(kernel.codes, k);
        plain.write(reinterpret_cast<const char *>(kernel.codes.data()), static_cast<std::streamsize>(kernel.codes.size()));
    }
    plain.close();
    std::vector<double> packing;
    std::vector<std::byte> file;
    for ([[maybe_unused]] auto round : state) {
        packing.push_back(secondsOf([&] { file = need(packToMemory(model)); }));
        state.SetIterationTime(packing.back());
    }
    std::uint64_t tables = 0;
    state.counters["bytes"] = static_cast<double>(codeBytes(file, &tables));
    state.counters["tables"] = static_cast<double>(tables);
    state.counters["entropy"] = entropy;
    state.counters["weights"] = static_cast<double>(std::filesystem::file_size(scratch.path()));
    state.counters["pack_seconds"] = median(packing);
    state.counters["decode_rate"] = decodeRate(file, 5);
    for (const auto coder : kCoders) {
        const auto coded = need(packToMemory(model, {.coder = coder}));
        state.counters["bytes_" + std::string{name(coder)}] = static_cast<double>(codeBytes(coded));
        state.counters["decode_rate_" + std::string{name(coder)}] = decodeRate(coded, 3);
    }
    if (others)
        for (const auto &[what, program] :
             {std::pair{"bytes_gzip", "gzip -9 -c"}, {"bytes_xz", "xz -9 -c"}, {"bytes_zstd", "zstd -19 -q -c"}})
            state.counters[what] = compressedBytes(program, scratch.path());
    need(writePacked(model, scratch.path()));
    std::vector<double> listing;
    for (int round = 0; round < 9; ++round)
        listing.push_back(secondsOf([&] { tellInfo(scratch.path()); }));
    state.counters["info_seconds"] = median(listing);
} catch (const std::exception &error) {
    state.SkipWithError(error.what());
}

} // namespace

int main(int argc, char **argv)
{
    const auto rounds = takeOption(argc, argv, "rounds", 5);
    const auto part = takeOption(argc, argv, "part", 1);         // only every so many output channels
    const bool others = takeOption(argc, argv, "others", 1) == 1; // 2: without gzip, xz and zstd, which take minutes
    for (const int k : {2, 4, 16, 256})
        for (const int percent : {0, 90, 99})
            addRounds("sizes/k" + std::to_string(k) + "/" + (percent == 0 ? "gaussian" : "share0." + std::to_string(percent)), rounds,
                      sizes, k, percent, part, others);
    return runRegistered(argc, argv);
}
