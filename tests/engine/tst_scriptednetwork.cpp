// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/listing.h"
#include "engine/nets/makenetwork_torch.h"
#include "engine/nets/scriptednetwork_torch.h"
#include "engine/run/run.h"
#include "engine/storage/snapshot.h"
#include "tests/support/follower.h"
#include "tests/support/samplesnapshot.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <torch/torch.h>

using namespace engine;

namespace {

constexpr int kNoPyTorch = 77; // as scripted_modules.py says
constexpr ImageShape kGrey{1, 28, 28};

torch::Tensor ramp(int images) { return torch::linspace(-1, 1, images * 784).view({images, 1, 28, 28}); }

torch::Tensor tensorOf(Network &network, const std::string &name)
{
    const auto found = std::ranges::find(network.tensors(), name, &Network::NamedTensor::name);
    return found == network.tensors().end() ? torch::Tensor{} : found->tensor;
}

QStringList namesOf(const Network &network)
{
    QStringList names;
    for (const auto &layer : network.layers())
        names << QString::fromStdString(layer.name);
    return names;
}

} // namespace

/// Networks of a user's own, as PyTorch writes them.
class TstScriptedNetwork : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    std::string file(const QString &name) const { return m_folder.filePath(name).toStdString(); }
    std::unique_ptr<Network> make(const QString &name) const
    {
        auto network = makeNetwork("torchscript:" + file(name), kGrey, 10, 1);
        if (!network)
            qWarning("%s", network.error().text.c_str());
        return network ? *std::move(network) : nullptr;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const int code = QProcess::execute("/usr/bin/python3", {TEST_SOURCE_DIR "/support/scripted_modules.py", m_folder.path()});
        if (code == kNoPyTorch)
            QSKIP("python3-torch is not installed");
        QCOMPARE(code, 0);
    }

    void findsKernelsInTheOrderOfTheirUse()
    {
        const auto network = make("separable.pt");
        QVERIFY(network);
        QCOMPARE(namesOf(*network), (QStringList{"stem", "blocks.0.depthwise", "blocks.0.pointwise", "blocks.1.depthwise",
                                                 "blocks.1.pointwise", "grouped", "head"}));
        const auto layers = network->layers();
        QVERIFY((layers[1].shape == std::vector<std::int64_t>{32, 1, 3, 3}));
        QCOMPARE(layers[5].weightCount, 16u * 8 * 9);
        QCOMPARE(QString::fromStdString(layers[5].kind), "conv");
        QCOMPARE(QString::fromStdString(layers[6].kind), "linear");
        QCOMPARE(network->floatParameters(), 32u + 2 * (4 * 32 + 32) + 16 + 10); // biases and batch-norm
        const auto listing = listNetwork("torchscript:" + file("separable.pt"), {3, 32, 32}, 1000); // of no matter
        QVERIFY(listing);
        QCOMPARE(listing->layers.size(), layers.size());
        QCOMPARE(listing->floatParameters, network->floatParameters());
    }

    void givesTheLogitsOfPyTorch()
    {
        const auto network = make("separable.pt");
        QFile stored{m_folder.filePath("separable.logits")};
        QVERIFY(network && stored.open(QFile::ReadOnly));
        QByteArray bytes = stored.readAll();
        const auto expected = torch::from_blob(bytes.data(), {3, 10});
        QVERIFY(torch::allclose(network->forward(ramp(3), network->kernels(), Network::Mode::Evaluate), expected, 1e-4, 1e-5));
    }

    void computesWithTheKernelsItIsGiven()
    {
        const auto network = make("separable.pt");
        QVERIFY(network);
        const auto before = network->forward(ramp(3), network->kernels(), Network::Mode::Evaluate);
        auto kernels = network->kernels();
        kernels.back() = torch::zeros_like(kernels.back());
        const auto logits = network->forward(ramp(3), kernels, Network::Mode::Evaluate);
        QVERIFY(torch::allclose(logits, tensorOf(*network, "head.bias").expand({3, 10}), 1e-6, 1e-6));
        QVERIFY(torch::equal(network->forward(ramp(3), network->kernels(), Network::Mode::Evaluate), before)); // its own are as they were
        network->keepFloat(std::vector<std::string>{"stem"});
        QCOMPARE(network->kernels().size(), 6u);
        QVERIFY(torch::equal(network->forward(ramp(3), network->kernels(), Network::Mode::Evaluate), before));
    }

    void gradientsReachEveryParameter()
    {
        const auto network = make("separable.pt");
        QVERIFY(network);
        network->forward(ramp(4), network->kernels(), Network::Mode::Train).square().sum().backward();
        for (const auto &entry : network->tensors())
            QVERIFY2(entry.isTrained() == entry.tensor.grad().defined(), entry.name.c_str());
    }

    void theTrialLeavesNoTrace()
    {
        const auto network = make("separable.pt");
        QVERIFY(network);
        QVERIFY(torch::equal(tensorOf(*network, "blocks.0.norm.running_mean"), torch::zeros({32})));
        QVERIFY(torch::equal(tensorOf(*network, "blocks.0.norm.running_var"), torch::ones({32})));
        QCOMPARE(tensorOf(*network, "blocks.0.norm.num_batches_tracked").item<int>(), 0);
        for (const auto &entry : network->tensors())
            QVERIFY(!entry.tensor.grad().defined());
    }

    void dropoutDrawsFromAStateOfItsOwn()
    {
        const auto a = make("separable.pt"), b = make("separable.pt");
        QVERIFY(a && b);
        torch::manual_seed(99);
        const auto first = a->forward(ramp(4), a->kernels(), Network::Mode::Train);
        torch::manual_seed(7);
        QVERIFY(torch::equal(first, b->forward(ramp(4), b->kernels(), Network::Mode::Train)));
        const auto state = a->randomState();
        const auto second = a->forward(ramp(4), a->kernels(), Network::Mode::Train);
        QVERIFY(!torch::equal(first, second));
        a->setRandomState(state);
        QVERIFY(torch::equal(second, a->forward(ramp(4), a->kernels(), Network::Mode::Train)));
    }

    void reestimationTakesTheMeanOverTheCalls_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("momentum 0.3") << "momentum.pt";
        QTest::newRow("cumulative") << "cumulative.pt";
    }
    void reestimationTakesTheMeanOverTheCalls()
    {
        QFETCH(QString, name);
        const auto network = make(name);
        QVERIFY(network);
        torch::NoGradGuard noGradient;
        const auto mean = tensorOf(*network, "blocks.0.norm.running_mean"), variance = tensorOf(*network, "blocks.0.norm.running_var");
        const auto x = ramp(8).sin(), y = ramp(8).cos();
        const auto expected = [&](const torch::Tensor &images) { // from the input of the first batch-norm itself
            const auto stem = torch::max_pool2d(
                torch::relu(torch::conv2d(images, tensorOf(*network, "stem.weight"), tensorOf(*network, "stem.bias"), 2)), 2);
            return torch::conv2d(stem, tensorOf(*network, "blocks.0.depthwise.weight"), {}, 1, 1, 1, 32).transpose(0, 1).flatten(1);
        };
        network->beginReestimation();
        network->forward(x, network->kernels(), Network::Mode::Reestimate);
        network->forward(y, network->kernels(), Network::Mode::Reestimate);
        QVERIFY(torch::allclose(mean, (expected(x).mean(1) + expected(y).mean(1)) / 2, 1e-3, 1e-5));
        QVERIFY(torch::allclose(variance, (expected(x).var(1) + expected(y).var(1)) / 2, 1e-3, 1e-5));
    }

    void aViewKeepsTheOrderOfTheShape()
    {
        const auto network = make("view.pt");
        QVERIFY(network);
        QVERIFY(network->kernels().front().is_contiguous());
        QVERIFY(make("separable.pt")->kernels().front().is_contiguous(at::MemoryFormat::ChannelsLast)); // where nothing forbids it
        QVERIFY(make("traced.pt"));
    }

    void aKernelWithoutGradientStaysFloat()
    {
        const auto network = make("unused.pt");
        QVERIFY(network);
        QCOMPARE(namesOf(*network), (QStringList{"convolution", "linear"}));
        QVERIFY(tensorOf(*network, "spare.weight").defined());
    }

    void namesWhereAValueIsNotFinite()
    {
        const auto network = make("separable.pt");
        QVERIFY(network);
        auto kernels = network->kernels();
        QVERIFY(network->firstNonFinite(ramp(2), kernels).empty());
        kernels[1] = torch::full_like(kernels[1], std::numeric_limits<float>::infinity());
        QCOMPARE(network->firstNonFinite(ramp(2), kernels), std::string{"blocks.0.depthwise"});
        QCOMPARE(network->firstNonFinite(torch::full({2, 1, 28, 28}, std::nanf("")), network->kernels()), std::string{"the logits"});
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("reason");
        QTest::newRow("missing") << "nothing.pt" << "found none";
        QTest::newRow("text") << "text.pt" << "torch.jit.save";
        QTest::newRow("state dict") << "state.pt" << "torch.jit.save";
        QTest::newRow("double") << "double.pt" << "float32 parameters";
        QTest::newRow("classes") << "seven.pt" << "10 logits";
        QTest::newRow("tuple") << "pair.pt" << "Tuple";
        QTest::newRow("two inputs") << "two.pt" << "2 arguments";
        QTest::newRow("no kernel") << "nokernel.pt" << "kernel";
        QTest::newRow("no kernel that a gradient reaches") << "unreached.pt" << "a gradient reaches";
        QTest::newRow("frozen") << "frozen.pt" << "kernel";
        QTest::newRow("tied") << "tied.pt" << "shares its values";
        QTest::newRow("traced norm") << "traced-norm.pt" << "torch.jit.script";
    }
    void refuses()
    {
        QFETCH(QString, name);
        QFETCH(QString, reason);
        const auto network = makeNetwork("torchscript:" + file(name), kGrey, 10, 1);
        QVERIFY(!network);
        const auto text = QString::fromStdString(network.error().text);
        QVERIFY2(text.contains(reason) && !text.contains('\n'), qPrintable(text));
    }

    void refusesImagesItCannotTake()
    {
        const auto network = makeNetwork("torchscript:" + file("separable.pt"), {3, 32, 32}, 10, 1);
        QVERIFY(!network);
        const auto text = QString::fromStdString(network.error().text);
        QVERIFY2(text.contains("3×32×32") && !text.contains('\n'), qPrintable(text));
    }

    void trainsAndContinuesBitForBit();
    void goesOnWithTheCodeInTheSnapshot_data();
    void goesOnWithTheCodeInTheSnapshot();
    void damagedCodeIsExplained_data();
    void damagedCodeIsExplained();
    void aResidualNetworkOfTorchvision();
};

