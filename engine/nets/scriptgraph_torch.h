// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <torch/script.h>
#include <vector>

namespace engine {

/// What the code of a TorchScript module says about its parameters.
struct ScriptGraph {
    /// Dotted names of the parameters that convolutions and linear operations compute with, in the order of
    /// their first use, each once. A kernel that is computed from something else is not among them.
    std::vector<std::string> kernels;
    /// The first batch-norm or dropout whose mode was fixed when the module was traced, e.g. "batch_norm"; empty if all
    /// follow train() and eval().
    std::string fixedOperation;
};

/// Reads the code of `module.forward`, with all that it calls.
ScriptGraph readGraph(const torch::jit::Module &module);

} // namespace engine
