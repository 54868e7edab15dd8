/* SPDX-FileCopyrightText: 2026 The Condensate authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef READPACKED_H
#define READPACKED_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Over a whole file: sums of decoded weights and of tensors, number of weights, letters in names and kinds of layers. */
struct packed_sums { double weights, values; size_t count, name_letters; };

/* 1, or 0 with the reason in `error`. */
int sum_packed(const char *path, struct packed_sums *sums, char *error, size_t error_bytes);

#ifdef __cplusplus
}
#endif
#endif
