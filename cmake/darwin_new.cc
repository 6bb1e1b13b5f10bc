// The operators new and delete of a prebuild for macOS, for itself alone.
//
// Those of a C++ library that is linked statically would be exported, as weak symbols, which macOS joins with those of
// every other library in the process. Want of memory ends the process, as everywhere without exceptions.

#include <cstdlib>
#include <new>

namespace {

void* Checked(void* memory) {
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(size_t size) { return Checked(std::malloc(size == 0 ? 1 : size)); }
void* operator new(size_t size, std::align_val_t alignment) {
  void* memory = nullptr;
  posix_memalign(&memory, static_cast<size_t>(alignment), size == 0 ? 1 : size);
  return Checked(memory);
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new[](size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
