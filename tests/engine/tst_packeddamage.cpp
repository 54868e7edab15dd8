// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/packedfile.h"
#include "tests/support/packedsurgery.h"
#include "tests/support/samplepacked.h"
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <functional>
#include <sys/stat.h>

using namespace engine;
using support::Bytes;
using support::Fields;
using Sections = std::vector<support::RawSection>;
using Edit = std::function<void(Sections &)>;
Q_DECLARE_METATYPE(Edit)

namespace {

/// What an index says of a kernel; by default of the only one in `tiny`.
struct Kernel {
    std::string name = "k", kind = "linear";
    std::vector<std::uint64_t> shape = {4, 8};
    std::uint64_t first = 0, channels = 4, codebook = 0, coder = 0, tables = 0, used = 2;
    float entropy = 1;
};

Bytes indexOf(const std::vector<std::uint64_t> &codebooks, const std::vector<Kernel> &kernels)
{
    Fields fields;
    fields.number(codebooks.size());
    for (const auto k : codebooks)
        fields.number(k);
    fields.number(kernels.size());
    for (const auto &kernel : kernels) {
        fields.text(kernel.name).text(kernel.kind).number(kernel.shape.size());
        for (const auto extent : kernel.shape)
            fields.number(extent);
        for (const auto number : {kernel.first, kernel.channels, kernel.codebook, kernel.coder, kernel.tables, kernel.used})
            fields.number(number);
        fields.real32(kernel.entropy);
    }
    return support::deflatedField(fields.number(0).bytes());
}

/// One kernel of 4 × 8 weights, half of them of each representative.
Bytes tiny()
{
    PackedModel model;
    model.network = {"lenet5", {}, 2, 1, 16, 16, {}};
    model.data = {"", {}, {0.0f}, {1.0f}};
    std::vector<CodeIndex> codes(32);
    for (std::size_t i = 0; i < codes.size(); ++i)
        codes[i] = i * 7 % 4 < 2;
    model.kernels.push_back({"k", "linear", {4, 8}, 0, 4, {-1.0f, 1.0f}, codes});
    return *packToMemory(model, {.coder = Coder::IndexMap});
}

std::string sentence(const Result<PackedModel> &read) { return read ? "no error" : read.error().text; }

/// One sentence of bearable length, and a reason a person can act on.
bool isSentence(const Error &error)
{
    return error.text.starts_with("Packed file memory: ") && error.text.ends_with('.') && error.text.find('\n') == std::string::npos &&
           error.text.size() < 400 && error.text.find("expected") != std::string::npos && error.text.find("found") != std::string::npos;
}

Result<PackedModel> readBytes(const Bytes &bytes) { return readPackedBytes(bytes, "Packed file memory", 1 << 20); }

} // namespace

class TstPackedDamage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { m_good = *packToMemory(support::samplePacked()); }
    void refusesWhatIsNoPackedFile_data();
    void refusesWhatIsNoPackedFile();
    void refusesEveryTruncation();
    void refusesEveryFlippedBit();
    void refusesBytesBehindTheEnd();
    void headersTakeNoHarm();
    void namesWhatIsWrong_data();
    void namesWhatIsWrong();
    void refusesAMissingDoubledOrMisplacedSection();
    void survivesDamageWithGoodChecksums();
    void limitsWeights();
    void refusesANewerMajor();
    void acceptsANewerMinor();

private:
    std::filesystem::path inFolder(const char *name) const { return std::filesystem::path{m_folder.path().toStdString()} / name; }
    QTemporaryDir m_folder;
    Bytes m_good;
};

void TstPackedDamage::refusesWhatIsNoPackedFile_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *name, ErrorCode code, const char *named) {
        QTest::newRow(name) << QString{name} << static_cast<int>(code) << QString{named};
    };
    row("none.cnd", ErrorCode::NotFound, "found none");
    std::filesystem::create_directory(inFolder("folder.cnd"));
    row("folder.cnd", ErrorCode::Unreadable, "found a folder");
    ::mkfifo(inFolder("pipe.cnd").c_str(), 0600);
    row("pipe.cnd", ErrorCode::Unreadable, "pipe");
    std::ofstream{inFolder("empty.cnd")};
    row("empty.cnd", ErrorCode::BadFormat, "found a file of 0");
    std::ofstream{inFolder("text.cnd")} << std::string(5000, 'x');
    row("text.cnd", ErrorCode::BadFormat, "another kind");
}

