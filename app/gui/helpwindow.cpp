// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/helpwindow.h"
#include "widgets/docks/icons.h"
#include "widgets/models/texts.h"
#include <QAction>
#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QMessageBox>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace app {
namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Help", text);
}

void showPage(QWidget *window, const QString &name, const QString &title, const QString &html)
{
    if (auto *open = window->findChild<QDialog *>(name)) {
        open->raise();
        return open->activateWindow();
    }
    auto *dialog = new QDialog{window};
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    auto *text = new QTextBrowser{dialog};
    text->setAccessibleName(title);
    text->setHtml(html);
    auto *buttons = new QDialogButtonBox{QDialogButtonBox::Close, dialog};
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto *layout = new QVBoxLayout{dialog};
    layout->addWidget(text);
    layout->addWidget(buttons);
    dialog->resize(560, 620);
    dialog->show();
}

} // namespace

void showQuantities(QWidget *window)
{
    showPage(window, QStringLiteral("quantitiesPage"), tr("What the quantities mean"), widgets::parameterPage());
}

void showShortcuts(QWidget *window, const QList<QAction *> &actions)
{
    QString rows;
    for (const auto *action : actions) {
        if (action->shortcuts().isEmpty())
            continue;
        QStringList keys;
        for (const auto &key : action->shortcuts())
            keys << key.toString(QKeySequence::NativeText).toHtmlEscaped();
        rows += QStringLiteral("<tr><td>%1</td><td>&nbsp;&nbsp;<b>%2</b></td></tr>")
                    .arg(QString{action->text()}.remove(QLatin1Char('&')).toHtmlEscaped(), keys.join(QStringLiteral(", ")));
    }
    showPage(window, QStringLiteral("shortcutsPage"), tr("Keyboard shortcuts"),
             QStringLiteral("<table cellpadding='4'>%1</table><p>%2</p>")
                 .arg(rows, tr("In a plot: the wheel zooms, dragging pans, Home or a double click shows everything.")));
}

void showAbout(QWidget *window)
{
    auto *box = new QMessageBox{window};
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setObjectName(QStringLiteral("aboutBox"));
    box->setWindowTitle(tr("About Condensate"));
    box->setIconPixmap(widgets::icon(QStringLiteral("condensate")).pixmap(64, 64));
    box->setText(QStringLiteral("<h3>Condensate %1</h3><p>%2</p>")
                     .arg(QCoreApplication::applicationVersion(),
                          tr("Shows, live, how the weights of a network condense onto a few learnable representatives.")));
    box->setInformativeText(
        tr("Free software under the GNU General Public License, version 3 or later, without any warranty.\n\n"
           "It stands on Qt (LGPL 3), LibTorch (BSD 3-clause), QCustomPlot (GPL 3 or later), HDF5 (BSD 3-clause), "
           "OpenBLAS (BSD 3-clause), oneDNN (Apache 2.0), libarchive (BSD 2-clause), zlib, libpng, libjpeg-turbo, fmt, "
           "nlohmann/json and toml++ (MIT), and CLI11 (BSD 3-clause).\n\n"
           "© 2026 The Condensate authors"));
    box->open();
}

} // namespace app
