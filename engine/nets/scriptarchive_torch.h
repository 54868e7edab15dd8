// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/nets/network_torch.h"
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <torch/script.h>
#include <vector>

namespace engine {

/// An attribute of one of a TorchScript module's submodules.
struct ScriptSlot {
    c10::intrusive_ptr<c10::ivalue::Object> owner;
    std::size_t index;

    torch::Tensor tensor() const { return owner->getSlot(index).toTensor(); }
    void set(torch::Tensor value) const { owner->setSlot(index, std::move(value)); }
};
/// The one with this dotted name, which must exist.
ScriptSlot slotOf(const torch::jit::Module &module, std::string_view name);

/// The module that torch.jit.save wrote. Errors: NotFound; BadFormat where the file holds something else.
Result<torch::jit::Module> loadModule(const std::filesystem::path &file);

/// The module as torch.jit.save writes it, but for the values of its parameters, which a snapshot has anyway:
/// code, constants and buffers. The same module gives the same bytes. Errors: Unsupported where LibTorch
/// cannot write it, or it takes more than kMaxModuleBytes.
Result<std::vector<std::byte>> codeOf(const torch::jit::Module &module);
/// A module from that, with made-up values for the parameters that keep a trial run finite.
/// Errors: BadFormat where it is damaged, or asks for more values than there are in the snapshot.
Result<torch::jit::Module> readKept(const KeptModule &kept);

/// The one line of LibTorch's message that says what went wrong.
std::string reasonOf(const std::exception &thrown);

} // namespace engine
