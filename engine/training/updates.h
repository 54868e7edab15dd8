// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>

namespace engine {

/// Stochastic gradient descent with Nesterov momentum, one walk over the memory; element by element
///   g ← g + decay·w,   v ← momentum·v + g,   w ← w − rate·(g + momentum·v)
/// Source: I. Sutskever et al., On the importance of initialization and momentum, ICML 2013, as PyTorch writes it.
struct SgdRates { float rate, momentum, decay; };
void sgdStep(std::span<float> weights, std::span<const float> gradient, std::span<float> velocity, SgdRates rates);

/// Adam with decoupled weight decay; `step` counts from 1.
///   m ← β1 m + (1−β1) g,  v ← β2 v + (1−β2) g²,  w ← w (1 − rate·decay) − rate · m̂ ÷ (√v̂ + ε)
/// Source: I. Loshchilov, F. Hutter, Decoupled weight decay regularization, ICLR 2019.
struct AdamRates { float rate, beta1, beta2, epsilon, decay; std::uint64_t step; };
void adamStep(std::span<float> weights, std::span<const float> gradient, std::span<float> first, std::span<float> second,
              AdamRates rates);

/// The largest |value|; infinite or no number where one of them is. 0 of none.
float largestMagnitude(std::span<const float> values);

} // namespace engine