namespace {

Settings quick(const std::string &model)
{
    Settings settings;
    const std::pair<ParameterId, std::string> values[] = {
        {ParameterId::Data, "generated"},  {ParameterId::Model, model},        {ParameterId::Epochs, "1"},
        {ParameterId::BatchSize, "180"},   {ParameterId::Threads, "1"},        {ParameterId::WarmupShare, "0.4"},
        {ParameterId::CommitShare, "0.2"}, {ParameterId::SnappedSubset, "16"}, {ParameterId::LearningRate, "0.02"}};
    for (const auto &[id, text] : values) {
        if (auto set = settings.setText(id, text); !set)
            qFatal("%s", set.error().text.c_str());
    }
    return settings;
}

/// Runs until the end or until a step, and gives what a snapshot then holds.
SnapshotData runTo(Run &run, std::optional<std::uint64_t> pauseAt, const std::filesystem::path &file)
{
    Follower follower{run};
    run.start({.paused = pauseAt.has_value()});
    if (pauseAt) {
        follower.await<Paused>();
        follower.ask(PauseAt{Step{*pauseAt}});
        follower.ask(Resume{});
        follower.await<Paused>();
    } else {
        follower.await<Finished>();
    }
    follower.ask(TakeSnapshot{file});
    follower.await<SnapshotSaved>();
    run.stop();
    run.wait();
    return readSnapshot(file).value();
}

} // namespace

