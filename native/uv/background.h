// Threads that serve the whole process and live as long as it.
//
// They handle no signals, have nothing to do with JavaScript, and are never joined. Their code
// stays loaded: Node unloads an addon together with the last worker that uses it.
#ifndef UVIO_UV_BACKGROUND_H_
#define UVIO_UV_BACKGROUND_H_

#ifdef __linux__

namespace uvio {

// Runs `body(argument)` on a thread of that name. `body` never returns. 0 or a negative code.
int StartBackground(const char* name, void (*body)(void* argument), void* argument);

}  // namespace uvio

#endif  // __linux__

#endif  // UVIO_UV_BACKGROUND_H_