void TstPackedDamage::refusesWhatIsNoPackedFile()
{
    QFETCH(QString, name);
    QFETCH(int, code);
    QFETCH(QString, named);
    const auto file = inFolder(name.toUtf8().constData());
    for (const auto &error : {readPacked(file).error(), readPackedHeader(file).error()}) {
        const auto text = QString::fromStdString(error.text);
        QCOMPARE(static_cast<int>(error.code), code);
        QVERIFY2(text.contains(named) && text.contains(name) && text.endsWith('.'), qPrintable(text));
    }
}

void TstPackedDamage::refusesEveryTruncation()
{
    for (std::size_t size = 0; size < m_good.size(); ++size) {
        const auto read = readBytes({m_good.begin(), m_good.begin() + static_cast<std::ptrdiff_t>(size)});
        QVERIFY2(!read && isSentence(read.error()), sentence(read).c_str());
        QVERIFY2(std::ranges::any_of(std::array{"a head of 16 bytes", "the end of the file", "to end within the file"},
                                     [&](const char *reason) { return read.error().text.find(reason) != std::string::npos; }),
                 sentence(read).c_str());
    }
}

void TstPackedDamage::refusesEveryFlippedBit()
{
    for (std::size_t bit = 0; bit < 8 * m_good.size(); ++bit) {
        auto bytes = m_good;
        bytes[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
        const auto read = readBytes(bytes);
        QVERIFY2(!read && isSentence(read.error()), (std::to_string(bit) + ": " + sentence(read)).c_str());
    }
}

void TstPackedDamage::refusesBytesBehindTheEnd()
{
    for (const std::size_t more : {1, 16, 100'000}) {
        auto bytes = m_good;
        bytes.resize(bytes.size() + more);
        const auto read = readBytes(bytes);
        QVERIFY2(!read && isSentence(read.error()) && read.error().text.find(std::to_string(more) + " bytes more") != std::string::npos,
                 sentence(read).c_str());
    }
}

/// `info` does not look at codes; whatever else is damaged it has to notice or survive.
void TstPackedDamage::headersTakeNoHarm()
{
    const auto file = inFolder("damaged.cnd");
    for (std::size_t at = 0; at < m_good.size(); at += 3) {
        auto bytes = m_good;
        bytes[at] ^= std::byte{0x41};
        if (at % 2 == 0)
            bytes.resize(bytes.size() - at / 2);
        std::ofstream{file, std::ios::binary}.write(reinterpret_cast<const char *>(bytes.data()),
                                                    static_cast<std::streamsize>(bytes.size()));
        const auto contents = readPackedHeader(file);
        QVERIFY(contents || contents.error().text.ends_with('.'));
    }
}

void TstPackedDamage::namesWhatIsWrong_data()
{
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *title, const char *named, const Edit &edit) { QTest::newRow(title) << edit << QString{named}; };
    const auto index = [&](const char *title, const char *named, const std::vector<std::uint64_t> &codebooks,
                           const std::vector<Kernel> &kernels) {
        row(title, named, [=](Sections &s) { support::sectionNamed(s, "INDX").content = indexOf(codebooks, kernels); });
    };
    index("k = 0", "k from 1 to 256", {0}, {{}});
    index("k = 257", "fields of an index", {257}, {{}});
    index("no codebook", "fields of an index", {}, {{}});
    index("a codebook more than there is", "expected 16 bytes of codebooks, found 8", {2, 2}, {{}});
    index("the number of no codebook", "fields of an index", {2}, {{.codebook = 1}});
    index("2^60 weights", "at most 1048576 weights", {2}, {{.shape = {4, std::uint64_t{1} << 58}}});
    index("weights that overflow", "a shape and a range", {2}, {{.shape = {4, std::uint64_t{1} << 40, std::uint64_t{1} << 40}}});
    index("an extent beyond 63 bits", "fields of an index", {2}, {{.shape = {4, std::uint64_t{1} << 63}}});
    index("no extents", "a shape and a range", {2}, {{.shape = {}}});
    index("nine extents", "fields of an index", {2}, {{.shape = {4, 8, 1, 1, 1, 1, 1, 1, 1}}});
    index("an extent of 0", "a shape and a range", {2}, {{.shape = {0, 8}}});
    index("more channels than there are", "a shape and a range", {2}, {{.channels = 5}});
    index("channels that overflow", "a range of its 4 output channels", {2}, {{.first = ~std::uint64_t{0}, .channels = 4}});
    index("no channels", "a range of its 4 output channels", {2}, {{.channels = 0}});
    index("half of the channels", "all 4 output channels, found 2", {2}, {{.channels = 2}});
    index("fewer weights than codes", "expected 3 bytes for 24 codes", {2}, {{.shape = {4, 6}}});
    index("a kernel more than codes", "expected 2 sections KERN, found 1", {2}, {{}, {.name = "l"}});
    index("a coder that does not exist", "fields of an index", {2}, {{.coder = 5}});
    index("another coder", "kernel k (huffman): expected a code table", {2}, {{.coder = 1}});
    index("larger tables than codes", "tables within 4 bytes", {2}, {{.tables = 5}});
    index("other tables", "expected 1 bytes of tables, found 0", {2}, {{.tables = 1}});
    index("a representative too few in use", "expected 1 used", {2}, {{.used = 1}});
    index("another entropy", "entropy of 0.5000 bits", {2}, {{.entropy = 0.5f}});
    index("an entropy that is no number", "an entropy of 0 to 8 bits", {2}, {{.entropy = std::numeric_limits<float>::quiet_NaN()}});
    index("a name that moves the cursor", "without control characters", {2}, {{.name = "\x1b[2J"}});
    row("a claim of 2^60 kernels", "fields of an index", [](Sections &s) {
        support::sectionNamed(s, "INDX").content =
            support::deflatedField(Fields{}.number(1).number(2).number(std::uint64_t{1} << 60).bytes());
    });
    row("a claim of 2^40 inflated bytes", "a claim of 1099511627776",
        [](Sections &s) { support::sectionNamed(s, "INDX").content = support::deflatedField({}, std::uint64_t{1} << 40); });
    row("a claim beyond deflate's ratio", "a claim of 16000000",
        [](Sections &s) { support::sectionNamed(s, "INDX").content = support::deflatedField({}, 16'000'000); });
    row("more inflated bytes than claimed", "zlib's format",
        [](Sections &s) { support::sectionNamed(s, "PROV").content = support::deflatedField(Bytes(5000), 1000); });
    row("fewer inflated bytes than claimed", "zlib's format",
        [](Sections &s) { support::sectionNamed(s, "PROV").content = support::deflatedField(Bytes(1000), 1001); });
    row("bytes behind inflated ones", "others behind them",
        [](Sections &s) { support::sectionNamed(s, "PROV").content.push_back(std::byte{0}); });
    row("fields behind the last one", "nothing else, found more",
        [](Sections &s) { support::sectionNamed(s, "PROV").content = support::deflatedField(Bytes(50)); });
    row("an empty index", "a claim of 0", [](Sections &s) { support::sectionNamed(s, "INDX").content.clear(); });
    row("a codebook value that is no number", "finite representatives", [](Sections &s) {
        support::sectionNamed(s, "BOOK").content = Fields{}.real32(0).real32(std::numeric_limits<float>::infinity()).bytes();
    });
    row("floats that no tensor has", "4 bytes more", [](Sections &s) { support::sectionNamed(s, "TENS").content.resize(4); });
    row("a code out of range", "below k = 3, found 3", [](Sections &s) {
        support::sectionNamed(s, "INDX").content = indexOf({3}, {{.shape = {4, 4}}});
        support::sectionNamed(s, "BOOK").content.resize(12);
        support::sectionNamed(s, "KERN").content.back() = std::byte{0xff};
    });
    row("no codes", "found 0", [](Sections &s) { support::sectionNamed(s, "KERN").content.clear(); });
    row("content in the last section", "found 1 bytes more", [](Sections &s) { support::sectionNamed(s, "DONE").content.resize(1); });
    row("a section of small letters", "four capital letters", [](Sections &s) { s.insert(s.begin(), {"netw", {}}); });
}

void TstPackedDamage::namesWhatIsWrong()
{
    QFETCH(Edit, edit);
    QFETCH(QString, named);
    auto sections = support::sectionsOf(tiny());
    QVERIFY(readBytes(support::fileOf(sections)));
    edit(sections);
    const auto read = readBytes(support::fileOf(sections));
    QVERIFY2(!read && isSentence(read.error()) && QString::fromStdString(read.error().text).contains(named), sentence(read).c_str());
}

void TstPackedDamage::refusesAMissingDoubledOrMisplacedSection()
{
    const auto sections = support::sectionsOf(m_good);
    for (std::size_t i = 0; i < sections.size(); ++i) {
        auto missing = sections, doubled = sections, misplaced = sections;
        missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
        doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), sections[i]);
        std::swap(misplaced[i], misplaced[(i + 7) % sections.size()]);
        if (sections[i].type != "CODE" && sections[i].type != "LOGD") { // not every network has one
            const auto read = readBytes(support::fileOf(missing));
            QVERIFY2(!read && isSentence(read.error()), sections[i].type.c_str());
        }
        const auto twice = readBytes(support::fileOf(doubled)), elsewhere = readBytes(support::fileOf(misplaced));
        QVERIFY2(!twice && isSentence(twice.error()), sections[i].type.c_str());
        QVERIFY2(!elsewhere && isSentence(elsewhere.error()), sections[i].type.c_str());
    }
}

