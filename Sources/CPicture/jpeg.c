#include "cpicture.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

// A progressive picture repeats its pixels in each scan; an honest one has about ten.
enum { scan_limit = 64 };

struct faults {
    struct jpeg_error_mgr manager;
    jmp_buf out;
};

static void leave(j_common_ptr picture) {
    struct faults *faults = (struct faults *)picture->err;
    longjmp(faults->out, 1);
}

// A warning is a damaged place that the library would fill with grey: it counts as a fault.
static void no_warning(j_common_ptr picture, int level) {
    if (level < 0) leave(picture);
}

static void no_words(j_common_ptr picture) { (void)picture; }

static void count_scans(j_common_ptr picture) {
    if (((j_decompress_ptr)picture)->input_scan_number > scan_limit) leave(picture);
}

cpicture_outcome cpicture_jpeg_decode(const uint8_t *octets, size_t count, uint32_t side_limit, uint32_t **pixels,
                                      uint32_t *width, uint32_t *height) {
    struct jpeg_decompress_struct picture;
    struct faults faults;
    struct jpeg_progress_mgr progress = {.progress_monitor = count_scans};
    // Volatile: they change between setjmp and longjmp.
    uint32_t *volatile words = NULL;
    uint8_t *volatile row = NULL;
    volatile cpicture_outcome outcome = CPICTURE_DAMAGED;

    *pixels = NULL;
    picture.err = jpeg_std_error(&faults.manager);
    faults.manager.error_exit = leave;
    faults.manager.emit_message = no_warning;
    faults.manager.output_message = no_words;
    if (setjmp(faults.out) == 0) {
        jpeg_create_decompress(&picture);
        picture.progress = &progress;
        jpeg_mem_src(&picture, octets, count);
        jpeg_read_header(&picture, TRUE);
        if (picture.image_width == 0 || picture.image_height == 0 || picture.image_width > side_limit ||
            picture.image_height > side_limit) {
            outcome = CPICTURE_TOO_LARGE;
        } else if (picture.num_components == 1 || picture.num_components == 3) {
            picture.out_color_space = JCS_RGB;
            jpeg_start_decompress(&picture);
            size_t wide = picture.output_width;
            words = calloc(wide * picture.output_height, sizeof(uint32_t));
            row = malloc(wide * 3);
            if (words == NULL || row == NULL) {
                outcome = CPICTURE_NO_MEMORY;
            } else {
                while (picture.output_scanline < picture.output_height) {
                    uint32_t *line = words + wide * picture.output_scanline;
                    JSAMPROW rows[1] = {row};
                    jpeg_read_scanlines(&picture, rows, 1);
                    for (size_t at = 0; at < wide; at += 1) {
                        line[at] = 0xFF000000u | (uint32_t)row[3 * at] << 16 | (uint32_t)row[3 * at + 1] << 8 |
                                   row[3 * at + 2];
                    }
                }
                jpeg_finish_decompress(&picture);
                *width = picture.output_width;
                *height = picture.output_height;
                outcome = CPICTURE_DRAWN;
            }
        }
    }
    jpeg_destroy_decompress(&picture);
    free(row);
    if (outcome == CPICTURE_DRAWN) {
        *pixels = words;
    } else {
        free(words);
    }
    return outcome;
}
