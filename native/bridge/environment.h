// What belongs to one JavaScript environment (the main thread or a worker) as a whole.
//
// Created when the addon is loaded into the environment, freed with it. Counts the loops that are
// open there, so that a test can see that the last one is gone.
#ifndef UVIO_BRIDGE_ENVIRONMENT_H_
#define UVIO_BRIDGE_ENVIRONMENT_H_

#include <node_api.h>
#include <uv.h>

#include <cstddef>
#include <cstdint>

#include "base/slot_table.h"

namespace uvio {

// What can be written to by number.
class WriteTarget {
 public:
  // The first `size` bytes of `view`; what is not written yet is queued, as a copy or by keeping
  // `view` alive. Returns how much was queued, in bytes, or an error.
  virtual int64_t Write(napi_value view, size_t size, bool copy) = 0;

 protected:
  ~WriteTarget() = default;
};

struct Environment {
  Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  // Closes the descriptors that this thread has offered to others and nobody has taken.
  ~Environment();

  // Installs the instance data. False, with an exception pending, when the host's libuv does not
  // have the layout that this addon was compiled for.
  static bool Install(napi_env env);
  static Environment* Of(napi_env env);

  uv_loop_t* host_loop = nullptr;
  int open_loops = 0;
  SlotTable<WriteTarget> streams;
};

// Ends the process the way an uncaught exception does, if one is pending. Callbacks catch their own
// errors in TypeScript; what arrives here is a defect of uvio itself or a thread being terminated.
void ReportPendingException(napi_env env);

}  // namespace uvio

#endif  // UVIO_BRIDGE_ENVIRONMENT_H_
