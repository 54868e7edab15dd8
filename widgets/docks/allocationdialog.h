// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/sensitivity/allocation.h"
#include <QDialog>
#include <optional>

class QComboBox;
class QDialogButtonBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableWidget;
class QVBoxLayout;

namespace widgets {

/// Asks for what k is to be chosen, shows the choice as it is predicted and then as it was measured, and
/// offers to use it. Choosing itself is done elsewhere.
class AllocationDialog : public QDialog {
    Q_OBJECT

public:
    /// `floatBytes`: of all parameters as float32. `accuracy`: validation accuracy of the latent weights,
    /// 0…1, if known.
    AllocationDialog(double floatBytes, std::optional<double> accuracy, QWidget *parent);

    void setBusy(bool busy);
    void showProgress(int done, int all);
    void showPreview(const engine::Allocation &preview);
    void showResult(const engine::Allocation &allocation);
    void showNote(const QString &sentence);
    const std::optional<engine::Allocation> &allocation() const noexcept { return m_allocation; } ///< the newest that was measured

Q_SIGNALS:
    void wanted(const engine::AllocationRequest &request);
    void cancelWanted();
    void useWanted(); ///< of allocation()

private:
    enum class Demand { Bytes, Ratio, Accuracy }; // in the order of the box
    void addDemand(QVBoxLayout &layout);
    void addTable(QVBoxLayout &layout);
    void addButtons(QVBoxLayout &layout);
    void showDemand(Demand demand);
    void ask();
    void adapt();
    void fillTable(const engine::Allocation &allocation);
    void fillScores(const engine::Allocation &allocation, bool isMeasured);

    const double m_floatBytes;
    const std::optional<double> m_accuracy;
    std::optional<engine::Allocation> m_allocation;
    bool m_busy = false;
    QComboBox *m_demand = nullptr;
    QDoubleSpinBox *m_value = nullptr;
    QLineEdit *m_candidates = nullptr;
    QSpinBox *m_images = nullptr;
    QPushButton *m_choose = nullptr, *m_cancel = nullptr, *m_use = nullptr;
    QProgressBar *m_progress = nullptr;
    QTableWidget *m_table = nullptr;
    QLabel *m_scores = nullptr, *m_note = nullptr;
};

} // namespace widgets
