// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/minibatches.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <new>
#include <numeric>
#include <random>
#include <set>
#include <tuple>

#include <sys/resource.h>

using namespace engine;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::vector<std::uint32_t> firstIndices(std::size_t count)
{
    std::vector<std::uint32_t> indices(count);
    std::iota(indices.begin(), indices.end(), 0u);
    return indices;
}

/// Random images; the first two values of image i are i % 256 and i / 256, its label is i % 10.
ImageSet numbered(std::size_t count, int channels, int side)
{
    ImageSet images{.channels = channels, .height = side, .width = side, .pixels = {}, .labels = {}};
    images.pixels.resize(count * images.imageBytes());
    std::mt19937 random{11};
    std::ranges::generate(images.pixels, [&] { return static_cast<std::uint8_t>(random()); });
    for (std::size_t i = 0; i < count; ++i) {
        images.pixels[i * images.imageBytes()] = static_cast<std::uint8_t>(i % 256);
        images.pixels[i * images.imageBytes() + 1] = static_cast<std::uint8_t>(i / 256);
        images.labels.push_back(static_cast<std::uint8_t>(i % 10));
    }
    return images;
}

/// Leaves grey values as they are, so that a test can read them off.
Normalisation greys(int channels)
{
    const auto n = static_cast<std::size_t>(channels);
    return {.mean = std::vector<float>(n, 0.0f), .deviation = std::vector<float>(n, 1.0f / 255)};
}

MinibatchOptions plain(int batchSize, std::uint64_t seed = 1)
{
    return {.batchSize = batchSize, .pad = false, .mirror = false, .seed = seed};
}

/// Which images of `numbered` an unchanged minibatch holds.
std::vector<std::uint32_t> numbersOf(const Minibatch &batch, std::size_t imageValues)
{
    std::vector<std::uint32_t> numbers;
    for (std::size_t at = 0; at < batch.pixels.size(); at += imageValues)
        numbers.push_back(static_cast<std::uint32_t>(std::lround(batch.pixels[at]) + 256 * std::lround(batch.pixels[at + 1])));
    return numbers;
}

/// Grey value of the crop as its definition says, one pixel at a time: pad with black, cut out, then flip.
std::uint8_t expectedGrey(const ImageSet &images, std::uint32_t image, int channel, int y, int x, std::tuple<int, int, bool> variation)
{
    const auto [down, right, mirrored] = variation;
    const int row = y + down, column = (mirrored ? images.width - 1 - x : x) + right;
    if (row < 0 || row >= images.height || column < 0 || column >= images.width)
        return 0;
    return images.image(image)[static_cast<std::size_t>((channel * images.height + row) * images.width + column)];
}

bool equalsVariation(const ImageSet &images, std::uint32_t image, std::tuple<int, int, bool> variation, const float *pixels)
{
    for (int c = 0; c < images.channels; ++c) {
        for (int y = 0; y < images.height; ++y) {
            for (int x = 0; x < images.width; ++x, ++pixels) {
                if (std::lround(*pixels) != expectedGrey(images, image, c, y, x, variation))
                    return false;
            }
        }
    }
    return true;
}

} // namespace

class TstMinibatches : public QObject {
    Q_OBJECT

private slots:
    void anyStartGivesTheSameBatches();
    void anEpochTakesEachImageOnce();
    void seedsAndEpochsDiffer();
    void theOrderNeverChanges();
    void augmentationIsWhatItClaims_data();
    void augmentationIsWhatItClaims();
    void oneSwitchLeavesTheOtherAlone();
    void normalises();
    void evaluationIsUnchanged();
    void waitingIsCounted();
    void memoryStaysBounded();
    void noMemoryIsReported();
    void endsEarly();
    void speed();
};

void TstMinibatches::anyStartGivesTheSameBatches()
{
    const auto images = numbered(530, 3, 32);
    const auto indices = firstIndices(530);
    const MinibatchOptions options{.batchSize = 50, .pad = true, .mirror = true, .seed = 9}; // 10 minibatches an epoch
    QCOMPARE(MinibatchStream::batchesPerEpoch(530, 50), 10u);
    std::vector<Minibatch> all;
    MinibatchStream whole{images, indices, greys(3), options, 0};
    for (int i = 0; i < 25; ++i)
        all.push_back(whole.next());
    for (const std::uint64_t start : {1, 9, 10, 11, 20}) {
        MinibatchStream stream{images, indices, greys(3), options, start};
        for (std::uint64_t s = start; s < 25; ++s) {
            auto batch = stream.next();
            QVERIFY(batch.pixels == all[s].pixels && batch.labels == all[s].labels);
            std::ranges::fill(batch.pixels, -1.0f);
            batch.labels.resize(s); // whatever a used buffer holds must not show
            stream.recycle(std::move(batch));
        }
    }
}

