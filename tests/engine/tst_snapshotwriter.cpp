// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshotwriter.h"
#include "tests/support/samplesnapshot.h"
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <mutex>
#include <sys/resource.h>
#include <thread>

using namespace engine;

namespace {

struct Note {
    std::filesystem::path file;
    Step step{};
    Result<void> result;
    std::thread::id thread;
};

/// Collects what the writer tells.
class Notes {
public:
    SnapshotWriter::Done taker()
    {
        return [this](const std::filesystem::path &file, Step step, const Result<void> &result) {
            const std::scoped_lock lock{m_mutex};
            m_notes.push_back({file, step, result, std::this_thread::get_id()});
        };
    }
    std::vector<Note> all() const
    {
        const std::scoped_lock lock{m_mutex};
        return m_notes;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<Note> m_notes; // guarded by m_mutex
};

std::shared_ptr<SnapshotData> snapshotAt(std::uint64_t step)
{
    auto data = std::make_shared<SnapshotData>(support::sampleSnapshot(support::lenetLayers(), 5, step));
    data->run.step = Step{step};
    return data;
}

/// While one lives, no file of this process grows beyond `bytes`: writing fails as on a full disk.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk &) = delete;
    FullDisk &operator=(const FullDisk &) = delete;
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before{};
};

} // namespace

class TstSnapshotWriter : public QObject {
    Q_OBJECT
private slots:
    void init();
    void writesInOrderOnItsOwnThread();
    void finishesTheQueueAtTheEnd();
    void letsGoOfTheDataBeforeItTells();
    void drainWithoutWorkReturns();
    void severalWritersShareAFolder();
    void namesWhatCannotBeWritten_data();
    void namesWhatCannotBeWritten();
    void keepsTheOldFileOnAFullDisk();
    void replacesTheOldFile();

private:
    std::filesystem::path inFolder(const std::string &name) const { return std::filesystem::path{m_folder->path().toStdString()} / name; }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TstSnapshotWriter::init() { m_folder = std::make_unique<QTemporaryDir>(); }

void TstSnapshotWriter::writesInOrderOnItsOwnThread()
{
    Notes notes;
    SnapshotWriter writer;
    for (std::uint64_t step = 1; step <= 6; ++step)
        writer.write(snapshotAt(step), inFolder(std::to_string(step) + ".h5"), {}, notes.taker());
    writer.drain();
    const auto told = notes.all();
    QCOMPARE(told.size(), std::size_t{6});
    for (std::uint64_t step = 1; step <= 6; ++step) {
        const auto &note = told[step - 1];
        QVERIFY2(note.result, note.result ? "" : note.result.error().text.c_str());
        QCOMPARE(count(note.step), step);
        QCOMPARE(note.file.string(), inFolder(std::to_string(step) + ".h5").string());
        QVERIFY(note.thread != std::this_thread::get_id() && note.thread == told.front().thread);
        const auto read = readSnapshot(note.file);
        QVERIFY(read);
        QCOMPARE(support::difference(*snapshotAt(step), *read), std::string{});
    }
}

void TstSnapshotWriter::finishesTheQueueAtTheEnd()
{
    Notes notes;
    {
        SnapshotWriter writer;
        for (std::uint64_t step = 1; step <= 10; ++step)
            writer.write(snapshotAt(step), inFolder("same.h5"), {}, step % 2 ? notes.taker() : SnapshotWriter::Done{});
    }
    QCOMPARE(notes.all().size(), std::size_t{5});
    const auto read = readSnapshot(inFolder("same.h5"));
    QVERIFY(read);
    QCOMPARE(count(read->run.step), std::uint64_t{10});
}

void TstSnapshotWriter::letsGoOfTheDataBeforeItTells()
{
    auto data = snapshotAt(3);
    const std::weak_ptr<SnapshotData> watched = data;
    bool gone = false;
    SnapshotWriter writer;
    writer.write(std::move(data), inFolder("a.h5"), {}, [&](const auto &, Step, const auto &) { gone = watched.expired(); });
    writer.drain();
    QVERIFY(gone);
}

void TstSnapshotWriter::drainWithoutWorkReturns()
{
    SnapshotWriter writer;
    writer.drain();
    writer.drain();
}

void TstSnapshotWriter::severalWritersShareAFolder()
{
    Notes notes;
    {
        SnapshotWriter first, second;
        for (std::uint64_t step = 1; step <= 8; ++step) {
            first.write(snapshotAt(step), inFolder("first.h5"), {}, notes.taker());
            second.write(snapshotAt(step), inFolder("second.h5"), {}, notes.taker());
        }
    }
    const auto told = notes.all();
    QCOMPARE(told.size(), std::size_t{16});
    QVERIFY(std::ranges::all_of(told, [](const Note &note) { return note.result.has_value(); }));
    QVERIFY(readSnapshot(inFolder("first.h5")) && readSnapshot(inFolder("second.h5")));
}

void TstSnapshotWriter::namesWhatCannotBeWritten_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("cause");
    QTest::newRow("a folder that is not there") << "nowhere/run.h5" << "No such file or directory";
    QTest::newRow("below a file") << "file/run.h5" << "Not a directory";
    QTest::newRow("a folder of that name") << "folder" << "folder";
    QTest::newRow("a folder where the temporary file goes") << "blocked.h5" << "Is a directory";
    QTest::newRow("a name too long") << QString{300, 'x'} + ".h5" << "File name too long";
}

