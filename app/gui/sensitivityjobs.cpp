// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/sensitivityjobs.h"
#include "widgets/docks/allocationdialog.h"
#include "widgets/docks/sensitivitydock.h"
#include "widgets/models/layerplan.h"
#include "widgets/models/runmodel.h"
#include "widgets/plots/sensitivityview.h"
#include <cmath>
#include <string_view>
#include <utility>

namespace app {
namespace {

std::string_view text(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

QStringList commonOptions(std::size_t images)
{
    return {QStringLiteral("--json"), QStringLiteral("--progress"), QStringLiteral("--images"), QString::number(images)};
}

double floatBytes(const engine::RunDescription &run)
{
    auto values = static_cast<double>(run.floatParameters);
    for (const auto &layer : run.layers)
        values += static_cast<double>(layer.weightCount);
    return 4 * values;
}

/// The newest validation accuracy of the latent weights, if any was measured.
std::optional<double> latentAccuracy(const engine::History &history)
{
    const auto &samples = history.samples();
    for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample)
        if (std::isfinite(sample->latentAccuracy))
            return sample->latentAccuracy;
    return std::nullopt;
}

} // namespace

SensitivityJobs::SensitivityJobs(RunSession &session, const widgets::RunModel &run, widgets::ParameterModel &parameters,
                                 const QString &program, widgets::SensitivityDock &dock, QObject *parent)
    : QObject{parent}, m_run{run}, m_parameters{parameters}, m_dock{dock}, m_measurement{session, program, this}, m_allocation{session,
                                                                                                                               program,
                                                                                                                               this}
{
    wireMeasurement();
    wireAllocation();
}

void SensitivityJobs::wireMeasurement()
{
    connect(&m_dock, &widgets::SensitivityDock::measureWanted, this, &SensitivityJobs::measure);
    connect(&m_dock, &widgets::SensitivityDock::cancelWanted, &m_measurement, &SnapshotJob::cancel);
    connect(&m_measurement, &SnapshotJob::progressed, &m_dock, &widgets::SensitivityDock::showProgress);
    connect(&m_measurement, &SnapshotJob::done, this, [this](const QByteArray &output) {
        m_dock.setBusy(false);
        auto result = engine::readSensitivity(text(output));
        if (!result)
            return m_dock.showNote(QString::fromStdString(result.error().text));
        m_pending->result = *std::move(result);
        m_dock.showMeasured(std::exchange(m_pending, nullptr));
    });
    connect(&m_measurement, &SnapshotJob::failed, this, [this](const QString &why) {
        m_dock.setBusy(false);
        m_dock.showNote(why.isEmpty() ? tr("Nothing was measured.") : why);
    });
    connect(&m_measurement, &SnapshotJob::cancelled, this, [this] {
        m_dock.setBusy(false);
        m_dock.showNote(tr("The measurement was given up."));
    });
}

void SensitivityJobs::measure(const engine::SensitivityOptions &options)
{
    if (m_measurement.isBusy() || !m_dock.obstacle().isEmpty())
        return;
    m_pending =
        std::make_shared<widgets::MeasuredSensitivity>(widgets::MeasuredSensitivity{{}, options.k, m_run.description(), m_run.history()});
    m_dock.setBusy(true);
    auto arguments = commonOptions(options.images);
    if (options.k)
        arguments << QStringLiteral("--k") << QString::number(*options.k);
    m_measurement.start(QStringLiteral("sensitivity"), arguments);
}

void SensitivityJobs::wireAllocation()
{
    connect(&m_dock, &widgets::SensitivityDock::allocationWanted, this, &SensitivityJobs::openDialog);
    connect(&m_allocation, &SnapshotJob::progressed, this, [this](int done, int all) {
        if (m_dialog)
            m_dialog->showProgress(done, all);
    });
    connect(&m_allocation, &SnapshotJob::previewed, this, [this](const QByteArray &json) {
        if (const auto preview = engine::readAllocation(text(json)); preview && m_dialog)
            m_dialog->showPreview(*preview);
    });
    const auto end = [this](const QString &note) {
        if (!m_dialog)
            return;
        m_dialog->setBusy(false);
        m_dialog->showNote(note);
    };
    connect(&m_allocation, &SnapshotJob::done, this, [this, end](const QByteArray &output) {
        const auto found = engine::readAllocation(text(output));
        end(found ? QString{} : QString::fromStdString(found.error().text));
        if (found && m_dialog)
            m_dialog->showResult(*found);
    });
    connect(&m_allocation, &SnapshotJob::failed, this,
            [end](const QString &why) { end(why.isEmpty() ? tr("Nothing was measured.") : why); });
    connect(&m_allocation, &SnapshotJob::cancelled, this, [end] { end(tr("The measurement was given up.")); });
}

/// Beside the window, which stays in use; one at a time.
void SensitivityJobs::openDialog()
{
    if (m_dialog) {
        m_dialog->raise();
        return m_dialog->activateWindow();
    }
    m_dialog = new widgets::AllocationDialog{floatBytes(*m_run.description()), latentAccuracy(*m_run.history()), m_dock.window()};
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_dialog, &widgets::AllocationDialog::wanted, this, &SensitivityJobs::allocate);
    connect(m_dialog, &widgets::AllocationDialog::cancelWanted, &m_allocation, &SnapshotJob::cancel);
    connect(m_dialog, &QDialog::finished, &m_allocation, &SnapshotJob::cancel);
    connect(m_dialog, &widgets::AllocationDialog::useWanted, this, &SensitivityJobs::use);
    m_dialog->show();
}

void SensitivityJobs::allocate(const engine::AllocationRequest &request)
{
    if (m_allocation.isBusy())
        return;
    if (const auto why = m_dock.obstacle(); !why.isEmpty())
        return m_dialog->showNote(why);
    m_allocatedRun = m_run.description();
    m_dialog->setBusy(true);
    QStringList candidates;
    for (const int k : request.candidates)
        candidates << QString::number(k);
    auto arguments = commonOptions(request.images);
    arguments << QStringLiteral("--candidates") << candidates.join(QLatin1Char(','));
    if (request.bytes)
        arguments << QStringLiteral("--bytes") << QString::number(*request.bytes, 'f', 0);
    else
        arguments << QStringLiteral("--accuracy") << QString::number(100 * *request.accuracy, 'g', 10);
    m_allocation.start(QStringLiteral("allocate"), arguments);
}

void SensitivityJobs::use()
{
    std::vector<std::pair<std::string, int>> k;
    for (const auto &layer : m_dialog->allocation()->layers)
        k.emplace_back(layer.layer, layer.option.k);
    const auto planned = widgets::planAllocation(m_parameters, *m_allocatedRun, k);
    m_dialog->showNote(planned ? *planned : QString::fromStdString(planned.error().text));
}

} // namespace app
