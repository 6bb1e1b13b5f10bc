// A load generator for echo servers, over TCP, with --tls 1 over TLS or with --datagrams 1 over
// UDP, in C so that it is never the slower side. It measures a closed loop (load/closed_loop.c) or
// opens connections and holds them idle (load/idle.c). Invariants: one JSON line on stdout when
// something was measured; exit code 0 only when not one byte was lost; it ends by itself, except
// that idle connections are held until stdin closes.
#include "load/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

Options options = {
    .host = "127.0.0.1", .connections = 50, .size = 1024, .pipeline = 1, .seconds = 3, .warmup = 1};

void die(const char* what, const char* why) {
  fprintf(stderr, "load: %s: %s\n", what, why);
  exit(1);
}

// Connects with a time limit and leaves the socket blocking: the limit holds for every operation.
int open_socket(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  if (inet_pton(AF_INET, options.host, &address.sin_addr) != 1) {
    die("--host", "an IPv4 address is needed");
  }
  int type = options.datagrams ? SOCK_DGRAM : SOCK_STREAM;
  int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0) die("cannot make a socket", strerror(errno));
  struct timeval limit = {.tv_sec = PATIENCE_SECONDS};
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (!options.datagrams) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr*)&address, sizeof address) != 0) {
    die("cannot connect",
        errno == EINPROGRESS ? "no answer within the time limit" : strerror(errno));
  }
  return fd;
}

static double number(const char* name, const char* text, double least, double most) {
  char* end;
  double value = strtod(text, &end);
  if (*text == 0 || *end != 0 || !(value >= least && value <= most)) die(name, "not a sane number");
  return value;
}

static void parse_options(int argc, char** argv) {
  static const struct option names[] = {
      {"host", required_argument, NULL, 'h'},     {"port", required_argument, NULL, 'p'},
      {"size", required_argument, NULL, 'b'},     {"connections", required_argument, NULL, 'c'},
      {"pipeline", required_argument, NULL, 'l'}, {"seconds", required_argument, NULL, 's'},
      {"warmup", required_argument, NULL, 'w'},   {"idle", required_argument, NULL, 'i'},
      {"pid", required_argument, NULL, 'P'},      {"datagrams", required_argument, NULL, 'd'},
      {"tls", required_argument, NULL, 't'},      {NULL, 0, NULL, 0}};
  int name;
  while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
    switch (name) {
      case 'h':
        options.host = optarg;
        break;
      case 'p':
        options.port = (long)number("--port", optarg, 1, 65535);
        break;
      case 'b':
        options.size = (long)number("--size", optarg, 1, 64 << 20);
        break;
      case 'c':
        options.connections = (long)number("--connections", optarg, 1, 60000);
        break;
      case 'l':
        options.pipeline = (long)number("--pipeline", optarg, 1, 4096);
        break;
      case 's':
        options.seconds = number("--seconds", optarg, 0.01, 3600);
        break;
      case 'w':
        options.warmup = number("--warmup", optarg, 0, 3600);
        break;
      case 'i':
        options.idle = (long)number("--idle", optarg, 1, 60000);
        break;
      case 'P':
        options.pid = (long)number("--pid", optarg, 1, 1 << 22);
        break;
      case 't':
        options.tls = (long)number("--tls", optarg, 0, 1);
        break;
      case 'd':
        options.datagrams = (long)number("--datagrams", optarg, 0, 1);
        break;
      default:
        exit(1);
    }
  }
  // Only then is a message a datagram, and a datagram all that there is to read.
  if (options.datagrams && (options.pipeline > 1 || options.size > 65507)) {
    die("--datagrams", "needs a pipeline of 1 and messages of at most 65,507 bytes");
  }
  if (options.tls && (options.datagrams || options.idle > 0)) die("--tls", "is for a closed loop");
  if (options.port == 0) die("--port", "is needed");
}

static void raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char** argv) {
  parse_options(argc, argv);
  raise_file_limit();
  return options.idle > 0 ? run_idle() : run_closed_loop();
}
