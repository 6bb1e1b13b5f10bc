// From a ProcessPlan of JavaScript to a SpawnPlan.
//
// contract.ts has the shape. Values that do not fit it are refused, since the child's half of a
// start trusts its plan. Descriptors of the program's are duplicated here, so that it may close
// them as soon as the call returns.
#ifndef UVIO_WRAPS_SPAWN_PLAN_READER_H_
#define UVIO_WRAPS_SPAWN_PLAN_READER_H_

#include <node_api.h>

#include "uv/spawn_plan.h"

namespace uvio {

// 0 or a negative libuv code: UV_EINVAL for what is no plan, UV_EBADF for a closed descriptor.
int ReadSpawnPlan(napi_env env, napi_value value, SpawnPlan* plan);

}  // namespace uvio

#endif  // UVIO_WRAPS_SPAWN_PLAN_READER_H_
