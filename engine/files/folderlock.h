// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <filesystem>
#include <memory>

namespace engine {

/// The right to write into a folder, of one process at a time: a file in it that names host and process, and
/// is locked as long as that lives. What a process left behind that is gone, by a kill or a power cut, is
/// recognised and taken over: on this host by asking for the process, for another host by the file's age, for
/// the holder touches it every minute.
class FolderLock {
public:
    /// Errors: InUse, naming host and process; Unwritable.
    static Result<FolderLock> take(const std::filesystem::path &file);
    /// Whether a process left this file behind when it was ended: nobody holds it any more.
    static bool isLeftBehind(const std::filesystem::path &file);
    FolderLock(FolderLock &&other) noexcept;
    FolderLock &operator=(FolderLock &&other) noexcept;
    ~FolderLock(); ///< gives the right up; the file goes

private:
    struct Impl;
    explicit FolderLock(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
