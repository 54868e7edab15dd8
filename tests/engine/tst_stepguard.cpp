// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include "tests/support/flags.h"
#include "tests/support/samebits.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <limits>
#include <torch/torch.h>

using namespace engine;

namespace {

constexpr int kNoPyTorch = 77; // as scripted_modules.py says
constexpr float kInfinite = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

/// Which part of a step goes wrong.
enum class Wrong { Loss, BiasGradient, KernelGradient, BiasStep, Representatives };

/// lenet5 does 20 steps in 5 epochs: 10 warm-up, 6 cluster, 4 commit.
const QStringList kSmall{"model=lenet5", "data=generated",     "epochs=5",     "batch-size=250", "threads=1", "lr=0.02",
                         "k=8",          "validation-share=0.5", "cluster-lr=0.02", "commit-share=0.2"};

std::unique_ptr<Trainer> trainerOf(const QStringList &flags, DatasetShelf &shelf)
{
    auto state = prepareTraining(support::with(flags), shelf);
    if (!state)
        qFatal("%s", state.error().text.c_str());
    return std::make_unique<Trainer>(*std::move(state));
}

bool runTo(Trainer &trainer, std::uint64_t step)
{
    while (count(trainer.state().progress.step) < step) {
        if (const auto done = trainer.runStep(); !done) {
            qWarning("%s", done.error().text.c_str());
            return false;
        }
    }
    return true;
}

torch::Tensor firstOf(Trainer &trainer, std::initializer_list<Network::Role> roles)
{
    for (const auto &entry : trainer.state().model.network->tensors()) {
        if (std::ranges::find(roles, entry.role) != roles.end())
            return entry.tensor;
    }
    return {};
}

/// Makes this part of the next step wrong; what is returned makes it right again.
std::function<void()> spoil(Trainer &trainer, Wrong wrong)
{
    const auto hook = [](const torch::Tensor &tensor, float value) -> std::function<void()> {
        const auto place = tensor.register_hook([value](const torch::Tensor &gradient) { return torch::full_like(gradient, value); });
        return [tensor, place] { tensor.remove_hook(place); };
    };
    const torch::Tensor bias = firstOf(trainer, {Network::Role::Bias, Network::Role::NormShift});
    switch (wrong) {
    case Wrong::Loss: {
        const torch::Tensor before = bias.detach().clone();
        bias.detach().fill_(kNan);
        return [bias, before] { bias.detach().copy_(before); };
    }
    case Wrong::BiasGradient: return hook(bias, kInfinite);
    case Wrong::KernelGradient: return hook(firstOf(trainer, {Network::Role::Kernel}), kNan);
    case Wrong::BiasStep: return hook(bias, 3e38f); // finite; with momentum, or squared, it is not
    case Wrong::Representatives: return hook(trainer.state().model.layers.at(2)->representatives(), kInfinite);
    }
    return {};
}

} // namespace

/// A step that does not end in finite numbers leaves nothing behind.
class TstStepGuard : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    bool m_hasModules = false;

