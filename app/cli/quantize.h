// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"

namespace app {

/// `condensate quantize SNAPSHOT`: quantizes the latent weights after training and prints a table or lines of
/// JSON, a row for each method and k as soon as it is measured, or JSON at the end. Returns the exit code.
int quantize(const QuantizeRequest &request, Console &console);

} // namespace app