void TstMinibatches::anEpochTakesEachImageOnce()
{
    const auto images = numbered(1000, 1, 8);
    std::vector<std::uint32_t> indices; // a training set with holes
    for (std::uint32_t i = 0; i < 1000; i += 3)
        indices.push_back(i);
    MinibatchStream stream{images, indices, greys(1), plain(32), 0};
    const auto perEpoch = MinibatchStream::batchesPerEpoch(indices.size(), 32);
    for (int epoch = 0; epoch < 5; ++epoch) {
        std::set<std::uint32_t> seen;
        for (std::uint64_t s = 0; s < perEpoch; ++s) {
            const auto batch = stream.next();
            QCOMPARE(batch.labels.size(), 32u);
            const auto numbers = numbersOf(batch, 64);
            for (std::size_t i = 0; i < numbers.size(); ++i) {
                QVERIFY2(seen.insert(numbers[i]).second, "an image came twice in an epoch");
                QVERIFY2(numbers[i] % 3 == 0, "an image outside the training set");
                QCOMPARE(batch.labels[i], static_cast<std::int64_t>(numbers[i] % 10));
            }
        }
        QCOMPARE(seen.size(), indices.size() / 32 * 32);
    }
}

void TstMinibatches::seedsAndEpochsDiffer()
{
    const auto images = numbered(600, 1, 8);
    const auto indices = firstIndices(600);
    const auto epochOf = [&](std::uint64_t seed, std::uint64_t epoch) {
        return numbersOf(MinibatchStream{images, indices, greys(1), plain(600, seed), epoch}.next(), 64);
    };
    std::set<std::vector<std::uint32_t>> orders;
    double correlation = 0;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        for (std::uint64_t epoch = 0; epoch < 6; ++epoch) {
            const auto order = epochOf(seed, epoch);
            orders.insert(order);
            for (std::size_t i = 0; i < order.size(); ++i)
                correlation += (static_cast<double>(i) - 299.5) * (order[i] - 299.5) / (600.0 * 600 * 600 / 12);
        }
    }
    QCOMPARE(orders.size(), 36u);
    QVERIFY2(std::abs(correlation / 36) < 0.03, "late images come late: badly shuffled"); // 4 standard errors
}

void TstMinibatches::theOrderNeverChanges() // a run continued from an old snapshot must see what it would have seen
{
    const auto images = numbered(600, 1, 8);
    const auto indices = firstIndices(600);
    MinibatchStream stream{images, indices, greys(1), plain(6, 1), 103};
    QCOMPARE(numbersOf(stream.next(), 64), (std::vector<std::uint32_t>{70, 289, 163, 14, 436, 205}));
    const auto two = firstIndices(2); // each order of two must be possible
    std::set<std::vector<std::uint32_t>> orders;
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch)
        orders.insert(numbersOf(MinibatchStream{images, two, greys(1), plain(2), epoch}.next(), 64));
    QCOMPARE(orders.size(), 2u);
    MinibatchStream varied{images, indices, greys(1), {.batchSize = 6, .pad = true, .mirror = true, .seed = 1}, 103};
    const auto batch = varied.next();
    quint32 digest = 2166136261u; // FNV-1a of the grey values
    for (const float value : batch.pixels)
        digest = (digest ^ static_cast<quint32>(std::lround(value))) * 16777619u;
    QCOMPARE(digest, 3374644524u);
}

void TstMinibatches::augmentationIsWhatItClaims_data()
{
    QTest::addColumn<int>("side");
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("padding");
    QTest::addColumn<bool>("pad");
    QTest::addColumn<bool>("mirror");
    QTest::newRow("32×32 colour, both") << 32 << 3 << 4 << true << true;
    QTest::newRow("28×28 grey, both") << 28 << 1 << 2 << true << true;
    QTest::newRow("crop alone") << 32 << 1 << 4 << true << false;
    QTest::newRow("flip alone") << 32 << 3 << 4 << false << true;
    QTest::newRow("a side of 1") << 1 << 1 << 2 << true << true;
}

