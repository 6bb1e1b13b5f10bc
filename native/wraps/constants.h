// The numbers of the socket API on this system, as the object `constants` of the addon.
//
// Their values differ between systems; a name that a system does not have is left out.
#ifndef UVIO_WRAPS_CONSTANTS_H_
#define UVIO_WRAPS_CONSTANTS_H_

#include <napi.h>

namespace uvio {

void RegisterConstants(Napi::Env env, Napi::Object exports);

}  // namespace uvio

#endif  // UVIO_WRAPS_CONSTANTS_H_
