/* zlib_shim.h: the system's zlib, with what Swift cannot import from it:
 * function-like macros.
 */
#ifndef PINNACE_ZLIB_SHIM_H
#define PINNACE_ZLIB_SHIM_H

#include <zlib.h>

/* For the format of gzip and no other. */
static inline int zlib_begin_gzip(z_stream *stream)
{
    return inflateInit2(stream, 16 + MAX_WBITS);
}

#endif
