// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/imagedecoder.h"
#include "engine/data/inputfile.h"
#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <string_view>

#include <png.h>
#include <turbojpeg.h>

namespace engine {
namespace {

constexpr int kLongestSide = 16384;
constexpr std::size_t kMostPixels = std::size_t{1} << 26;
constexpr std::size_t kMostFileBytes = std::size_t{128} << 20;
constexpr std::size_t kFirstBytes = std::size_t{64} << 10; // hold the header, unless long comments stand before it

using Path = std::filesystem::path;
using Bytes = std::span<const std::uint8_t>;

std::unexpected<Error> badImage(const Path &file, const std::string &expected, const std::string &found,
                                ErrorCode code = ErrorCode::BadFormat)
{
    return fail(code, "The image " + quoted(file) + " is not usable: expected " + expected + ", found " + found + ".");
}

std::unexpected<Error> damaged(const Path &file, const char *format, const std::string &why)
{
    return badImage(file, std::string{"a whole "} + format + " image", "damage (" + why + ")");
}

Result<ImageHeader> withinLimits(const Path &file, const ImageHeader &header)
{
    if (std::max(header.width, header.height) > kLongestSide || header.pixels() > kMostPixels)
        return badImage(file, "sides of up to " + std::to_string(kLongestSide) + " and " + std::to_string(kMostPixels) + " pixels in all",
                        std::to_string(header.width) + "×" + std::to_string(header.height));
    return header;
}

/// The file's beginning, at most `most` bytes.
Result<std::vector<std::uint8_t>> readBytes(const Path &path, std::size_t most)
{
    auto file = InputFile::open(path);
    if (!file)
        return std::unexpected(file.error());
    if (file->sizeBytes() > kMostFileBytes)
        return badImage(path, "a file of at most " + std::to_string(kMostFileBytes) + " bytes", std::to_string(file->sizeBytes()));
    std::vector<std::uint8_t> bytes(std::min<std::size_t>(file->sizeBytes(), most));
    const auto got = file->read(bytes);
    if (!got)
        return std::unexpected(got.error());
    bytes.resize(*got);
    return bytes;
}

/// libpng's simplified interface: messages, warnings among them, stay in the structure, and no long jump
/// passes our frames.
class PngReader {
public:
    PngReader(const Path &file, Bytes bytes) : m_file{file}, m_bytes{bytes} { m_image.version = PNG_IMAGE_VERSION; }
    PngReader(const PngReader &) = delete;
    PngReader &operator=(const PngReader &) = delete;
    ~PngReader() { ::png_image_free(&m_image); }

    static bool knows(Bytes bytes) { return bytes.size() >= 8 && ::png_sig_cmp(bytes.data(), 0, 8) == 0; }

    Result<ImageHeader> header()
    {
        if (!::png_image_begin_read_from_memory(&m_image, m_bytes.data(), m_bytes.size()))
            return damaged(m_file, "PNG", m_image.message);
        // libpng has checked that neither exceeds a million
        return withinLimits(m_file, {.width = static_cast<int>(m_image.width), .height = static_cast<int>(m_image.height),
                                     .grey = (m_image.format & PNG_FORMAT_FLAG_COLOR) == 0});
    }

    /// After header().
    Result<DecodedImage> decode(const ImageHeader &header, int channels)
    {
        m_image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
        m_image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; // as all other programs take 16 bits that do not say what they are
        DecodedImage result{.width = header.width, .height = header.height, .channels = channels,
                            .pixels = std::vector<std::uint8_t>(header.pixels() * static_cast<std::size_t>(channels))};
        constexpr png_color kBlack{0, 0, 0};
        if (!::png_image_finish_read(&m_image, &kBlack, result.pixels.data(), 0, nullptr))
            return damaged(m_file, "PNG", m_image.message);
        return result;
    }

private:
    const Path &m_file;
    Bytes m_bytes;
    png_image m_image{};
};

class JpegReader {
public:
    JpegReader(const Path &file, Bytes bytes) : m_file{file}, m_bytes{bytes}, m_decoder{::tjInitDecompress()}
    {
        if (!m_decoder)
            throw std::bad_alloc{};
    }

    static bool knows(Bytes bytes) { return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff; }

