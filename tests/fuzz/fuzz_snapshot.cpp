// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshot.h"
#include "tests/fuzz/fuzz.h"
#include <string>

#include <sys/mman.h>
#include <unistd.h>

/// HDF5 1.10 forgets some 400 bytes whenever an object header fails its checksum.
extern "C" const char *__lsan_default_suppressions() { return "leak:libhdf5"; }

/// HDF5 reads files alone: the input becomes one in memory.
int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const int descriptor = ::memfd_create("snapshot", MFD_CLOEXEC);
    fuzz::require(descriptor >= 0 && ::write(descriptor, data, size) == static_cast<ssize_t>(size), "there is memory for the input");
    const auto read = engine::readSnapshot("/proc/self/fd/" + std::to_string(descriptor));
    fuzz::require(read || (read.error().text.ends_with('.') && read.error().text.find('\n') == std::string::npos), "one sentence");
    ::close(descriptor);
    return 0;
}
