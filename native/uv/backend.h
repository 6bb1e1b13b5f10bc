// What wakes the host when the dedicated loop has something to do; see UVIO_EMBEDDED in loop.h.
//
// Both kinds have one handle on the host's loop, whose data is the driver's, and the same methods:
// the driver is compiled with one of them, and nothing is decided while it runs.
#ifndef UVIO_UV_BACKEND_H_
#define UVIO_UV_BACKEND_H_

#include "uv/loop.h"

#ifdef UVIO_EMBEDDED
#include "uv/embedded_backend.h"
#else
#include "uv/polled_backend.h"
#endif

namespace uvio {

#ifdef UVIO_EMBEDDED
using Backend = EmbeddedBackend;
#else
using Backend = PolledBackend;
#endif

}  // namespace uvio

#endif  // UVIO_UV_BACKEND_H_
