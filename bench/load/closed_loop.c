// The closed loop: every connection keeps `pipeline` messages in flight and times each from the
// moment it is queued until its last byte has come back. Invariants: every byte echoed is counted
// against the bytes sent, and those of the first round are compared; no memory is taken per
// message; the run ends by itself whatever the server does. With --pid it reads that process' CPU
// clock at both ends of the measured window, because no other process could do so at the right
// moment.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "load.h"
#include "tls.h"

enum { INBOX = 256 * 1024, BATCH = 256 };

typedef struct {
  int fd;           // -1 once the connection has failed
  void* tls;        // NULL for a plain connection
  uint64_t queued;  // bytes since the connection was opened: queued >= sent >= received
  uint64_t sent;
  uint64_t received;
  uint64_t phase;   // where in the pattern this connection's stream begins
  uint64_t* begun;  // a ring: when each message in flight was queued
} Connection;

static char inbox[INBOX];
static char* pattern;  // one message, pipeline + 1 times over, so that any send is contiguous
static Histogram latencies;
static Connection* connections;
static long alive, in_flight, errors;
static bool measuring, draining;

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) return 0;
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t now(void) { return nanoseconds(CLOCK_MONOTONIC); }

// The user and system time of all threads, ended ones included; 0 when no process is watched.
static uint64_t watched_cpu_time(void) {
  clockid_t clock;
  if (options.pid == 0) return 0;
  int error = clock_getcpuclockid((pid_t)options.pid, &clock);
  if (error != 0) die("cannot read the CPU time of --pid", strerror(error));
  return nanoseconds(clock);
}

static void fail(Connection* connection, const char* why) {
  if (errors++ == 0) fprintf(stderr, "load: connection lost: %s\n", why);
  in_flight -= (long)((connection->queued - connection->received + (uint64_t)options.size - 1) /
                      (uint64_t)options.size);
  if (connection->tls != NULL) tls_close(connection->tls);
  close(connection->fd);
  connection->fd = -1;
  alive--;
}

static void begin_message(Connection* connection, uint64_t at) {
  uint64_t number = connection->queued / (uint64_t)options.size;
  connection->begun[number % (uint64_t)options.pipeline] = at;
  connection->queued += (uint64_t)options.size;
  in_flight++;
}

// Sends what is queued; after a partial write the rest follows on the next EPOLLOUT edge.
static void flush(Connection* connection) {
  uint64_t size = (uint64_t)options.size;
  while (connection->fd >= 0 && connection->sent < connection->queued) {
    const char* from = pattern + (connection->phase + connection->sent) % size;
    size_t length = connection->queued - connection->sent;
    ssize_t sent = connection->tls != NULL ? tls_send(connection->tls, from, length)
                                           : send(connection->fd, from, length, MSG_NOSIGNAL);
    if (sent >= 0) {
      connection->sent += (uint64_t)sent;
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      fail(connection, strerror(errno));
    }
  }
}

static bool matches(const Connection* connection, uint64_t length) {
  uint64_t size = (uint64_t)options.size;
  for (uint64_t done = 0; done < length;) {
    uint64_t part = length - done < size ? length - done : size;
    const char* expected = pattern + (connection->phase + connection->received + done) % size;
    if (memcmp(inbox + done, expected, part) != 0) return false;
    done += part;
  }
  return true;
}

static void account(Connection* connection, uint64_t length) {
  uint64_t size = (uint64_t)options.size;
  uint64_t pipeline = (uint64_t)options.pipeline;
  if (connection->received + length > connection->sent) {
    fail(connection, "more bytes came back than were sent");
    return;
  }
  if (connection->received < size * pipeline && !matches(connection, length)) {
    fail(connection, "the bytes that came back are not those that were sent");
    return;
  }
  uint64_t number = connection->received / size;
  connection->received += length;
  uint64_t at = now();
  for (; number < connection->received / size; number++) {
    if (measuring) histogram_record(&latencies, at - connection->begun[number % pipeline]);
    in_flight--;
    if (!draining) begin_message(connection, at);
  }
}

