// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/dock.h"

class QTableView;

namespace widgets {

class JournalModel;

/// What happened in the run, newest at the bottom; follows it unless the user scrolled up.
class JournalDock : public Dock {
    Q_OBJECT

public:
    JournalDock(const RunModel &run, JournalModel &journal, QWidget *parent = nullptr);

protected:
    void refresh(RunModel::Changes) override {}

private:
    QTableView *m_table;
    bool m_follow = true;
};

} // namespace widgets