/// Every byte of every section changed, behind good checksums: refused, or read as other values that keep all rules.
void TstPackedDamage::survivesDamageWithGoodChecksums()
{
    const auto sections = support::sectionsOf(m_good);
    for (std::size_t s = 0; s < sections.size(); ++s) {
        for (std::size_t at = 0; at < sections[s].content.size(); at += 1 + sections[s].content.size() / 500) {
            for (const auto flip : {std::byte{1}, std::byte{0x80}, std::byte{0xff}}) {
                auto damaged = sections;
                damaged[s].content[at] ^= flip;
                const auto read = readBytes(support::fileOf(damaged));
                QVERIFY2(read ? packToMemory(*read).has_value() : isSentence(read.error()), sentence(read).c_str());
            }
        }
    }
}

void TstPackedDamage::limitsWeights()
{
    QVERIFY(readPackedBytes(m_good, "memory"));
    const auto some = readPackedBytes(m_good, "memory", 2000);
    QVERIFY(!some && some.error().text.find("at most 2000 weights") != std::string::npos);
    // A one-valued kernel takes no bytes, whatever the index says of it: the sum is limited.
    auto sections = support::sectionsOf(tiny());
    const auto half = kMaxPackedWeights / 2 + 1;
    support::sectionNamed(sections, "INDX").content =
        indexOf({1}, {{.shape = {1, half}, .channels = 1, .used = 1, .entropy = 0},
                      {.name = "l", .shape = {1, half}, .channels = 1, .used = 1, .entropy = 0}});
    support::sectionNamed(sections, "BOOK").content.resize(4);
    support::sectionNamed(sections, "KERN").content.clear();
    sections.insert(std::ranges::find(sections, "KERN", &support::RawSection::type), {"KERN", {}});
    const auto read = readPackedBytes(support::fileOf(sections), "memory");
    QVERIFY2(!read && read.error().text.find("kernel l: expected at most 1073741824 weights in all kernels") != std::string::npos,
             sentence(read).c_str());
}

void TstPackedDamage::refusesANewerMajor()
{
    const auto read = readBytes(support::fileOf(support::sectionsOf(m_good), support::head(kPackedMajor + 1)));
    QVERIFY(!read && read.error().code == ErrorCode::TooNew);
    QVERIFY(!readBytes(support::fileOf(support::sectionsOf(m_good), support::head(0))));
}

void TstPackedDamage::acceptsANewerMinor()
{
    auto sections = support::sectionsOf(m_good);
    for (const std::size_t at : {std::size_t{0}, std::size_t{3}, sections.size() - 1})
        sections.insert(sections.begin() + static_cast<std::ptrdiff_t>(at), {"NEWS", Bytes(at * 10)});
    const auto read = readBytes(support::fileOf(sections, support::head(kPackedMajor, kPackedMinor + 1)));
    QVERIFY2(read, sentence(read).c_str());
    QVERIFY(*read == support::samplePacked());
}

QTEST_APPLESS_MAIN(TstPackedDamage)
#include "tst_packeddamage.moc"