// A short read means that the socket is empty: the next bytes raise a new edge. TLS reads by the
// record, so there only EAGAIN does.
static void receive(Connection* connection) {
  ssize_t got = INBOX;
  while (connection->fd >= 0 && got == INBOX) {
    got = connection->tls != NULL ? tls_receive(connection->tls, inbox, INBOX)
                                  : recv(connection->fd, inbox, INBOX, 0);
    if (got > 0) {
      account(connection, (uint64_t)got);
      if (connection->tls != NULL) got = INBOX;
    } else if (got == 0) {
      fail(connection, "the server closed it");
    } else if (errno == EINTR) {
      got = INBOX;
    } else if (errno != EAGAIN) {
      fail(connection, strerror(errno));
    }
  }
}

static void run_until(int poll, uint64_t deadline) {
  struct epoll_event events[BATCH];
  for (uint64_t time = now(); time < deadline && alive > 0 && in_flight > 0; time = now()) {
    int timeout = (int)((deadline - time) / 1000000u) + 1;
    int count = epoll_wait(poll, events, BATCH, timeout);
    for (int i = 0; i < count; i++) {
      Connection* connection = events[i].data.ptr;
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(connection);
      flush(connection);
    }
  }
}

static void make_pattern(void) {
  size_t size = (size_t)options.size;
  pattern = malloc(size * (size_t)(options.pipeline + 1));
  if (pattern == NULL) die("cannot make the messages", strerror(ENOMEM));
  uint32_t state = 2463534242u;
  for (size_t i = 0; i < size; i++) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    pattern[i] = (char)state;
  }
  for (long i = 1; i <= options.pipeline; i++) memcpy(pattern + (size_t)i * size, pattern, size);
}

static int open_connections(void) {
  int poll = epoll_create1(EPOLL_CLOEXEC);
  connections = calloc((size_t)options.connections, sizeof *connections);
  if (poll < 0 || connections == NULL) die("cannot start", strerror(errno));
  for (long i = 0; i < options.connections; i++) {
    Connection* connection = &connections[i];
    connection->phase = (uint64_t)i * 7919u % (uint64_t)options.size;
    connection->begun = calloc((size_t)options.pipeline, sizeof *connection->begun);
    if (connection->begun == NULL) die("cannot start", strerror(ENOMEM));
    connection->fd = open_socket();
    if (options.tls) connection->tls = tls_open(connection->fd);
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, connection->fd, &event) != 0) {
      die("cannot watch a socket", strerror(errno));
    }
    for (long m = 0; m < options.pipeline; m++) begin_message(connection, now());
    alive++;
  }
  return poll;
}

int run_closed_loop(void) {
  make_pattern();
  int poll = open_connections();
  run_until(poll, now() + (uint64_t)(options.warmup * 1e9));

  measuring = true;
  uint64_t started = now(), cpu_started = watched_cpu_time();
  run_until(poll, started + (uint64_t)(options.seconds * 1e9));
  uint64_t cpu = watched_cpu_time() - cpu_started;
  double seconds = (double)(now() - started) / 1e9;
  measuring = false;

  draining = true;
  run_until(poll, now() + PATIENCE_SECONDS * 1000000000ull);
  if (in_flight > 0) {
    errors += in_flight;
    fprintf(stderr, "load: %ld messages never came back\n", in_flight);
  }
  if (latencies.count == 0) {
    fprintf(stderr, "load: not one message came back in the measured time\n");
    return 1;
  }

  double throughput = (double)latencies.count / seconds;
  printf("{\"messages\":%llu,\"seconds\":%.6f,\"throughput\":%.1f,\"bytes_per_second\":%.0f,",
         (unsigned long long)latencies.count, seconds, throughput,
         throughput * (double)options.size);
  printf("\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p99_9\":%.1f,\"max\":%.1f,",
         histogram_quantile(&latencies, 0.5) / 1e3, histogram_quantile(&latencies, 0.9) / 1e3,
         histogram_quantile(&latencies, 0.99) / 1e3, histogram_quantile(&latencies, 0.999) / 1e3,
         (double)latencies.largest / 1e3);
  if (options.pid != 0) printf("\"cpu_seconds\":%.9f,", (double)cpu / 1e9);
  printf("\"errors\":%ld}\n", errors);
  return errors == 0 ? 0 : 1;
}