private Q_SLOTS:
    void initTestCase()
    {
        const int code = QProcess::execute("/usr/bin/python3", {TEST_SOURCE_DIR "/support/scripted_modules.py", m_folder.path()});
        m_hasModules = code == 0;
        QVERIFY(m_hasModules || code == kNoPyTorch);
    }

    void theStateIsThatBeforeTheStep_data()
    {
        QTest::addColumn<QStringList>("flags");
        QTest::addColumn<int>("at");
        QTest::addColumn<int>("wrong");
        QTest::addColumn<QString>("mentions");
        const auto row = [](const char *name, const QStringList &flags, int at, Wrong wrong, const char *mentions) {
            QTest::newRow(name) << (kSmall + flags) << at << static_cast<int>(wrong) << QString{mentions};
        };
        row("loss, in warm-up", {}, 4, Wrong::Loss, "the loss");
        row("loss, in the first step", {}, 0, Wrong::Loss, "the loss");
        row("loss, snapped", {}, 13, Wrong::Loss, "the loss");
        row("loss, latent", {"forward=latent"}, 13, Wrong::Loss, "the loss");
        row("loss, committed", {}, 18, Wrong::Loss, "the loss");
        row("loss, at the border of warm-up and cluster", {}, 10, Wrong::Loss, "the loss");
        row("loss, at the border of cluster and commit", {}, 16, Wrong::Loss, "the loss");
        row("loss, as dead representatives are dropped", {"dead=drop", "k=64"}, 12, Wrong::Loss, "the loss");
        row("loss, as dead representatives are revived", {"dead=revive", "k=64"}, 12, Wrong::Loss, "the loss");
        row("loss, as they are dropped and committed", {"dead=drop", "k=64"}, 16, Wrong::Loss, "the loss");
        row("loss, mixing learnt", {"regularizer=soft-min", "mixing=learnt"}, 13, Wrong::Loss, "the loss");
        row("gradient of a bias, float forward", {"forward=float"}, 13, Wrong::BiasGradient, "gradient of features.0.bias");
        row("gradient of a bias, snapped", {}, 13, Wrong::BiasGradient, "gradient of features.0.bias");
        row("gradient of a bias, committed", {}, 18, Wrong::BiasGradient, "gradient of features.0.bias");
        row("gradient of a bias, adam", {"optimizer=adam", "lr=0.001"}, 13, Wrong::BiasGradient, "gradient of features.0.bias");
        row("gradient of a kernel, in warm-up", {}, 4, Wrong::KernelGradient, "gradient of features.0 is");
        row("gradient of a kernel, float forward", {"forward=float"}, 13, Wrong::KernelGradient, "gradient of features.0 is");
        row("step of a bias, snapped", {}, 13, Wrong::BiasStep, "this step makes of features.0.bias");
        row("step of a bias, float forward, adam", {"forward=float", "optimizer=adam", "lr=0.001"}, 5, Wrong::BiasStep,
            "this step makes of features.0.bias");
        row("representatives, snapped", {}, 13, Wrong::Representatives, "the representatives of classifier.1");
        row("representatives, latent", {"forward=latent"}, 13, Wrong::Representatives, "the representatives of classifier.1");
        row("representatives, committed", {}, 18, Wrong::Representatives, "the representatives of classifier.1");
        const QStringList norm{"model=vgg-small", "batch-size=180", "epochs=2", "warmup-share=0.2"};
        row("loss, batch-norm", norm, 5, Wrong::Loss, "the loss");
        row("gradient, batch-norm", norm, 5, Wrong::BiasGradient, "the gradient of");
        const QStringList dropout{"model=alexnet", "batch-size=30", "epochs=1", "lr=0.002", "cluster-lr=0.002", "warmup-share=0.02"};
        row("loss, dropout", dropout, 2, Wrong::Loss, "the loss");
        row("gradient, dropout", dropout, 2, Wrong::BiasGradient, "gradient of features.0.bias");
        const QStringList module{"model=torchscript:separable.pt", "batch-size=90", "epochs=1", "warmup-share=0.1"};
        row("loss, TorchScript with dropout and batch-norm", module, 4, Wrong::Loss, "the loss");
        row("gradient, TorchScript with dropout and batch-norm", module, 4, Wrong::BiasGradient, "the gradient of");
    }
    void theStateIsThatBeforeTheStep()
    {
        QFETCH(QStringList, flags);
        QFETCH(int, at);
        QFETCH(int, wrong);
        QFETCH(QString, mentions);
        if (flags.filter("torchscript").size() > 0 && !m_hasModules)
            QSKIP("python3-torch is not installed");
        flags.replaceInStrings("torchscript:", "torchscript:" + m_folder.path() + '/');
        const RunLog log;
        const History history{16};
        const auto snapshotOf = [&](Trainer &trainer) { return toSnapshot(trainer.state(), {.log = log, .history = history}); };
        DatasetShelf shelf;
        const auto step = static_cast<std::uint64_t>(at);
        const auto trainer = trainerOf(flags, shelf), twin = trainerOf(flags, shelf); // the twin has no bad step
        QVERIFY(runTo(*trainer, step) && runTo(*twin, step));
        const auto entered = trainer->takeEnteredStage();
        QVERIFY(entered == twin->takeEnteredStage());
        (void)trainer->takeNotes();

        for (int attempt = 0; attempt < 2; ++attempt) {
            const auto makeRight = spoil(*trainer, static_cast<Wrong>(wrong));
            const auto done = trainer->runStep();
            makeRight();
            QVERIFY(!done);
            const QString text = QString::fromStdString(done.error().text);
            QVERIFY(done.error().code == ErrorCode::NotFinite);
            QVERIFY2(text.contains("not a finite number") && text.contains(mentions), qPrintable(text));
            QVERIFY(!trainer->takeEnteredStage() && trainer->takeNotes().empty());
            support::compareBits(snapshotOf(*trainer), snapshotOf(*twin));
            if (QTest::currentTestFailed())
                return;
        }
        QVERIFY(runTo(*trainer, step + 2) && runTo(*twin, step + 2));
        QVERIFY(trainer->takeEnteredStage() == twin->takeEnteredStage());
        support::compareBits(snapshotOf(*trainer), snapshotOf(*twin));
    }
};

QTEST_APPLESS_MAIN(TstStepGuard)
#include "tst_stepguard.moc"
