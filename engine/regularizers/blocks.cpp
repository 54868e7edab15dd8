// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/blocks.h"
#include "engine/core/vectors.h"

namespace engine::blocks {

CONDENSATE_CLONES
static float addPullTo(const float *pull, std::size_t n, float lambda, float *gradient)
{
    float square = 0;
#pragma omp simd reduction(+ : square)
    for (std::size_t i = 0; i < n; ++i) {
        gradient[i] += lambda * pull[i];
        square += pull[i] * pull[i];
    }
    return square;
}

double addPull(std::span<const float> pull, float lambda, std::span<float> gradient)
{
    return static_cast<double>(addPullTo(pull.data(), pull.size(), lambda, gradient.data()));
}

} // namespace engine::blocks
