/* SPDX-FileCopyrightText: 2026 The Condensate authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A C program's way through a packed file: everything decoded, and summed up so that a test can compare. */
#include "tests/support/readpacked.h"
#include "engine/decode/condensate_decode.h"
#include <stdlib.h>
#include <string.h>

static int add_layer(cnd_file *file, size_t index, struct packed_sums *sums)
{
    cnd_layer layer;
    size_t i;
    int good;
    if (!cnd_get_layer(file, index, &layer))
        return 0;
    float *weights = malloc(layer.weights * sizeof *weights);
    uint8_t *codes = malloc(layer.weights);
    good = weights && codes && cnd_decode_weights(file, index, weights, layer.weights) && cnd_decode_codes(file, index, codes, layer.weights);
    for (i = 0; good && i < layer.weights; ++i) {
        good = codes[i] < layer.k && layer.codebook[codes[i]] == weights[i];
        sums->weights += weights[i];
    }
    sums->count += layer.weights;
    sums->name_letters += strlen(layer.name) + strlen(layer.kind);
    free(weights);
    free(codes);
    return good;
}

static int add_tensor(cnd_file *file, size_t index, struct packed_sums *sums)
{
    cnd_tensor tensor;
    size_t i;
    int good;
    if (!cnd_get_tensor(file, index, &tensor))
        return 0;
    float *values = malloc((tensor.values + 1) * sizeof *values);
    good = values && cnd_read_tensor(file, index, values, tensor.values);
    for (i = 0; good && i < tensor.values; ++i)
        sums->values += values[i];
    free(values);
    return good;
}

int sum_packed(const char *path, struct packed_sums *sums, char *error, size_t error_bytes)
{
    size_t i;
    int good = 1;
    cnd_file *file = cnd_open(path, error, error_bytes);
    memset(sums, 0, sizeof *sums);
    if (!file)
        return 0;
    for (i = 0; good && i < cnd_layer_count(file); ++i)
        good = add_layer(file, i, sums);
    for (i = 0; good && i < cnd_tensor_count(file); ++i)
        good = add_tensor(file, i, sums);
    if (!good)
        strncpy(error, cnd_error(file), error_bytes);
    cnd_close(file);
    return good;
}
