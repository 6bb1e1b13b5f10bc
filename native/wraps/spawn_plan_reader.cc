// From a ProcessPlan of JavaScript to a SpawnPlan; see spawn_plan_reader.h.
#include "wraps/spawn_plan_reader.h"

#include <cmath>
#include <cstring>

#include "bridge/value.h"

#ifdef __APPLE__
// A library has no environ there.
#include <crt_externs.h>
#elif !defined(_WIN32)
extern "C" char** environ;
#endif

namespace uvio {

namespace {

// The resource limit that is none (RLIM_INFINITY).
constexpr uint64_t kNoLimit = ~uint64_t{0};

// Properties of one object; remembers whether all of them were what they should be.
class Reader {
 public:
  Reader(napi_env env, napi_value object) : env_(env), object_(object) {}

  bool valid() const { return valid_; }

  // Strings that each end with a zero byte; undefined is refused.
  std::string Strings(const char* name) {
    std::optional<std::string> strings = OptionalStrings(name);
    valid_ = valid_ && strings.has_value();
    return strings.value_or(std::string());
  }

  std::optional<std::string> OptionalStrings(const char* name) {
    uv_buf_t bytes;
    napi_value value;
    if (!Get(name, &value) || !ReadBytesOr(value, &bytes)) return std::nullopt;
    if (bytes.len != 0 && bytes.base[bytes.len - 1] != '\0') valid_ = false;
    return std::string(bytes.base, bytes.len);
  }

  int32_t Integer(const char* name) { return OptionalInteger(name).value_or(0); }

  std::optional<int32_t> OptionalInteger(const char* name) {
    napi_value value;
    int32_t integer = 0;
    if (!Get(name, &value)) return std::nullopt;
    if (!ReadInteger(env_, value, &integer)) valid_ = false;
    return integer;
  }

  std::optional<uint32_t> OptionalUnsigned(const char* name) {
    napi_value value;
    uint32_t number = 0;
    if (!Get(name, &value)) return std::nullopt;
    if (napi_get_value_uint32(env_, value, &number) != napi_ok) valid_ = false;
    return number;
  }

  // The elements of a typed array.
  template <typename T>
  std::optional<std::vector<T>> OptionalList(const char* name) {
    uv_buf_t bytes;
    napi_value value;
    if (!Get(name, &value) || !ReadBytesOr(value, &bytes)) return std::nullopt;
    std::vector<T> list(bytes.len / sizeof(T));
    if (!list.empty()) std::memcpy(list.data(), bytes.base, list.size() * sizeof(T));
    return list;
  }

 private:
  // False for undefined.
  bool Get(const char* name, napi_value* value) {
    napi_valuetype type;
    if (napi_get_named_property(env_, object_, name, value) != napi_ok ||
        napi_typeof(env_, *value, &type) != napi_ok) {
      valid_ = false;
      return false;
    }
    return type != napi_undefined;
  }

  bool ReadBytesOr(napi_value value, uv_buf_t* bytes) {
    if (ReadBytes(env_, value, bytes)) return true;
    valid_ = false;
    return false;
  }

  napi_env env_;
  napi_value object_;
  bool valid_ = true;
};

// The environment of this process.
std::string OwnEnvironment() {
  std::string strings;
#ifdef __APPLE__
  char** environ = *_NSGetEnviron();
#endif
#ifndef _WIN32
  for (char** entry = environ; entry != nullptr && *entry != nullptr; entry++) {
    strings.append(*entry, std::strlen(*entry) + 1);
  }
#endif
  return strings;
}

int ReadStdio(const std::vector<int32_t>& entries, const std::string& files, SpawnPlan* plan) {
  constexpr size_t kWords = 4;
  constexpr int32_t kLargestTarget = 1 << 24;
  const char* path = files.data();
  for (size_t index = 0; index + kWords <= entries.size(); index += kWords) {
    const int32_t* entry = &entries[index];
    if (entry[0] < 0 || entry[0] > kLargestTarget || entry[1] < 0 || entry[1] >= SpawnStdio::kKinds)
      return UV_EINVAL;
    SpawnStdio stdio;
    stdio.target = entry[0];
    stdio.kind = static_cast<SpawnStdio::Kind>(entry[1]);
    stdio.value = entry[2];
    stdio.mode = entry[3];
    if (stdio.kind == SpawnStdio::kFile) {
      if (path == files.data() + files.size()) return UV_EINVAL;
      stdio.path = path;
      path += stdio.path.size() + 1;
    }
    if (stdio.kind == SpawnStdio::kDescriptor || stdio.kind == SpawnStdio::kBlocking) {
      int copy;
      const int error = CopyDescriptor(stdio.value, &copy);
      if (error != 0) return error;
      stdio.source.Reset(copy);
    }
    plan->stdio.push_back(std::move(stdio));
  }
  return 0;
}

void ReadLimits(const std::vector<double>& numbers, SpawnPlan* plan) {
  constexpr size_t kWords = 3;
  const auto limit_of = [](double number) {
    return std::isinf(number) ? kNoLimit : static_cast<uint64_t>(number);
  };
  for (size_t index = 0; index + kWords <= numbers.size(); index += kWords) {
    plan->limits.push_back({static_cast<int>(numbers[index]), limit_of(numbers[index + 1]),
                            limit_of(numbers[index + 2])});
  }
}

}  // namespace

int ReadSpawnPlan(napi_env env, napi_value value, SpawnPlan* plan) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object) return UV_EINVAL;
  Reader reader(env, value);
  // As C strings, since each ends with a zero byte.
  plan->program = reader.Strings("program").c_str();
  plan->args = reader.Strings("args");
  std::optional<std::string> environment = reader.OptionalStrings("env");
  plan->env = environment.has_value() ? std::move(*environment) : OwnEnvironment();
  plan->cwd = reader.OptionalStrings("cwd");
  plan->flags = reader.Integer("flags");
  plan->process_group = reader.OptionalInteger("processGroup");
  plan->umask = reader.OptionalInteger("umask");
  plan->nice = reader.OptionalInteger("nice");
  plan->parent_death_signal = reader.OptionalInteger("parentDeathSignal");
  plan->uid = reader.OptionalUnsigned("uid");
  plan->gid = reader.OptionalUnsigned("gid");
  plan->groups = reader.OptionalList<uint32_t>("groups");
  plan->cpu_affinity =
      reader.OptionalList<uint32_t>("cpuAffinity").value_or(std::vector<uint32_t>());
  ReadLimits(reader.OptionalList<double>("rlimits").value_or(std::vector<double>()), plan);
  const std::string files = reader.Strings("files");
  const auto stdio = reader.OptionalList<int32_t>("stdio").value_or(std::vector<int32_t>());
  constexpr uint32_t kMostProcessors = 1 << 16;
  for (const uint32_t processor : plan->cpu_affinity) {
    if (processor >= kMostProcessors) return UV_EINVAL;
  }
  if (!reader.valid() || plan->program.empty() || plan->args.empty()) return UV_EINVAL;
  return ReadStdio(stdio, files, plan);
}

}  // namespace uvio
