// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// PNG and JPEG files for tests.
#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QString>
#include <QtEndian>
#include <cstdio>
#include <png.h>
#include <turbojpeg.h>
#include <unistd.h>
#include <zlib.h>

namespace image_files {

/// Pixels as (height, width, channels); 1: grey, 3: RGB, 4: RGB and alpha.
struct Picture {
    int width = 0, height = 0, channels = 0;
    QByteArray pixels;
};

/// A picture in which no two neighbours are alike; `number` tells one from another.
inline Picture pattern(int width, int height, int channels, int number = 0)
{
    Picture picture{width, height, channels, {}};
    for (int i = 0; i < width * height * channels; ++i)
        picture.pixels.append(static_cast<char>((i * 37 + number * 11) % 256));
    return picture;
}

inline Picture plain(int width, int height, int channels, int value)
{
    return {width, height, channels, QByteArray(width * height * channels, static_cast<char>(value))};
}

inline void writeBytes(const QString &path, const QByteArray &bytes)
{
    QDir{}.mkpath(QFileInfo{path}.path());
    QFile::remove(path); // some file systems write a file that is cut to nothing to the disk at once
    QFile file{path};
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

inline QByteArray toPng(const Picture &picture)
{
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(picture.width);
    image.height = static_cast<png_uint_32>(picture.height);
    image.format = picture.channels == 1 ? PNG_FORMAT_GRAY : picture.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
    QByteArray bytes{static_cast<qsizetype>(PNG_IMAGE_PNG_SIZE_MAX(image)), '\0'};
    auto size = static_cast<png_alloc_size_t>(bytes.size());
    if (!png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.pixels.data(), 0, nullptr))
        qFatal("%s", image.message);
    return bytes.first(static_cast<qsizetype>(size));
}

/// With full resolution of the colours; `flags` as TurboJPEG's.
inline QByteArray toJpeg(const Picture &picture, int quality = 95, int flags = 0)
{
    tjhandle encoder = tjInitCompress();
    unsigned char *buffer = nullptr;
    unsigned long size = 0;
    const int format = picture.channels == 1 ? TJPF_GRAY : picture.channels == 3 ? TJPF_RGB : TJPF_CMYK;
    if (tjCompress2(encoder, reinterpret_cast<const unsigned char *>(picture.pixels.data()), picture.width, 0, picture.height, format,
                    &buffer, &size, picture.channels == 1 ? TJSAMP_GRAY : TJSAMP_444, quality, flags) != 0)
        qFatal("%s", tjGetErrorStr2(encoder));
    const QByteArray bytes{reinterpret_cast<const char *>(buffer), static_cast<qsizetype>(size)};
    tjFree(buffer);
    tjDestroy(encoder);
    return bytes;
}

/// `count` images in each of the two classes "apple" and "pear", 001.png, 002.png, …; each full of one value,
/// 100 more for pears.
inline void writeTwoClasses(const QString &folder, int count = 10)
{
    for (int i = 1; i <= count; ++i) {
        writeBytes(QStringLiteral("%1/apple/%2.png").arg(folder).arg(i, 3, 10, QChar{'0'}), toPng(plain(16, 16, 1, i)));
        writeBytes(QStringLiteral("%1/pear/%2.png").arg(folder).arg(i, 3, 10, QChar{'0'}), toPng(plain(16, 16, 1, 100 + i)));
    }
}

/// A PNG chunk with a right checksum.
inline QByteArray chunk(const QByteArray &kind, const QByteArray &data)
{
    const auto number = [](quint32 value) { QByteArray b(4, '\0'); qToBigEndian(value, b.data()); return b; };
    const QByteArray summed = kind + data;
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef *>(summed.data()), static_cast<uInt>(summed.size()));
    return number(static_cast<quint32>(data.size())) + summed + number(static_cast<quint32>(crc));
}

/// What is written to standard error while this lives.
class ErrorStream {
public:
    ErrorStream() : m_before{::dup(2)}, m_catcher{::fileno(m_file)} { ::dup2(m_catcher, 2); }
    ~ErrorStream() { restore(); std::fclose(m_file); }
    QByteArray text()
    {
        std::fflush(stderr);
        restore();
        QByteArray bytes(1000, '\0');
        return bytes.first(std::max<qsizetype>(0, ::pread(m_catcher, bytes.data(), 1000, 0)));
    }

private:
    void restore()
    {
        if (m_before >= 0)
            ::dup2(m_before, 2), ::close(m_before);
        m_before = -1;
    }
    FILE *m_file = std::tmpfile();
    int m_before, m_catcher;
};

} // namespace image_files
