// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include "engine/nets/network_torch.h"
#include "engine/storage/snapshot.h"
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <torch/types.h>
#include <vector>

namespace engine {

/// SGD with Nesterov momentum or Adam over all trained tensors of a network; kernels alone feel weight decay.
/// Tensors without a gradient rest. Training thread only.
class Optimizer {
public:
    Optimizer(Network &network, const Settings &settings);

    /// Told that weights [from, to) of kernel `layer` have their new values, while they are in the caches; on
    /// any thread. Their gradient has done its duty: its memory may be written to.
    using PartStepped = std::function<void(std::size_t layer, std::size_t from, std::size_t to)>;

    /// A tensor whose gradient is not finite, or that a step would leave so, with its velocity or moments.
    struct Fault {
        std::string name; ///< a kernel's without ".weight"
        bool isGradient;
    };
    /// The first of them, before anything is touched; nothing: `step` may come, at the same rates.
    /// `kernelGradients`: by quantized kernel a bound of the |values| of its gradient; where one is missing or not
    /// finite, the gradient is measured. Cost: that of measuring; see Reach.
    std::optional<Fault> firstFault(double rate, double weightDecay, std::span<const double> kernelGradients);

    /// One update at learning rate `rate`, then drops all gradients, so that the next backward allocates none twice.
    /// Every part of a kernel that moved is reported once, from a multiple of 4,096 on. Requires: no fault.
    void step(double rate, double weightDecay, const PartStepped &stepped = {});
    void dropGradients();

    /// Buffers as "optimizer/<buffer>/<tensor name>", and back. Errors: BadFormat when one is missing or of
    /// another shape.
    void store(std::vector<NamedArray> &state) const;
    Result<void> restore(const std::vector<NamedArray> &state);

private:
    /// Bounds of a slot's |values|, which spare a step the proof that nothing overflows: they grow with every gradient
    /// and are measured anew where they have come far.
    struct Reach {
        double value, first, second;
    };
    struct Slot {
        std::string name, shownName;
        bool decays;
        std::optional<std::size_t> layer; ///< of a kernel that is quantized
        torch::Tensor value;
        torch::Tensor first;  ///< SGD: velocity; Adam: mean gradient
        torch::Tensor second; ///< Adam only: mean squared gradient
        std::optional<Reach> reach; ///< nothing: to be measured
    };
    struct Rates {
        double rate, weightDecay;
        std::int64_t step; ///< counts from 1
    };
    void stepPart(Slot &slot, const torch::Tensor &gradient, std::int64_t from, std::int64_t to, const Rates &rates) const;
    Reach reachAfter(const Slot &slot, double gradient, const Rates &rates) const;
    bool staysFinite(Slot &slot, double gradient, const Rates &rates) const;

    std::vector<Slot> m_slots;
    bool m_adam;
    float m_momentum;
    std::int64_t m_steps = 0;
};

/// Copy of a tensor as plain bytes, and back. Float32, Int64 and UInt8 tensors on the CPU.
NamedArray toNamedArray(std::string name, const torch::Tensor &tensor);
/// Errors: BadFormat when there is none of this name, or its type or shape differs from `target`'s.
Result<void> copyNamedArray(const std::vector<NamedArray> &state, const std::string &name, torch::Tensor target);

} // namespace engine
