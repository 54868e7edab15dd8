// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/snapshot.h"
#include <functional>
#include <memory>

namespace engine {

/// Owns the thread on which snapshots are written, so that training goes on meanwhile. Whoever needs one makes one;
/// writeSnapshot and readSnapshot serialise themselves, so several writers in one process are safe.
class SnapshotWriter {
public:
    using Done = std::function<void(const std::filesystem::path &, Step, const Result<void> &)>; ///< runs on the writer thread

    SnapshotWriter();
    ~SnapshotWriter(); ///< finishes what is queued, then joins
    SnapshotWriter(const SnapshotWriter &) = delete;
    SnapshotWriter &operator=(const SnapshotWriter &) = delete;

    /// Queues one write and returns at once. `previous`: the name that the file there, if any, is kept under; may be
    /// empty. A lack of memory is told as an error, too. `done` may be empty; it must not call `drain`, and is called a
    /// second time if it throws.
    void write(std::shared_ptr<const SnapshotData> data, std::filesystem::path file, std::filesystem::path previous, Done done);
    /// Blocks until everything queued is on disk.
    void drain();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