void TstSnapshotWriter::namesWhatCannotBeWritten()
{
    QFETCH(QString, file);
    QFETCH(QString, cause);
    std::filesystem::create_directory(inFolder("folder"));
    std::filesystem::create_directory(inFolder("blocked.h5.part"));
    QVERIFY(writeSnapshot(*snapshotAt(1), inFolder("file")));
    Notes notes;
    SnapshotWriter writer;
    writer.write(snapshotAt(1), inFolder(file.toStdString()), {}, notes.taker());
    writer.drain();
    const auto told = notes.all();
    QVERIFY(told.size() == 1 && !told.front().result);
    QCOMPARE(static_cast<int>(told.front().result.error().code), static_cast<int>(ErrorCode::Unwritable));
    const auto text = QString::fromStdString(told.front().result.error().text);
    QVERIFY2(text.contains(file) && text.contains(cause) && text.endsWith('.'), qPrintable(text));
}

void TstSnapshotWriter::keepsTheOldFileOnAFullDisk()
{
    QVERIFY(writeSnapshot(*snapshotAt(1), inFolder("run.h5")));
    {
        const FullDisk disk{100'000};
        const auto wrote = writeSnapshot(*snapshotAt(2), inFolder("run.h5"));
        QVERIFY(!wrote);
        QCOMPARE(static_cast<int>(wrote.error().code), static_cast<int>(ErrorCode::Unwritable));
        QVERIFY2(wrote.error().text.find("File too large") != std::string::npos, wrote.error().text.c_str());
    }
    QVERIFY(!std::filesystem::exists(inFolder("run.h5.part")));
    const auto old = readSnapshot(inFolder("run.h5"));
    QVERIFY(old);
    QCOMPARE(count(old->run.step), std::uint64_t{1});
}

void TstSnapshotWriter::replacesTheOldFile()
{
    std::filesystem::create_symlink(inFolder("elsewhere"), inFolder("link.h5.part")); // nobody may lead the write astray
    QVERIFY(!writeSnapshot(*snapshotAt(1), inFolder("link.h5")));
    QVERIFY(!std::filesystem::exists(inFolder("elsewhere")));
    QVERIFY(writeSnapshot(*snapshotAt(1), inFolder("run.h5")));
    QVERIFY(writeSnapshot(*snapshotAt(2), inFolder("run.h5")));
    const auto read = readSnapshot(inFolder("run.h5"));
    QVERIFY(read);
    QCOMPARE(count(read->run.step), std::uint64_t{2});
    QVERIFY(!std::filesystem::exists(inFolder("run.h5.part")));
}

QTEST_APPLESS_MAIN(TstSnapshotWriter)
#include "tst_snapshotwriter.moc"
