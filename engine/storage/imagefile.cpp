// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/imagefile.h"
#include "engine/files/atomicfile.h"
#include "engine/storage/h5reader.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

using h5::Failure;
using h5::GroupReader;

constexpr auto kTrainImages = "images", kTrainLabels = "labels", kTestImages = "test_images", kTestLabels = "test_labels";
constexpr auto kClassNames = "class_names", kMirrorIsSafe = "mirror_is_safe";

/// The values that become 0 and 255.
struct Range {
    float low = 0, high = 1;
};

Range rangeOf(const std::vector<float> &values)
{
    const auto bad = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
    if (bad != values.end())
        throw Failure{ErrorCode::BadFormat, fmt::format("/{}: expected finite numbers, found {}", kTrainImages, *bad)};
    const auto [low, high] = std::ranges::minmax(values);
    return low >= 0 && high <= 1 ? Range{} : Range{low, high};
}

std::vector<std::uint8_t> scaled(const std::vector<float> &values, const Range &range)
{
    std::vector<std::uint8_t> result(values.size());
    const double width = static_cast<double>(range.high) - range.low;
    std::ranges::transform(values, result.begin(), [&](float value) {
        const double share = width > 0 ? (static_cast<double>(value) - range.low) / width : 0.0;
        return static_cast<std::uint8_t>(std::lround(255.0 * (share >= 0 ? std::min(share, 1.0) : 0.0))); // NaN, too, becomes 0
    });
    return result;
}

class Reader {
public:
    explicit Reader(GroupReader root) : m_root{std::move(root)} {}

    ImageFile readAll()
    {
        ImageFile file;
        file.train = part(kTrainImages, kTrainLabels);
        if (m_root.has(kTestImages) || m_root.has(kTestLabels)) {
            file.test = part(kTestImages, kTestLabels);
            if (!std::ranges::equal(std::span{file.test->shape}.subspan(1), std::span{file.train.shape}.subspan(1)))
                throw Failure{ErrorCode::BadFormat,
                              fmt::format("/{}: expected images of {} × {} × {} as in /{}, found {} × {} × {}", kTestImages,
                                          file.train.shape[1], file.train.shape[2], file.train.shape[3], kTrainImages, file.test->shape[1],
                                          file.test->shape[2], file.test->shape[3])};
        }
        if (m_root.hasAttribute(kClassNames))
            file.classNames = m_root.textsOfAnyLength(kClassNames);
        file.mirrorIsSafe = m_root.hasAttribute(kMirrorIsSafe) && m_root.flag(kMirrorIsSafe);
        return file;
    }

private:
    ImageFile::Part part(const char *images, const char *labels)
    {
        const h5::Shape shape = m_root.shape(images);
        if (shape.size() != 4 || std::ranges::find(shape, 0u) != shape.end())
            throw Failure{ErrorCode::BadFormat,
                          fmt::format("/{}: expected images × channels × height × width, found {}", images, h5::toText(shape))};
        ImageFile::Part result;
        std::ranges::copy(shape, result.shape.begin());
        result.labels = m_root.wholes(labels, {shape[0]});
        if (m_root.hasType(images, h5::fileType<std::uint8_t>())) {
            result.pixels = m_root.values<std::uint8_t>(images, shape);
        } else if (m_root.hasType(images, h5::fileType<float>())) {
            const auto values = m_root.values<float>(images, shape);
            if (!m_range)
                m_range = rangeOf(values); // that of the training images, which come first
            result.pixels = scaled(values, *m_range);
        } else {
            throw Failure{ErrorCode::BadFormat, fmt::format("/{}: expected values of type uint8 or float32, found another type", images)};
        }
        return result;
    }

    GroupReader m_root;
    std::optional<Range> m_range;
};

} // namespace

Result<ImageFile> readImageFile(const std::filesystem::path &file)
{
    const auto sentence = [&](std::string_view why) { return fmt::format("The images in {} cannot be read: {}.", inQuotes(file), why); };
    return h5::withoutThrowing(ErrorCode::Unreadable, sentence, [&]() -> Result<ImageFile> {
        const h5::Session session;
        return Reader{h5::FileReader{file}.root()}.readAll();
    });
}

} // namespace engine
