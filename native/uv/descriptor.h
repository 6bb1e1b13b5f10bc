// Descriptors that programs hand over: pipes, FIFOs, sockets and terminals that somebody else
// opened.
//
// A loop must not watch a descriptor that others can close: libuv aborts when the kernel does not
// know what it is asked to watch. So the loop works on a duplicate, and the original, whose number
// stays good meanwhile, is closed together with it. Errors are negative libuv codes.
#ifndef UVIO_UV_DESCRIPTOR_H_
#define UVIO_UV_DESCRIPTOR_H_

#include <uv.h>

#include <cstdint>

namespace uvio {

// A descriptor of the same open file. A terminal is opened anew where that is possible, so that
// making it non-blocking does not touch the shell and other processes that share the terminal.
int DuplicateDescriptor(int descriptor, int* duplicate);

// The same without that exception: for a descriptor that another process gets.
int CopyDescriptor(int descriptor, int* copy);

// A pipe whose ends, to read from and to write to, are close-on-exec.
int MakePipe(int ends[2]);

void CloseDescriptor(int descriptor);

// Closes `original`, unless it is a standard stream, or has been closed and may be another's by
// now: no longer the file behind `duplicate`.
void CloseOriginal(int original, int duplicate);

// 0 when the loop can watch `descriptor`; UV_EPERM for files and devices that are never waited for.
int CheckWatchable(uv_loop_t* loop, int descriptor);

bool IsSocket(int descriptor);

// Where a file is read next by whoever does not say where.
int SetFilePosition(int descriptor, int64_t position);

// The side of a pseudo-terminal that the program which shows it has.
bool IsTerminalMaster(uv_os_fd_t descriptor);

}  // namespace uvio

#endif  // UVIO_UV_DESCRIPTOR_H_
