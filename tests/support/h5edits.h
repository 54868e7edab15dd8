// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTest>
#include <cstdint>
#include <functional>
#include <hdf5.h>
#include <string>
#include <vector>

/// Changes to an open HDF5 file, past any writer of ours.
namespace support {

inline void setWhole(hid_t file, const char *object, const char *name, std::int64_t value)
{
    if (H5Aexists_by_name(file, object, name, H5P_DEFAULT) > 0)
        H5Adelete_by_name(file, object, name, H5P_DEFAULT);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate_by_name(file, object, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    QVERIFY(H5Awrite(attribute, H5T_NATIVE_INT64, &value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

inline void setText(hid_t file, const char *object, const char *name, const std::string &value)
{
    if (H5Aexists_by_name(file, object, name, H5P_DEFAULT) > 0)
        H5Adelete_by_name(file, object, name, H5P_DEFAULT);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, value.size());
    const hid_t attribute = H5Acreate_by_name(file, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    QVERIFY(H5Awrite(attribute, type, value.data()) >= 0);
    H5Aclose(attribute);
    H5Tclose(type);
    H5Sclose(space);
}

struct Replacement {
    std::vector<hsize_t> shape;
    hid_t type = H5T_IEEE_F32LE;
    std::function<void(hid_t properties)> layout = [](hid_t) {};
    bool write = true;
};

/// Puts another dataset, filled with bytes of value `fill`, in the place of one.
inline void replace(hid_t file, const std::string &name, const Replacement &by, int fill = 0)
{
    H5Ldelete(file, name.c_str(), H5P_DEFAULT);
    const hid_t space = H5Screate_simple(static_cast<int>(by.shape.size()), by.shape.data(), nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    by.layout(properties);
    const hid_t data = H5Dcreate2(file, name.c_str(), by.type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    QVERIFY(data >= 0);
    if (by.write) {
        const std::vector<char> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)) * H5Tget_size(by.type),
                                       static_cast<char>(fill));
        QVERIFY(H5Dwrite(data, by.type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    }
    H5Dclose(data);
    H5Pclose(properties);
    H5Sclose(space);
}

/// Zeros in the place of all values of a dataset, which stays as it is otherwise.
inline void clear(hid_t file, const std::string &name)
{
    const hid_t data = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
    QVERIFY(data >= 0);
    const hid_t type = H5Dget_type(data), space = H5Dget_space(data);
    const std::vector<char> zeros(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)) * H5Tget_size(type));
    QVERIFY(H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros.data()) >= 0);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(data);
}

inline void chunkedGzip(hid_t properties)
{
    const hsize_t chunk[] = {1, 1, 1 << 20};
    H5Pset_chunk(properties, 3, chunk);
    H5Pset_deflate(properties, 1);
}

} // namespace support