void TstScriptedNetwork::trainsAndContinuesBitForBit()
{
    const auto settings = quick("torchscript:" + file("separable.pt"));
    Run uninterrupted{FromSettings{settings}}, interrupted{FromSettings{settings}};
    const auto whole = runTo(uninterrupted, std::nullopt, file("whole.h5"));
    runTo(interrupted, 5, file("half.h5"));
    const auto resumed = std::make_unique<Run>(FromSnapshot{file("half.h5")});
    const auto continued = runTo(*resumed, std::nullopt, file("continued.h5"));
    QCOMPARE(whole.run.description.layers.size(), 7u);
    QCOMPARE(QString::fromStdString(whole.run.description.modelName), "separable.pt");
    QCOMPARE(support::stateDifference(whole, continued), std::string{});
    QVERIFY(whole.network.module == continued.network.module);
    QVERIFY(whole.network.module.size() > 1000 && whole.network.module.size() < 40'000); // code without weights
}

void TstScriptedNetwork::goesOnWithTheCodeInTheSnapshot_data()
{
    QTest::addColumn<QString>("by"); // what stands in the file's place
    QTest::addColumn<QString>("said");
    QTest::newRow("gone") << "" << "moved.pt is gone; the run goes on with the code that the snapshot keeps.";
    QTest::newRow("another network") << "cumulative.pt"
                                     << "moved.pt holds another network by now; the run goes on with the code that the snapshot keeps.";
    QTest::newRow("no network") << "text.pt" << "moved.pt cannot be used any more; the run goes on with the code that the snapshot keeps.";
    QTest::newRow("as it was") << "separable.pt" << "";
}

void TstScriptedNetwork::goesOnWithTheCodeInTheSnapshot()
{
    QFETCH(QString, by);
    QFETCH(QString, said);
    QFile::remove(m_folder.filePath("moved.pt"));
    QVERIFY(QFile::copy(m_folder.filePath("separable.pt"), m_folder.filePath("moved.pt")));
    const auto settings = quick("torchscript:" + file("moved.pt"));
    Run uninterrupted{FromSettings{settings}}, interrupted{FromSettings{settings}};
    const auto whole = runTo(uninterrupted, std::nullopt, file("whole.h5"));
    runTo(interrupted, 5, file("half.h5"));
    QVERIFY(QFile::remove(m_folder.filePath("moved.pt")));
    if (!by.isEmpty())
        QVERIFY(QFile::copy(m_folder.filePath(by), m_folder.filePath("moved.pt")));
    const auto resumed = std::make_unique<Run>(FromSnapshot{file("half.h5")});
    Follower follower{*resumed};
    resumed->start();
    const auto *finished = follower.await<Finished>();
    QVERIFY(finished);
    QString found;
    for (const auto &event : follower.events) {
        if (const auto *note = std::get_if<Note>(&event); note && note->text.find("moved.pt") != std::string::npos)
            found += QString::fromStdString(note->text).section('/', -1);
    }
    QCOMPARE(found, said);
    follower.ask(TakeSnapshot{file("continued.h5")});
    QVERIFY(follower.await<SnapshotSaved>());
    const auto continued = readSnapshot(file("continued.h5"));
    QVERIFY(continued);
    QCOMPARE(support::stateDifference(whole, *continued), std::string{});
    QVERIFY(whole.network.module == continued->network.module);
    QVERIFY(whole.run.snappedTestAccuracy == continued->run.snappedTestAccuracy); // with re-estimated statistics
}

void TstScriptedNetwork::damagedCodeIsExplained_data()
{
    QTest::addColumn<int>("length");
    QTest::addColumn<int>("flipped");
    QTest::addColumn<bool>("fileIsThere");
    QTest::newRow("cut, file gone") << 3000 << -1 << false;
    QTest::newRow("cut, file there") << 3000 << -1 << true;
    QTest::newRow("one byte") << 1 << -1 << false;
    QTest::newRow("a wrong byte in the code") << -1 << 200 << false;
    QTest::newRow("no list of files") << -1 << -20 << false;
}

void TstScriptedNetwork::damagedCodeIsExplained()
{
    QFETCH(int, length);
    QFETCH(int, flipped);
    QFETCH(bool, fileIsThere);
    QFile::remove(m_folder.filePath("moved.pt"));
    QVERIFY(QFile::copy(m_folder.filePath("separable.pt"), m_folder.filePath("moved.pt")));
    Run begun{FromSettings{quick("torchscript:" + file("moved.pt"))}};
    auto data = runTo(begun, 2, file("half.h5"));
    if (length >= 0)
        data.network.module.resize(static_cast<std::size_t>(length));
    if (flipped != -1) {
        const auto place =
            flipped < 0 ? data.network.module.size() - static_cast<std::size_t>(-flipped) : static_cast<std::size_t>(flipped);
        for (std::size_t i = place; i < place + 16; ++i)
            data.network.module[i] ^= std::byte{0xFF};
    }
    QVERIFY(writeSnapshot(data, file("damaged.h5")));
    if (!fileIsThere)
        QVERIFY(QFile::remove(m_folder.filePath("moved.pt")));
    const auto resumed = std::make_unique<Run>(FromSnapshot{file("damaged.h5")});
    Follower follower{*resumed};
    resumed->start({.paused = true});
    if (fileIsThere) {
        QVERIFY(follower.await<Note>(
            [](const Note &note) { return note.text.find("The code that the snapshot keeps of the network cannot be used") == 0; }));
        return;
    }
    const auto *failed = follower.await<Failed>();
    QVERIFY(failed);
    const auto text = QString::fromStdString(failed->why.text);
    QVERIFY2(text.contains("moved.pt is gone or cannot be used, nor can the code of it that the snapshot keeps: ") && text.endsWith('.') &&
                 !text.contains('\n'),
             qPrintable(text));
}

void TstScriptedNetwork::aResidualNetworkOfTorchvision()
{
    QFile listed{m_folder.filePath("resnet18.txt")};
    if (!listed.open(QFile::ReadOnly))
        QSKIP("python3-torchvision is not installed");
    auto expected = QString::fromUtf8(listed.readAll()).split('\n');
    Run run{FromSettings{quick("torchscript:" + file("resnet18.pt"))}};
    Follower follower{run};
    run.start({.paused = true});
    const auto *prepared = follower.await<Prepared>();
    QVERIFY(prepared);
    QStringList found;
    for (const auto &layer : prepared->description->layers) {
        QStringList sides;
        for (const auto side : layer.shape)
            sides << QString::number(side);
        found << QString::fromStdString(layer.name) + ' ' + sides.join('x');
    }
    found.sort();
    expected.sort();
    QCOMPARE(found, expected);
    QVERIFY(follower.await<Paused>());
    for (std::uint64_t step = 1; step <= 2; ++step) {
        QVERIFY(std::holds_alternative<Applied>(follower.ask(StepOnce{})));
        const auto *paused = follower.await<Paused>();
        QVERIFY(paused);
        QCOMPARE(count(paused->step), step);
        QVERIFY2(paused->reason.empty(), paused->reason.c_str());
    }
    run.stop();
    run.wait();
}

QTEST_GUILESS_MAIN(TstScriptedNetwork)
#include "tst_scriptednetwork.moc"
