#pragma once
#include <stddef.h>
#include <stdint.h>

// JPEG to pixels over libjpeg. A C file, because the library reports faults by a longjmp that must not cross Swift.

typedef enum {
    CPICTURE_DRAWN = 0,
    CPICTURE_DAMAGED = 1,   // no JPEG, cut short, or with colours that are neither grey nor three components
    CPICTURE_TOO_LARGE = 2, // a side is zero or above the limit; nothing was allocated
    CPICTURE_NO_MEMORY = 3,
} cpicture_outcome;

// Pixels as native words 0xFFRRGGBB, rows from the top, without padding. `pixels` is the caller's, to be freed with free().
cpicture_outcome cpicture_jpeg_decode(const uint8_t *octets, size_t count, uint32_t side_limit, uint32_t **pixels,
                                      uint32_t *width, uint32_t *height);
