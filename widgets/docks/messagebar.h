// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <QList>
#include <functional>

class QLabel;
class QPushButton;

namespace widgets {

/// Sentences the user must not miss, inside the window and in nobody's way: the newest shows, dismissing it brings the
/// one before. Hidden while there is none.
class MessageBar : public QFrame {
    Q_OBJECT

public:
    enum class Severity { Hint, Warning, Error };
    /// What can be done at once; the message goes with it.
    struct Offer {
        QString text; ///< empty: nothing
        std::function<void()> accept;
    };
    explicit MessageBar(QWidget *parent = nullptr);

    void show(Severity severity, const QString &text, const Offer &offer = {}); ///< a text that is there already moves to the front
    void clear();
    QString text() const; ///< what shows now, or empty
    qsizetype count() const noexcept { return m_messages.size(); }

public Q_SLOTS:
    void dismiss();

Q_SIGNALS:
    void emptied(bool empty);

protected:
    void changeEvent(QEvent *event) override;

private:
    struct Message {
        Severity severity;
        QString text;
        Offer offer;
    };
    void present();
    void accept();

    QList<Message> m_messages; // newest last
    QLabel *m_sign;
    QLabel *m_text;
    QLabel *m_more;
    QPushButton *m_offer;
};

} // namespace widgets
