// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/coder.h"
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

inline constexpr int kPackedMajor = 1; ///< readers refuse a newer one
inline constexpr int kPackedMinor = 1; ///< additions only; readers ignore what they do not know

/// Weights, as many as codes take bytes in memory, that a reader accepts in all kernels of a file: a layer of one value
/// takes no bytes, so the size of a file does not limit them.
inline constexpr std::uint64_t kMaxPackedWeights = kMaxCodes;

/// A stretch of a file.
struct PackedSection {
    std::string type;           ///< four letters
    std::uint64_t offset = 0;   ///< of the content, from the beginning of the file
    std::uint64_t bytes = 0;    ///< of the content; 16 more stand before it
    std::uint32_t checksum = 0;
};

/// A kernel as the table of contents lists it; see PackedKernel.
struct PackedKernelEntry {
    std::string name, kind;
    std::vector<std::int64_t> shape;
    std::uint64_t firstChannel = 0, channels = 0, weights = 0; ///< weights: of these channels
    std::uint32_t codebook = 0;  ///< number of the codebook
    int k = 0;
    int used = 0;                ///< representatives that occur
    float entropy = 0;           ///< order-0 entropy of the codes, bits a weight
    Coder coder = Coder::IndexMap;
    std::uint64_t tableBytes = 0; ///< of the stream, see CodedStream
    PackedSection stream;
    bool isWhole() const noexcept { return channels == static_cast<std::uint64_t>(shape.front()); }
};

/// A tensor of floats as the table of contents lists it; see PackedTensor.
struct PackedTensorEntry {
    std::string name;
    std::vector<std::int64_t> shape;
    PackedTensor::Stored stored = PackedTensor::Stored::Float32;
    std::uint64_t values = 0;
    std::uint64_t offset = 0, bytes = 0; ///< in the file
};

/// What a packed file says about itself: all but codes, codebooks, floats and a TorchScript network's code.
struct PackedContents {
    int minorVersion = 0;
    PackedNetwork network; ///< without its code
    PackedData data;
    PackedAccuracy accuracy;
    PackedProvenance provenance;
    std::vector<PackedKernelEntry> kernels;
    std::vector<PackedTensorEntry> tensors;
    std::vector<int> codebooks;          ///< k of each
    std::vector<PackedSection> sections; ///< all, in their order
    std::uint64_t fileBytes = 0;
};

struct PackOptions {
    std::optional<Coder> coder{}; ///< for all kernels; the smallest for each where left out
    bool halfTensors = false;   ///< tensors as float16 where their values are in its range
    int threads = 0;            ///< that encode kernels; 0: as many as usableProcessors
    std::stop_token stop{};     ///< once asked for, no further kernel is encoded, and packing fails
};

/// The file as bytes.
/// Errors: BadValue or NotFinite, naming what of the model breaks a rule of packedmodel.h; Internal where memory
/// runs out.
Result<std::vector<std::byte>> packToMemory(const PackedModel &model, const PackOptions &options = {});

/// What that file would say of itself, for those who want its size alone: as readPackedHeader would give it,
/// but for checksums. Tensors need no values, for their shapes tell how many there are. Errors: those of
/// packToMemory.
Result<PackedContents> planPacked(const PackedModel &model, const PackOptions &options = {});

/// Puts a packed file under that name, as replaceFile does. Returns its bytes. Errors: those of packToMemory;
/// Unwritable.
Result<std::uint64_t> writePacked(const PackedModel &model, const std::filesystem::path &file, const PackOptions &options = {});

/// Whether the file can be read and begins as packed files do.
bool isPackedFile(const std::filesystem::path &file);

/// The table of contents alone; what it does not hold is neither read nor checked. Some milliseconds.
/// Errors: NotFound, Unreadable, BadFormat (what is wrong, expected, found), TooNew.
Result<PackedContents> readPackedHeader(const std::filesystem::path &file);

/// Reads and checks a whole file. Takes memory for the file, 16 MiB for each of three descriptions at most,
/// and for the weights that the contents list, kMaxPackedWeights at most. Errors: as readPackedHeader.
Result<PackedModel> readPacked(const std::filesystem::path &file);
/// The same of bytes in memory, called `where` in errors.
Result<PackedModel> readPackedBytes(std::span<const std::byte> bytes, const std::string &where,
                                    std::uint64_t maxWeights = kMaxPackedWeights);

/// An open file, whose kernels are decoded one by one. All checksums were checked when it was opened.
class PackedReader {
public:
    PackedReader(PackedReader &&) = default; // a copy would look into the bytes of another
    PackedReader &operator=(PackedReader &&) = default;

    static Result<PackedReader> open(const std::filesystem::path &file);
    /// Requires: the bytes outlive the reader.
    static Result<PackedReader> view(std::span<const std::byte> bytes, const std::string &where,
                                     std::uint64_t maxWeights = kMaxPackedWeights);

    const PackedContents &contents() const noexcept { return m_contents; }
    const std::vector<float> &codebook(std::size_t kernel) const { return m_codebooks[m_contents.kernels[kernel].codebook]; }
    /// Requires: codes.size() is the kernel's `weights`. Errors: BadFormat. Several threads may decode at once.
    Result<void> decodeCodes(std::size_t kernel, std::span<CodeIndex> codes) const;
    /// codebook[code] of each weight, as decodeCodes, without memory for all codes.
    Result<void> decodeWeights(std::size_t kernel, std::span<float> weights) const;
    /// Requires: values.size() is the tensor's `values`.
    void readTensor(std::size_t tensor, std::span<float> values) const noexcept;
    std::span<const std::byte> networkCode() const noexcept;

private:
    PackedReader() = default;

    std::vector<std::byte> m_owned;
    std::span<const std::byte> m_bytes;
    std::string m_where;
    PackedContents m_contents;
    std::vector<std::vector<float>> m_codebooks;
};

} // namespace engine
