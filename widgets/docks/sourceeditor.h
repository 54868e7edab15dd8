// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/parametereditor.h"
#include <span>

class QComboBox;

namespace widgets {

/// A kind of thing whose place on disk is asked for.
struct Source {
    const char *item, *prefix, *title; ///< what the list says, what the value begins with, title of the dialog; untranslated
    const char *filter;                ///< of a file; null asks for a folder
    const char *suffix = "";           ///< behind the path
};

/// Picks from known things by name, and from others through a file dialog.
class SourceEditor : public ParameterEditor {
    Q_OBJECT

public:
    /// The list: nothing yet.
    SourceEditor(const engine::ParameterSpec &row, QWidget *parent);
    void addKnown(const QString &item, const QString &value);
    /// Requires: sources and their texts outlive the editor. `context`: of their translation.
    void addSources(std::span<const Source> sources, const char *context);
    void show(const engine::ParameterValue &value) override;

private:
    void picked(int item);
    void browse(const Source &source);
    void choose(const QString &value);

    QComboBox *m_box;
    std::span<const Source> m_sources;
    const char *m_context = "";
    QString m_value;
};

} // namespace widgets
