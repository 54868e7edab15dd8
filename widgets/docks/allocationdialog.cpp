// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/allocationdialog.h"
#include "widgets/docks/emptyhint.h"
#include "widgets/models/texts.h"
#include "widgets/plots/numberboxes.h"
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

namespace widgets {
namespace {

constexpr double kKilobyte = 1000;
constexpr double kRatio = 10;             // that is proposed
constexpr double kPointsBelowLatent = 1;  // that are proposed as floor
constexpr int kMostImages = 1'000'000;

enum Column { Name, Weights, K, Bytes, Loss, Points, ColumnCount };

QString kilobytes(double bytes) { return AllocationDialog::tr("%1 kB").arg(bytes / kKilobyte, 0, 'f', 2); }

/// With its sign, as a change.
QString change(double value, int decimals)
{
    const auto text = QString::number(std::abs(value), 'f', decimals);
    return text.toDouble() == 0 ? text : (value < 0 ? QChar{0x2212} : QChar{u'+'}) + text;
}

QString scoreRow(const QString &name, const engine::Scores &scores)
{
    const auto loss = std::isnan(scores.loss) ? QStringLiteral("–") : QString::number(scores.loss, 'f', 4);
    const auto accuracy =
        std::isnan(scores.accuracy) ? QStringLiteral("–") : QString::number(100 * scores.accuracy, 'f', 2) + QStringLiteral(" %");
    return QStringLiteral("<tr><td>%1</td><td align='right'>&nbsp;&nbsp;%2</td><td align='right'>&nbsp;&nbsp;%3</td></tr>")
        .arg(name, accuracy, loss);
}

} // namespace

AllocationDialog::AllocationDialog(double floatBytes, std::optional<double> accuracy, QWidget *parent)
    : QDialog{parent}, m_floatBytes{floatBytes}, m_accuracy{accuracy}
{
    setWindowTitle(tr("Allocate bits"));
    auto *layout = new QVBoxLayout{this};
    addDemand(*layout);
    addTable(*layout);
    m_scores = new QLabel{this};
    m_scores->setObjectName(QStringLiteral("allocationScores"));
    m_scores->setTextFormat(Qt::RichText);
    m_scores->setWordWrap(true);
    m_note = new QLabel{this};
    m_note->setObjectName(QStringLiteral("allocationNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    layout->addWidget(m_scores);
    layout->addWidget(m_note);
    addButtons(*layout);
    showDemand(Demand::Ratio);
    m_demand->setCurrentIndex(static_cast<int>(Demand::Ratio));
    adapt();
    resize(560, 520);
}

void AllocationDialog::addDemand(QVBoxLayout &layout)
{
    auto *form = new QFormLayout;
    m_demand = new QComboBox{this};
    m_demand->setObjectName(QStringLiteral("allocationDemand"));
    m_demand->addItems({tr("Size at most"), tr("Times smaller than float32, at least"), tr("Validation accuracy at least")});
    m_demand->setToolTip(
        tr("Sizes are theoretical: codes at their order-0 entropy, codebooks, and what stays float32; no headers and code tables."));
    m_value = new RealBox{this};
    m_value->setObjectName(QStringLiteral("allocationValue"));
    m_value->setAccessibleName(tr("How much"));
    auto *row = new QHBoxLayout;
    row->addWidget(m_demand);
    row->addWidget(m_value, 1);
    form->addRow(tr("&Wanted"), row);
    m_candidates = new QLineEdit{QStringLiteral("2, 3, 4, 6, 8, 16, 32"), this};
    m_candidates->setObjectName(QStringLiteral("allocationCandidates"));
    static const QRegularExpression numbers{QStringLiteral("\\s*\\d{1,3}\\s*(,\\s*\\d{1,3}\\s*)*")};
    m_candidates->setValidator(new QRegularExpressionValidator{numbers, m_candidates});
    m_candidates->setToolTip(
        tr("Numbers of representatives to choose from, ascending, 1 to 256. Each layer is measured with each of them."));
    form->addRow(tr("C&andidates for k"), m_candidates);
    m_images = new WholeBox{this};
    m_images->setObjectName(QStringLiteral("allocationImages"));
    m_images->setRange(1, kMostImages);
    m_images->setValue(1000);
    m_images->setSingleStep(100);
    m_images->setToolTip(tr("Validation images to measure on, at most; always the same ones."));
    form->addRow(tr("&Images"), m_images);
    qobject_cast<QLabel *>(form->labelForField(row))->setBuddy(m_demand);
    layout.addLayout(form);
    connect(m_demand, &QComboBox::currentIndexChanged, this, [this](int demand) { showDemand(static_cast<Demand>(demand)); });
    connect(m_candidates, &QLineEdit::textChanged, this, &AllocationDialog::adapt);
}

void AllocationDialog::addTable(QVBoxLayout &layout)
{
    auto *row = new QHBoxLayout;
    m_choose = new QPushButton{tr("&Choose k"), this};
    m_choose->setObjectName(QStringLiteral("allocationChoose"));
    m_choose->setDefault(true);
    m_choose->setToolTip(tr("Measures in the background, on the run as it is now; the run goes on."));
    m_cancel = new QPushButton{tr("Cancel"), this};
    m_cancel->setObjectName(QStringLiteral("allocationCancel"));
    m_progress = new QProgressBar{this};
    m_progress->setObjectName(QStringLiteral("allocationProgress"));
    m_progress->setAccessibleName(tr("Measurements done"));
    m_progress->setAlignment(Qt::AlignCenter);
    m_progress->setFormat(QStringLiteral("%v/%m"));
    row->addWidget(m_choose);
    row->addWidget(m_cancel);
    row->addWidget(m_progress, 1);
    row->addStretch();
    layout.addLayout(row);
    m_table = new QTableWidget{0, ColumnCount, this};
    m_table->setObjectName(QStringLiteral("allocationTable"));
    m_table->setAccessibleName(tr("Chosen representatives"));
    m_table->setHorizontalHeaderLabels({tr("Layer"), tr("Weights"), tr("k"), tr("Bytes (theoretical)"), tr("Loss"), tr("Points")});
    m_table->horizontalHeaderItem(Bytes)->setToolTip(
        tr("Codes at their order-0 entropy, and the codebook; without headers and code tables."));
    m_table->horizontalHeaderItem(Loss)->setToolTip(
        tr("Rise of the validation loss with this layer alone snapped, measured; natural log."));
    m_table->horizontalHeaderItem(Points)->setToolTip(
        tr("Change of the validation accuracy with this layer alone snapped, measured; percentage points."));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(Name, QHeaderView::Stretch);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    new EmptyHint{
        tr("Every layer is measured with every candidate; then k is chosen greedily, the choice measured as a whole, and refined."),
        *m_table};
    layout.addWidget(m_table, 1);
}

void AllocationDialog::addButtons(QVBoxLayout &layout)
{
    auto *buttons = new QDialogButtonBox{QDialogButtonBox::Close, this};
    m_use = buttons->addButton(tr("&Use these"), QDialogButtonBox::ActionRole);
    m_use->setObjectName(QStringLiteral("allocationUse"));
    m_use->setToolTip(tr("Makes rules for single layers of them, for the next run."));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_use, &QPushButton::clicked, this, &AllocationDialog::useWanted);
    connect(m_choose, &QPushButton::clicked, this, &AllocationDialog::ask);
    connect(m_cancel, &QPushButton::clicked, this, &AllocationDialog::cancelWanted);
    layout.addWidget(buttons);
}

void AllocationDialog::showDemand(Demand demand)
{
    switch (demand) {
    case Demand::Bytes:
        m_value->setDecimals(2);
        m_value->setRange(0.01, m_floatBytes / kKilobyte);
        m_value->setSuffix(tr(" kB"));
        m_value->setValue(m_floatBytes / kKilobyte / kRatio);
        return;
    case Demand::Ratio:
        m_value->setDecimals(1);
        m_value->setRange(1, 1000);
        m_value->setSuffix(tr("×"));
        m_value->setValue(kRatio);
        return;
    case Demand::Accuracy:
        m_value->setDecimals(2);
        m_value->setRange(0.01, 100);
        m_value->setSuffix(tr(" %"));
        m_value->setValue(m_accuracy ? 100 * *m_accuracy - kPointsBelowLatent : 90);
        return;
    }
}

void AllocationDialog::ask()
{
    engine::AllocationRequest request;
    const double value = m_value->value();
    switch (static_cast<Demand>(m_demand->currentIndex())) {
    case Demand::Bytes:
        request.bytes = value * kKilobyte;
        break;
    case Demand::Ratio:
        request.bytes = m_floatBytes / value;
        break;
    case Demand::Accuracy:
        request.accuracy = value / 100;
        break;
    }
    request.candidates.clear();
    for (const auto &number : m_candidates->text().split(QLatin1Char(',')))
        request.candidates.push_back(number.trimmed().toInt());
    request.images = static_cast<std::size_t>(m_images->value());
    m_allocation.reset();
    m_table->setRowCount(0);
    m_scores->clear();
    m_note->clear();
    Q_EMIT wanted(request);
}

void AllocationDialog::setBusy(bool busy)
{
    m_busy = busy;
    m_progress->setRange(0, 0); // until it is known how many there are
    adapt();
}

void AllocationDialog::adapt()
{
    m_choose->setVisible(!m_busy);
    m_choose->setEnabled(m_candidates->hasAcceptableInput());
    m_cancel->setVisible(m_busy);
    m_progress->setVisible(m_busy);
    m_use->setEnabled(!m_busy && m_allocation);
    for (QWidget *field : {static_cast<QWidget *>(m_demand), static_cast<QWidget *>(m_value), static_cast<QWidget *>(m_candidates),
                           static_cast<QWidget *>(m_images)})
        field->setEnabled(!m_busy);
}

void AllocationDialog::showProgress(int done, int all)
{
    m_progress->setRange(0, all);
    m_progress->setValue(done);
}

void AllocationDialog::showPreview(const engine::Allocation &preview)
{
    fillTable(preview);
    fillScores(preview, false);
    m_note->setText(tr("This is predicted from the layers measured one by one; it is now measured as a whole, and refined."));
}

void AllocationDialog::showResult(const engine::Allocation &allocation)
{
    m_allocation = allocation;
    fillTable(allocation);
    fillScores(allocation, true);
    m_note->setText(allocation.meets
                        ? tr("This is what was wanted, as measured at step %1.").arg(wholeNumber(count(allocation.step)))
                        : tr("No choice of these candidates reaches what was wanted; this one comes nearest, as measured at step %1.")
                              .arg(wholeNumber(count(allocation.step))));
    adapt();
}

void AllocationDialog::showNote(const QString &sentence)
{
    m_note->setText(sentence);
}

void AllocationDialog::fillTable(const engine::Allocation &allocation)
{
    m_table->setRowCount(static_cast<int>(allocation.layers.size()));
    int row = 0;
    for (const auto &layer : allocation.layers) {
        const auto &option = layer.option;
        const QString texts[] = {qtext(layer.layer),         wholeNumber(layer.weights),
                                 QString::number(option.k),  wholeNumber(static_cast<std::uint64_t>(std::llround(option.bytes))),
                                 change(option.lossRise, 4), change(-100 * option.accuracyDrop, 2)};
        for (int column = 0; column < ColumnCount; ++column) {
            auto *item = new QTableWidgetItem{texts[column]};
            item->setTextAlignment((column == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
            m_table->setItem(row, column, item);
        }
        ++row;
    }
}

void AllocationDialog::fillScores(const engine::Allocation &allocation, bool isMeasured)
{
    const double ratio = allocation.bytes > 0 ? static_cast<double>(allocation.floatBytes) / allocation.bytes : 0;
    const auto size = tr("All layers with what stays float: %1 (theoretical, order-0 entropy), %2 times smaller than float32.")
                          .arg(kilobytes(allocation.bytes))
                          .arg(ratio, 0, 'f', 2);
    auto table = QStringLiteral("<table><tr><td></td><td align='right'>&nbsp;&nbsp;%1</td><td align='right'>&nbsp;&nbsp;%2</td></tr>")
                     .arg(tr("Accuracy"), tr("Loss"));
    table += scoreRow(tr("Latent"), allocation.latent) + scoreRow(tr("Snapped, predicted"), allocation.predicted) +
             scoreRow(tr("Snapped, measured"),
                      isMeasured ? allocation.measured : engine::Scores{.accuracy = std::nan(""), .loss = std::nan("")});
    m_scores->setText(QStringLiteral("<p>%1</p>%2</table>").arg(size, table));
}

} // namespace widgets