void TstMinibatches::augmentationIsWhatItClaims()
{
    QFETCH(int, side);
    QFETCH(int, channels);
    QFETCH(int, padding);
    QFETCH(bool, pad);
    QFETCH(bool, mirror);
    if (side == 1) { // nothing to tell apart, but nothing may be read beside it
        const ImageSet dot{.channels = 1, .height = 1, .width = 1, .pixels = {7}, .labels = {0}};
        const std::vector<std::uint32_t> index{0};
        MinibatchStream stream{dot, index, greys(1), {.batchSize = 1}, 0};
        for (int i = 0; i < 300; ++i) {
            const auto value = std::lround(stream.next().pixels[0]);
            QVERIFY(value == 0 || value == 7);
        }
        return;
    }
    constexpr int kImages = 4000;
    const auto images = numbered(40, channels, side);
    std::vector<std::uint32_t> indices; // each image often, so that every variation comes
    for (int i = 0; i < kImages; ++i)
        indices.push_back(static_cast<std::uint32_t>(i % 40));
    const MinibatchOptions varied{.batchSize = 100, .pad = pad, .mirror = mirror, .seed = 5};
    MinibatchStream unchanged{images, indices, greys(channels), plain(100, 5), 0}, stream{images, indices, greys(channels), varied, 0};
    std::map<std::tuple<int, int, bool>, int> seen;
    for (int s = 0; s < kImages / 100; ++s) {
        const auto numbers = numbersOf(unchanged.next(), images.imageBytes()); // the order is that of (seed, epoch) either way
        const auto batch = stream.next();
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            int matches = 0;
            for (int down = -padding; down <= padding; ++down) {
                for (int right = -padding; right <= padding; ++right) {
                    for (const bool mirrored : {false, true}) {
                        if (equalsVariation(images, numbers[i], {down, right, mirrored}, batch.pixels.data() + i * images.imageBytes())) {
                            ++matches;
                            ++seen[{down, right, mirrored}];
                        }
                    }
                }
            }
            QCOMPARE(matches, 1);
        }
    }
    const int places = pad ? (2 * padding + 1) * (2 * padding + 1) : 1, variations = places * (mirror ? 2 : 1);
    QCOMPARE(static_cast<int>(seen.size()), variations);
    const double expected = double{kImages} / variations;
    double chiSquare = 0;
    for (const auto &[variation, count] : seen)
        chiSquare += (count - expected) * (count - expected) / expected;
    QVERIFY2(chiSquare < variations + 5 * std::sqrt(2.0 * variations), "some variations come too often");
}

void TstMinibatches::oneSwitchLeavesTheOtherAlone()
{
    const auto images = numbered(64, 1, 32);
    const auto indices = firstIndices(64);
    MinibatchStream both{images, indices, greys(1), {.batchSize = 64, .seed = 3}, 0};
    MinibatchStream cropped{images, indices, greys(1), {.batchSize = 64, .mirror = false, .seed = 3}, 0};
    const auto mirroredToo = both.next(), croppedAlone = cropped.next();
    for (std::size_t row = 0; row < 64 * 32; ++row) {
        const std::span with{mirroredToo.pixels.data() + row * 32, 32}, without{croppedAlone.pixels.data() + row * 32, 32};
        QVERIFY(std::ranges::equal(with, without) || std::equal(with.rbegin(), with.rend(), without.begin()));
    }
}

void TstMinibatches::normalises()
{
    const auto images = numbered(20, 3, 32);
    const auto indices = firstIndices(20);
    const Normalisation normalisation{.mean = {0.1f, 0.5f, 0.9f}, .deviation = {0.25f, 2.0f, 0.0f}}; // 0: a constant channel
    Minibatch batch;
    fillPlain(images, indices, normalisation, batch);
    QCOMPARE(batch.pixels.size(), images.pixels.size());
    for (std::size_t at = 0; at < batch.pixels.size(); ++at) {
        const std::size_t c = at / 1024 % 3;
        const double deviation = c == 2 ? 1 : normalisation.deviation[c];
        QVERIFY(std::abs(batch.pixels[at] - (images.pixels[at] / 255.0 - normalisation.mean[c]) / deviation) < 1e-6);
    }
    // Padding is black, which is not 0 once it is normalised.
    MinibatchStream stream{images, indices, normalisation, {.batchSize = 20, .mirror = false}, 0};
    const auto padded = stream.next();
    const float black = (0.0f - 0.1f) / 0.25f;
    std::size_t corners = 0;
    for (std::size_t i = 0; i < 20; ++i)
        corners += std::abs(padded.pixels[i * 3072] - black) < 1e-6f;
    QVERIFY2(corners > 5, "more than half of all crops begin in the padding");
}

