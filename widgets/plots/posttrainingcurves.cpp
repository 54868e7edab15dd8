// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/posttrainingcurves.h"
#include <QCoreApplication>
#include <algorithm>

namespace widgets {

QString PostTrainingCurve::name() const
{
    const auto tr = [](const char *text) { return QCoreApplication::translate("PostTrainingCurve", text); };
    if (method == QLatin1String{"uniform"})
        return tr("uniform");
    if (method == QLatin1String{"kmeans"})
        return tr("k-means");
    if (method == QLatin1String{"probabilistic"})
        return tr("probabilistic");
    if (method == QLatin1String{"entropy-constrained"})
        return tr("entropy-constrained");
    return method;
}

int PostTrainingCurves::measured() const noexcept
{
    std::size_t points = 0;
    for (const auto &curve : curves)
        points += curve.points.size();
    return static_cast<int>(points);
}

void PostTrainingCurves::add(const QString &method, const PostTrainingPoint &point)
{
    auto curve = std::ranges::find(curves, method, &PostTrainingCurve::method);
    if (curve == curves.end())
        curve = curves.insert(curves.end(), {method, {}});
    curve->points.push_back(point);
}

bool PostTrainingCurves::hasReestimated() const
{
    return std::ranges::any_of(curves, [](const PostTrainingCurve &curve) {
        return std::ranges::any_of(curve.points,
                                   [](const PostTrainingPoint &point) { return point.reestimatedAccuracy != point.accuracy; });
    });
}

} // namespace widgets
