// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/h5memoryfile.h"
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

namespace engine::h5 {
namespace {

static_assert(std::endian::native == std::endian::little, "snapshots are written from little-endian memory");

/// Receives the buffer when the file is closed: only then does it hold a finished file (the superblock of an open
/// one says "open for writing").
struct Catch {
    void *buffer = nullptr;
};

void *allocate(std::size_t size, H5FD_file_image_op_t, void *) { return std::malloc(size); }
void *copy(void *to, const void *from, std::size_t size, H5FD_file_image_op_t, void *) { return std::memcpy(to, from, size); }
void *reallocate(void *buffer, std::size_t size, H5FD_file_image_op_t, void *) { return std::realloc(buffer, size); }

herr_t release(void *buffer, H5FD_file_image_op_t operation, void *user)
{
    if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
        static_cast<Catch *>(user)->buffer = buffer;
    else
        std::free(buffer);
    return 0;
}

void *shareUser(void *user) { return user; }
herr_t keepUser(void *) { return 0; }

void require(herr_t status) { h5::require(status, ErrorCode::Internal, "HDF5 could not make a file in memory"); }

Handle openInMemory(std::size_t sizeHint, Catch &result)
{
    constexpr auto kCode = ErrorCode::Internal;
    const std::string what = "HDF5 could not make a file in memory";
    const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, kCode, what);
    require(H5Pset_fapl_core(access.get(), std::max<std::size_t>(sizeHint, 1), false));
    H5FD_file_image_callbacks_t callbacks{allocate, copy, reallocate, release, shareUser, keepUser, &result};
    require(H5Pset_file_image_callbacks(access.get(), &callbacks));
    // The newest format that HDF5 1.10 reads: there all of its own structures carry checksums.
    require(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110));
    const Handle creation = own(H5Pcreate(H5P_FILE_CREATE), H5Pclose, kCode, what);
    keepPlain(creation.get());
    return own(H5Fcreate("snapshot in memory", H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose, kCode, what);
}

} // namespace

void FileImage::Free::operator()(std::byte *memory) const noexcept { std::free(memory); }

FileImage buildFile(std::size_t sizeHint, const std::function<void(const GroupWriter &)> &fill)
{
    Catch result;
    FileImage image;
    // Also frees the buffer when `fill` throws: the file is closed, hence caught, on the way out.
    const auto take = [&] { image.m_memory.reset(static_cast<std::byte *>(std::exchange(result.buffer, nullptr))); };
    try {
        const Handle file = openInMemory(sizeHint, result);
        fill(GroupWriter{own(H5Gopen2(file.get(), "/", H5P_DEFAULT), H5Gclose, ErrorCode::Internal, "HDF5 lost its root group")});
        require(H5Fflush(file.get(), H5F_SCOPE_GLOBAL));
    } catch (...) {
        take();
        throw;
    }
    take();
    if (!image.m_memory)
        throw Failure{ErrorCode::Internal, "HDF5 could not finish a file in memory: " + cause()};
    std::uint64_t end = 0;
    std::memcpy(&end, image.m_memory.get() + kEndAddressOffset, sizeof end);
    image.m_size = static_cast<std::size_t>(end);
    return image;
}

} // namespace engine::h5
