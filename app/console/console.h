// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/console/row.h"
#include "engine/core/result.h"
#include <span>
#include <string_view>

namespace app {

/// How every command ends; told to users in packaging/man/condensate.1.
constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;        ///< what was asked for could not be done or said, or the answer is no
constexpr int kExitRefused = 2;       ///< the request, its data or its files are no good
constexpr int kExitInterrupted = 130; ///< by Ctrl-C or SIGTERM, as a shell tells SIGINT

/// All that the program prints: what a command is for on standard output, everything else on standard error.
/// Nothing here throws, and no text that cannot be written ends what the program does: a standard output that
/// failed is told at the end, by `finish`, a standard error that failed is not missed. One a process, one thread.
class Console {
public:
    /// Make it first in main, before any file is opened. A descriptor 0 to 2 that is closed is held by /dev/null, or
    /// a file that is opened later would take its place and be written over. Writing to a pipe without a reader,
    /// or beyond the size that a file may have, becomes an error instead of a signal that ends the program.
    Console();
    ~Console(); ///< ends a row that is still open
    Console(const Console &) = delete;
    Console &operator=(const Console &) = delete;

    /// Goes to standard output at once, as it is. After a failure nothing more does: there shall be no gap.
    void out(std::string_view text);
    /// Whether all that was given to `out` has been written so far.
    bool isHeard() const noexcept { return m_outError == 0; }

    /// A lasting line on standard error.
    void note(std::string_view line);
    /// "condensate: " and the sentence on standard error; returns `code`.
    int complain(std::string_view sentence, int code);
    /// The same; returns kExitFailed where a file cannot be written or a library failed, else kExitRefused.
    int complain(const engine::Error &error);

    /// Whether standard error is a terminal on which a row can be written over.
    bool showsRows() const noexcept { return m_showsRows; }
    /// A row that the next one replaces, as much of it as the terminal is wide now. Ignored where rows are not shown.
    void row(std::span<const RowPart> parts);
    void clearRow(); ///< takes it away
    void endRow();   ///< leaves it there

    /// The exit code: `code`, but kExitFailed, told in a sentence, where a command that is done was not heard.
    [[nodiscard]] int finish(int code);

private:
    void err(std::string_view text);

    const bool m_showsRows;
    bool m_rowIsOpen = false;
    int m_outError = 0; // errno of the first failure
};

/// In a child process before it executes another program: the signals that Console ignores do again what they do
/// by default.
void restoreSignals() noexcept;

} // namespace app
