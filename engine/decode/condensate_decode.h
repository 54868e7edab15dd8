/* SPDX-FileCopyrightText: 2026 The Condensate authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads packed networks (.cnd files) without LibTorch. Link with -lcondensate_decode; C99 and C++.
 *
 *     char error[CND_ERROR_BYTES];
 *     cnd_file *file = cnd_open("network.cnd", error, sizeof error);
 *     if (!file) { puts(error); return 1; }
 *     for (size_t i = 0; i < cnd_layer_count(file); ++i) {
 *         cnd_layer layer;
 *         cnd_get_layer(file, i, &layer);
 *         float *weights = malloc(layer.weights * sizeof *weights);
 *         if (!cnd_decode_weights(file, i, weights, layer.weights)) puts(cnd_error(file));
 *         ...
 *     }
 *     cnd_close(file);
 *
 * Files may be damaged or hostile: opening checks all checksums and every size, decoding all codes. Functions that give int return 1, or 0
 * after a failure, of which cnd_error tells; they never end the program. Pointers in structs stay good until cnd_close. A cnd_file is for
 * one thread at a time.
 */
#ifndef CONDENSATE_DECODE_H
#define CONDENSATE_DECODE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CND_DECODE_VERSION 1      /* of this interface; functions are only added to it */
#define CND_ERROR_BYTES 512       /* enough for every message */
#define CND_MAX_DIMENSIONS 8

typedef struct cnd_file cnd_file;

/* What network it is, what its input must look like, and what it was measured to do. */
typedef struct cnd_network {
    const char *name;             /* "vgg16", ... or "torchscript" */
    const void *code;             /* of a TorchScript network: the module without its tensors; else NULL */
    size_t code_bytes;
    uint32_t classes;
    uint32_t channels, height, width; /* of an image */
    const float *mean, *deviation;    /* by channel: input = (value / 255 - mean) / deviation, values 0 to 255 */
    const char *const *class_names;   /* by class; NULL where the file has none */
    double latent_accuracy, snapped_accuracy; /* 0 to 1 on test_images images of data_name; NaN where not measured */
    uint64_t test_images;
    const char *data_name;
    const char *recipe;           /* TOML */
    const char *program_version;  /* that wrote the file */
} cnd_network;

/* A quantized kernel, or a range of its output channels that has a codebook of its own; ranges of a kernel follow each other. */
typedef struct cnd_layer {
    const char *name, *kind;      /* dotted path such as "features.3"; "conv" or "linear" */
    size_t dimensions;
    uint64_t shape[CND_MAX_DIMENSIONS]; /* of the whole kernel, output channels first; weights are row-major */
    uint64_t first_channel, channels;   /* of shape[0] */
    size_t weights;               /* in these channels */
    size_t k;                     /* representatives: 1 to 256 */
    const float *codebook;        /* (k) */
    const char *coder;            /* "index-map", "huffman", "sparse-huffman", "rans0" or "rans1" */
    size_t coded_bytes;
} cnd_layer;

/* What stayed float: biases, batch-norm parameters and statistics. */
typedef struct cnd_tensor {
    const char *name;
    size_t dimensions;            /* 0: a scalar */
    uint64_t shape[CND_MAX_DIMENSIONS];
    size_t values;
} cnd_tensor;

/* NULL after a failure, with one sentence in `error` (error_bytes of it; may be NULL). */
cnd_file *cnd_open(const char *path, char *error, size_t error_bytes);
/* The same of a file in memory, which must stay as it is until cnd_close. */
cnd_file *cnd_open_memory(const void *bytes, size_t size, char *error, size_t error_bytes);
void cnd_close(cnd_file *file);   /* NULL is fine */

/* What the last failure with this file was; "" before the first. */
const char *cnd_error(const cnd_file *file);

void cnd_get_network(const cnd_file *file, cnd_network *network);

size_t cnd_layer_count(const cnd_file *file);
int cnd_get_layer(cnd_file *file, size_t index, cnd_layer *layer);
/* codebook[code] of every weight; `count` must be the layer's `weights`. */
int cnd_decode_weights(cnd_file *file, size_t index, float *weights, size_t count);
/* The codes alone, each below k; for runtimes that keep them and look weights up when they need them. */
int cnd_decode_codes(cnd_file *file, size_t index, uint8_t *codes, size_t count);

size_t cnd_tensor_count(const cnd_file *file);
int cnd_get_tensor(cnd_file *file, size_t index, cnd_tensor *tensor);
/* `count` must be the tensor's `values`. */
int cnd_read_tensor(cnd_file *file, size_t index, float *values, size_t count);

#ifdef __cplusplus
}
#endif

#endif
