// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Data files for tests, good ones and ways to make bad ones.
#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QList>
#include <QString>
#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

namespace data_files {

inline constexpr qsizetype kCifarBytes = 30'730'000, kCifarRecord = 3073;
inline const QStringList kCifarNames{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                     "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

inline void write(const QString &path, const QByteArray &bytes)
{
    QFile file{path};
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

inline QByteArray read(const QString &path)
{
    QFile file{path};
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    return file.readAll();
}

inline QByteArray gzip(const QByteArray &bytes)
{
    z_stream stream{};
    deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY); // 16: with gzip header
    QByteArray zipped{static_cast<qsizetype>(deflateBound(&stream, static_cast<uLong>(bytes.size()))), '\0'};
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(zipped.data());
    stream.avail_out = static_cast<uInt>(zipped.size());
    deflate(&stream, Z_FINISH);
    zipped.truncate(static_cast<qsizetype>(stream.total_out));
    deflateEnd(&stream);
    return zipped;
}

inline QByteArray bigEndian(quint32 value)
{
    QByteArray bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.append(static_cast<char>(value >> shift & 0xff));
    return bytes;
}

inline QByteArray idxHeader(const QList<quint32> &sides, quint32 type = 0x800)
{
    QByteArray bytes = bigEndian(type + static_cast<quint32>(sides.size()));
    for (const quint32 side : sides)
        bytes += bigEndian(side);
    return bytes;
}

/// Image i is full of the value i + 1.
inline QByteArray idxImages(quint32 count, quint32 side = 28)
{
    QByteArray bytes = idxHeader({count, side, side});
    for (quint32 i = 0; i < count; ++i)
        bytes.append(static_cast<qsizetype>(side * side), static_cast<char>(i + 1));
    return bytes;
}

/// Labels 0, 1, … 9, 0, …
inline QByteArray idxLabels(quint32 count)
{
    QByteArray bytes = idxHeader({count});
    for (quint32 i = 0; i < count; ++i)
        bytes.append(static_cast<char>(i % 10));
    return bytes;
}

/// A small good set of 12 + 5 images, half of the files gzipped.
inline void writeFashion(const QDir &folder)
{
    write(folder.filePath("train-images-idx3-ubyte.gz"), gzip(idxImages(12)));
    write(folder.filePath("train-labels-idx1-ubyte"), idxLabels(12));
    write(folder.filePath("t10k-images-idx3-ubyte"), idxImages(5));
    write(folder.filePath("t10k-labels-idx1-ubyte.gz"), gzip(idxLabels(5)));
}

/// A batch of black images of class 0; the first has label `number` and is full of that value.
inline QByteArray cifarBatch(int number)
{
    QByteArray bytes(kCifarBytes, '\0');
    std::fill_n(bytes.begin(), kCifarRecord, static_cast<char>(number));
    return bytes;
}

inline void writeCifar(const QDir &folder)
{
    for (int i = 0; i < kCifarNames.size(); ++i)
        write(folder.filePath(kCifarNames[i]), cifarBatch(i + 1));
}

struct Entry { QString name; QByteArray bytes; };

/// The six batches and the names in an order of their own, as the official archive has them.
inline QList<Entry> cifarEntries()
{
    QList<Entry> entries{{"batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"}, {"readme.html", "<html></html>"}};
    for (const int i : {3, 0, 5, 1, 4, 2})
        entries.append({kCifarNames[i], cifarBatch(i + 1)});
    for (Entry &entry : entries)
        entry.name.prepend("cifar-10-batches-bin/");
    return entries;
}

inline void writeTarGz(const QString &path, const QList<Entry> &entries)
{
    archive *out = archive_write_new();
    archive_write_add_filter_gzip(out);
    archive_write_set_options(out, "gzip:compression-level=1");
    archive_write_set_format_ustar(out);
    if (archive_write_open_filename(out, qPrintable(path)) != ARCHIVE_OK)
        qFatal("cannot write %s", qPrintable(path));
    for (const Entry &entry : entries) {
        archive_entry *header = archive_entry_new();
        archive_entry_set_pathname(header, qPrintable(entry.name));
        archive_entry_set_size(header, entry.bytes.size());
        archive_entry_set_filetype(header, AE_IFREG);
        archive_entry_set_perm(header, 0644);
        archive_write_header(out, header);
        archive_write_data(out, entry.bytes.data(), static_cast<size_t>(entry.bytes.size()));
        archive_entry_free(header);
    }
    archive_write_free(out);
}

/// A tar header that promises 8 GiB − 1 and is followed by nothing.
inline QByteArray hugeTarHeader(const QByteArray &name)
{
    QByteArray header(512, '\0');
    header.replace(0, name.size(), name);
    header.replace(100, 7, "0000644").replace(124, 11, "77777777777").replace(136, 11, "00000000000");
    header.replace(148, 8, "        ").replace(156, 1, "0").replace(257, 8, QByteArray{"ustar\0" "00", 8});
    int sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    return header.replace(148, 7, QByteArray::number(sum, 8).rightJustified(6, '0') + '\0');
}

} // namespace data_files
