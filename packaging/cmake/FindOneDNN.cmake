# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# oneDNN, as the target OneDNN::OneDNN. Its own configuration file asks for OpenCL, which a processor does without.
include(CondensateFind)
condensate_find(OneDNN oneapi/dnnl/dnnl.hpp dnnl)
