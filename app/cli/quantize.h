// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"

namespace app {

/// `condensate quantize SNAPSHOT`: quantizes the latent weights after training and prints a table or lines of
/// JSON, a row for each method and k as soon as it is measured, or JSON at the end. Returns the exit code: 0;
/// 1 when fine-tuning or writing failed; 2 when an argument, the snapshot or its data is no good; 130 after
/// Ctrl-C.
int quantize(const QuantizeRequest &request);

} // namespace app
