// What the DLL imports from node.exe it takes from the program that has loaded it, whatever that is called (a single
// executable, a copy of node.exe): Windows would look for a file of that name, and find another Node.
#include <windows.h>
// After it.
#include <delayimp.h>

#include <cstring>

namespace {

FARPROC WINAPI OnDelayedLoad(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || std::strcmp(info->szDll, "node.exe") != 0) return nullptr;
  return reinterpret_cast<FARPROC>(GetModuleHandleA(nullptr));
}

}  // namespace

PfnDliHook __pfnDliNotifyHook2 = OnDelayedLoad;
