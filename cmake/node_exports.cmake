# Makes libnode.a, by which a DLL imports Node-API and libuv from the Node that has loaded it: Node comes with such a
# library for Microsoft's linker only.
#
# The names are those of Node's headers; one that is not used does not get into the DLL. They are looked up when they
# are called first ("delayed"), so that host_executable.cc can say where.
set(names)
foreach(header js_native_api.h node_api.h uv.h)
  file(READ ${NODE_INCLUDE}/${header} text)
  string(REGEX MATCHALL "(napi|node_api|uv)_[a-z0-9_]+\\(" found "${text}")
  string(REPLACE "(" "" found "${found}")
  list(APPEND names ${found})
endforeach()
list(REMOVE_DUPLICATES names)
list(JOIN names "\n" lines)
file(WRITE ${CMAKE_BINARY_DIR}/node.def "LIBRARY node.exe\nEXPORTS\n${lines}\n")
execute_process(
  COMMAND ${UVIO_DLLTOOL} -d ${CMAKE_BINARY_DIR}/node.def -y ${CMAKE_BINARY_DIR}/libnode.a
  COMMAND_ERROR_IS_FATAL ANY)