void TstMinibatches::evaluationIsUnchanged()
{
    const auto images = numbered(300, 1, 28);
    Minibatch batch;
    batch.pixels.assign(5, 1.0f);
    const std::vector<std::uint32_t> indices{299, 0, 256};
    fillPlain(images, indices, greys(1), batch);
    QCOMPARE(numbersOf(batch, 784), indices);
    QCOMPARE(batch.labels, (std::vector<std::int64_t>{9, 0, 6}));
    fillPlain(images, {}, greys(1), batch);
    QVERIFY(batch.pixels.empty() && batch.labels.empty());
}

void TstMinibatches::waitingIsCounted()
{
    const auto images = numbered(4096, 3, 32);
    const auto indices = firstIndices(4096);
    QElapsedTimer timer;
    timer.start();
    MinibatchStream stream{images, indices, greys(3), {.batchSize = 4096}, 0};
    stream.recycle(stream.next()); // 12 million values cannot be there at once
    const std::chrono::nanoseconds first = stream.waited();
    QVERIFY(first > std::chrono::nanoseconds::zero());
    QVERIFY(first.count() <= timer.nsecsElapsed());

    MinibatchStream quick{images, indices, greys(3), {.batchSize = 1}, 0};
    const auto nextIsReady = [&] {
        const auto before = quick.waited();
        quick.recycle(quick.next());
        return quick.waited() == before;
    };
    QVERIFY(QTest::qWaitFor(nextIsReady)); // a trainer that is slower than the maker does not wait
}

void TstMinibatches::memoryStaysBounded()
{
    if (kSanitized)
        QSKIP("sanitizers keep memory of their own");
    const auto residentMiB = [] {
        QFile file{"/proc/self/statm"};
        return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toLongLong() * 4 / 1024 : -1;
    };
    const auto images = numbered(512, 3, 32);
    const auto indices = firstIndices(512);
    MinibatchStream stream{images, indices, greys(3), {.batchSize = 512}, 0}; // 6 MiB each
    stream.recycle(stream.next());
    const auto before = residentMiB();
    if (before < 0)
        QSKIP("this system does not tell the memory of a process");
    for (int i = 0; i < 100; ++i) {
        stream.recycle(stream.next());
        stream.recycle(Minibatch{.pixels = std::vector<float>(512 * 3072, 1.0f), .labels = {}}); // more than ever came out
    }
    QVERIFY2(residentMiB() - before < 150, "recycled buffers pile up");
}

void TstMinibatches::noMemoryIsReported()
{
    if (kSanitized)
        QSKIP("sanitizers need an unlimited address space");
    const auto images = numbered(1, 3, 64);
    const std::vector<std::uint32_t> indices(1 << 20, 0); // one minibatch of 48 GiB
    rlimit limit{};
    QCOMPARE(getrlimit(RLIMIT_AS, &limit), 0);
    const rlim_t soft = limit.rlim_cur;
    limit.rlim_cur = rlim_t{8} << 30;
    QCOMPARE(setrlimit(RLIMIT_AS, &limit), 0);
    bool reported = false;
    {
        MinibatchStream stream{images, indices, greys(3), {.batchSize = 1 << 20}, 0};
        for (int i = 0; i < 2; ++i) { // it stays reported, nothing waits for ever
            try {
                stream.next();
            } catch (const std::bad_alloc &) {
                reported = true;
            }
        }
    }
    limit.rlim_cur = soft;
    setrlimit(RLIMIT_AS, &limit);
    QVERIFY(reported);
}

void TstMinibatches::endsEarly()
{
    const auto images = numbered(2000, 3, 32);
    const auto indices = firstIndices(2000);
    QElapsedTimer timer;
    timer.start();
    for (int trial = 0; trial < 100; ++trial) {
        MinibatchStream stream{images, indices, greys(3), {.batchSize = 100}, static_cast<std::uint64_t>(trial)};
        for (int taken = trial % 8; taken > 0; --taken) // before the first, with a full queue, with an empty one
            stream.next();
    }
    QVERIFY2(timer.elapsed() < 20'000, "a stream took long to end");
}

void TstMinibatches::speed()
{
    const auto images = numbered(4096, 3, 32);
    const auto indices = firstIndices(4096);
    MinibatchStream stream{images, indices, greys(3), {.batchSize = 128}, 0};
    QBENCHMARK_ONCE { // 12,800 images; for the log, a busy machine must not fail
        for (int i = 0; i < 100; ++i)
            stream.recycle(stream.next());
    }
}

QTEST_GUILESS_MAIN(TstMinibatches)
#include "tst_minibatches.moc"