    Result<ImageHeader> header()
    {
        ImageHeader header;
        int subsampling = 0, colours = 0;
        const int state =
            ::tjDecompressHeader3(m_decoder.get(), m_bytes.data(), m_bytes.size(), &header.width, &header.height, &subsampling, &colours);
        if (failed(state) || header.width < 1 || header.height < 1)
            return damaged(m_file, "JPEG", ::tjGetErrorStr2(m_decoder.get()));
        if (colours == TJCS_CMYK || colours == TJCS_YCCK)
            return badImage(m_file, "grey values or RGB colours", "colours for print (CMYK)", ErrorCode::Unsupported);
        header.grey = colours == TJCS_GRAY;
        return withinLimits(m_file, header);
    }

    /// After header().
    Result<DecodedImage> decode(const ImageHeader &header, int channels, int sideWanted)
    {
        tjscalingfactor factor{1, 1};
        for (const int divisor : {2, 4, 8}) {
            const tjscalingfactor smaller{1, divisor};
            if (std::min(TJSCALED(header.width, smaller), TJSCALED(header.height, smaller)) >= sideWanted)
                factor = smaller;
        }
        DecodedImage result{
            .width = TJSCALED(header.width, factor), .height = TJSCALED(header.height, factor), .channels = channels, .pixels = {}};
        result.pixels.resize(static_cast<std::size_t>(result.width) * static_cast<std::size_t>(result.height) *
                             static_cast<std::size_t>(channels));
        // The limit is on scans: thousands of them in a small file would take hours.
        const int state = ::tjDecompress2(m_decoder.get(), m_bytes.data(), m_bytes.size(), result.pixels.data(), result.width, 0,
                                          result.height, channels == 1 ? TJPF_GRAY : TJPF_RGB, TJFLAG_LIMITSCANS);
        if (failed(state))
            return damaged(m_file, "JPEG", ::tjGetErrorStr2(m_decoder.get()));
        return result;
    }

private:
    struct Closer { void operator()(void *decoder) const noexcept { ::tjDestroy(decoder); } };

    /// Most of what TurboJPEG only warns of leaves it without pixels, a cut file above all. Two warnings cost
    /// none and are frequent in photographs: bytes to skip between two segments, and a version number that it
    /// does not know.
    bool failed(int state) const
    {
        if (state == 0)
            return false;
        const std::string_view text = ::tjGetErrorStr2(m_decoder.get());
        return ::tjGetErrorCode(m_decoder.get()) != TJERR_WARNING || !(text.contains("extraneous bytes") || text.contains("JFIF revision"));
    }

    const Path &m_file;
    Bytes m_bytes;
    std::unique_ptr<void, Closer> m_decoder;
};

std::unexpected<Error> neither(const Path &file, Bytes bytes)
{
    return badImage(file, "a PNG or JPEG image", bytes.empty() ? "an empty file" : "a file of another kind");
}

Result<ImageHeader> headerOf(const Path &file, Bytes bytes)
{
    if (PngReader::knows(bytes))
        return PngReader{file, bytes}.header();
    if (JpegReader::knows(bytes))
        return JpegReader{file, bytes}.header();
    return neither(file, bytes);
}

} // namespace

Result<ImageHeader> readImageHeader(const Path &file)
{
    auto bytes = readBytes(file, kFirstBytes);
    if (!bytes)
        return std::unexpected(bytes.error());
    auto header = headerOf(file, *bytes);
    if (header || bytes->size() < kFirstBytes)
        return header;
    bytes = readBytes(file, kMostFileBytes);
    return bytes ? headerOf(file, *bytes) : std::unexpected(bytes.error());
}

Result<DecodedImage> decodeImage(const Path &file, int channels, int sideWanted)
{
    const auto bytes = readBytes(file, kMostFileBytes);
    if (!bytes)
        return std::unexpected(bytes.error());
    const auto decodeWith = [](auto &&reader, auto... wanted) -> Result<DecodedImage> {
        const auto header = reader.header();
        return header ? reader.decode(*header, wanted...) : std::unexpected(header.error());
    };
    if (PngReader::knows(*bytes))
        return decodeWith(PngReader{file, *bytes}, channels);
    if (JpegReader::knows(*bytes))
        return decodeWith(JpegReader{file, *bytes}, channels, sideWanted);
    return neither(file, *bytes);
}

} // namespace engine
