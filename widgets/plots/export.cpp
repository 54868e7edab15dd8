// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/export.h"
#include "widgets/plots/plotview.h"
#include "condensateversion.h"
#include <QBuffer>
#include <QFileInfo>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <cmath>
#include <functional>

namespace widgets {
namespace {

constexpr double kLayoutDpi = 96;   // layout px per inch: what Qt and SVG call a pixel
constexpr double kMmPerInch = 25.4;
constexpr int kPdfDpi = 1200;

QSize layoutSize(const QSizeF &sizeMm)
{
    return (sizeMm * (kLayoutDpi / kMmPerInch)).toSize();
}

/// Writes through a temporary file. `write` returns false when it failed.
engine::Result<void> saved(const QString &file, const std::function<bool(QIODevice &)> &write)
{
    QSaveFile target{file};
    const auto failed = [&](const QString &why) {
        return engine::fail(engine::ErrorCode::Unwritable, QStringLiteral("Cannot write %1: %2.").arg(file, why).toStdString());
    };
    if (!target.open(QIODevice::WriteOnly))
        return failed(target.errorString());
    if (!write(target))
        return failed(target.error() == QFileDevice::NoError ? QStringLiteral("the picture could not be made")
                                                             : target.errorString());
    if (!target.commit())
        return failed(target.errorString());
    return {};
}

std::unique_ptr<PlotView> figure(const PlotView &view, const FigureOptions &options)
{
    auto twin = view.twin();
    QFont font = twin->font();
    font.setPixelSize(std::max(1, qRound(options.fontPoints * kLayoutDpi / 72)));
    twin->setFont(font);
    twin->setTheme(options.theme.value_or(PlotTheme::light()));
    return twin;
}

bool writePdf(PlotView &view, QIODevice &device, const FigureOptions &options)
{
    const QSize size = layoutSize(options.sizeMm);
    QPdfWriter writer{&device};
    writer.setResolution(kPdfDpi);
    writer.setPageSize(QPageSize{options.sizeMm, QPageSize::Millimeter, {}, QPageSize::ExactMatch});
    writer.setPageMargins({});
    writer.setTitle(view.subject());
    writer.setCreator(QStringLiteral("Condensate " CONDENSATE_VERSION));
    view.paint(writer, size, kPdfDpi / kLayoutDpi, true);
    return true;
}

bool writeSvg(PlotView &view, QIODevice &device, const FigureOptions &options)
{
    const QSize size = layoutSize(options.sizeMm);
    QByteArray bytes; // the generator ignores write errors, the device does not
    QBuffer buffer{&bytes};
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(static_cast<int>(kLayoutDpi));
    generator.setSize(size);
    generator.setViewBox(QRect{{}, size});
    generator.setTitle(view.subject());
    view.paint(generator, size, 1, true);
    return device.write(bytes) == bytes.size();
}

bool writePng(PlotView &view, QIODevice &device, const FigureOptions &options)
{
    const double scale = options.dpi / kLayoutDpi;
    const QSize size = layoutSize(options.sizeMm);
    QImage image{(QSizeF{size} * scale).toSize(), QImage::Format_ARGB32_Premultiplied};
    if (image.isNull())
        return false;
    image.fill(view.theme().background);
    view.paint(image, size, scale, false);
    image.setDotsPerMeterX(qRound(options.dpi / kMmPerInch * 1000));
    image.setDotsPerMeterY(image.dotsPerMeterX());
    return image.save(&device, "PNG");
}

engine::Result<void> checked(const FigureOptions &options)
{
    const auto bad = [](const QString &text) { return engine::fail(engine::ErrorCode::BadValue, text.toStdString()); };
    for (const double length : {options.sizeMm.width(), options.sizeMm.height()})
        if (!(length >= 20 && length <= 1000))
            return bad(QStringLiteral("A figure must be 20 to 1000 mm wide and high, found %1 × %2 mm.")
                           .arg(options.sizeMm.width()).arg(options.sizeMm.height()));
    if (options.dpi < 36 || options.dpi > 1200)
        return bad(QStringLiteral("The resolution of a PNG must be 36 to 1200 dpi, found %1.").arg(options.dpi));
    return {};
}

} // namespace

engine::Result<void> exportPlot(const PlotView &view, const QString &file, const FigureOptions &options)
{
    const QString ending = QFileInfo{file}.suffix().toLower();
    if (ending == QLatin1String("csv"))
        return exportData(view, file);
    const auto writer = ending == QLatin1String("pdf") ? writePdf : ending == QLatin1String("svg") ? writeSvg
                        : ending == QLatin1String("png") ? writePng : nullptr;
    if (!writer)
        return engine::fail(
            engine::ErrorCode::BadValue,
            QStringLiteral("Cannot tell the format of %1: expected a name that ends in .pdf, .svg, .png or .csv, found \"%2\".")
                .arg(file, ending)
                .toStdString());
    if (const auto fine = checked(options); !fine)
        return fine;
    const auto twin = figure(view, options);
    return saved(file, [&](QIODevice &device) { return writer(*twin, device, options); });
}

engine::Result<void> exportData(const PlotView &view, const QString &file)
{
    const QByteArray text = view.table().csv();
    return saved(file, [&](QIODevice &device) { return device.write(text) == text.size(); });
}

} // namespace widgets
