// Idle connections: opens --idle of them, prints `open N`, and holds them until stdin closes, so
// that the memory of the server can be read meanwhile. Invariant: each connection has echoed one
// message before the next is opened, so the server has accepted it and made what it makes for a
// connection in use; one that was lost is an error.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

static void echo_once(int fd, char* message, size_t size) {
  for (size_t sent = 0; sent < size;) {
    ssize_t count = send(fd, message + sent, size - sent, MSG_NOSIGNAL);
    if (count < 0) die("cannot send", strerror(errno));
    sent += (size_t)count;
  }
  for (size_t received = 0; received < size;) {
    ssize_t count = recv(fd, message + received, size - received, 0);
    if (count < 0) die("no echo", strerror(errno));
    if (count == 0) die("no echo", "the server closed the connection");
    received += (size_t)count;
  }
}

int run_idle(void) {
  size_t size = (size_t)options.size;
  char* message = calloc(1, size);
  int* sockets = calloc((size_t)options.idle, sizeof *sockets);
  if (message == NULL || sockets == NULL) die("cannot start", strerror(ENOMEM));
  for (long i = 0; i < options.idle; i++) {
    sockets[i] = open_socket();
    echo_once(sockets[i], message, size);
  }
  printf("open %ld\n", options.idle);
  fflush(stdout);

  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  for (long i = 0; i < options.idle; i++) {
    if (recv(sockets[i], &byte, 1, MSG_DONTWAIT) == 0 || errno != EAGAIN) {
      die("an idle connection was lost", "the server closed it");
    }
  }
  return 0;
}
