// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <QDialog>
#include <vector>

class QLabel;
class QTableWidget;

namespace widgets {

class ParameterModel;
class RunModel;

/// All layers of the chosen network, one a row, with what each is quantized with. Patterns among the rules
/// stay; a layer that is to differ from them gets a rule of its own.
class LayerRulesDialog : public QDialog {
    Q_OBJECT

public:
    /// `layers`: names of the network's. `inRun`: only what can change while a run goes on is open to change,
    /// and λ is shown as followRun says.
    /// Requires: settings whose `layers` can be read.
    LayerRulesDialog(const engine::Settings &settings, std::vector<std::string> layers, bool inRun, QWidget *parent);

    /// Shows the λ of every layer, now and where its ramp leads, as long as the dialog lives. `run` is
    /// borrowed and outlives it.
    void followRun(const RunModel &run);
    void accept() override; ///< not while a number cannot be: the note says which and why
    QString rules() const;  ///< the text of the parameter `layers` for what is shown

    /// Shows the dialog over `parent`; what is accepted is proposed to `parameters`, as one undo step. Before
    /// a run the layers are those of the network that is set; for one in a file the dialog comes once that is
    /// read in the background, or a message that says why it cannot be.
    static void open(const RunModel &run, ParameterModel &parameters, QWidget *parent);

private:
    static void show(const RunModel &run, ParameterModel &parameters, std::vector<std::string> layers, QWidget *parent);
    void showStrengths(const RunModel &run);
    std::vector<engine::LayerSettings> asTheNetwork() const;
    void fitColumns();
    void addRow(int row, const engine::LayerSettings &settings);
    void enableRow(int row);
    engine::LayerSettings rowSettings(int row) const;
    void showAll(const std::vector<engine::LayerSettings> &settings);

    const engine::Settings m_settings;
    const bool m_inRun;
    std::vector<std::string> m_names;
    QTableWidget *m_table;
    QLabel *m_note;
};

} // namespace widgets
