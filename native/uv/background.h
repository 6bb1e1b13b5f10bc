// Threads that serve the whole process, most of them for as long as it lives.
//
// They handle no signals, have nothing to do with JavaScript, and are never joined. Their code
// stays loaded: Node unloads an addon together with the last worker that uses it.
#ifndef UVIO_UV_BACKGROUND_H_
#define UVIO_UV_BACKGROUND_H_

#ifndef _WIN32

#include <cstddef>

namespace uvio {

// For a thread that makes a few system calls. Bytes, of which a few pages are ever touched: the C
// library's own needs are in it, and no thread on arm64 has less.
constexpr size_t kSmallStack = size_t{128} * 1024;

// Runs `body(argument)` on a thread of that name, with the system's usual stack when its size is 0.
// 0 or a negative code.
int StartBackground(const char* name, void (*body)(void* argument), void* argument,
                    size_t stack_size = 0);

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_BACKGROUND_H_
