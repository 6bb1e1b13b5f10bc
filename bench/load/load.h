// What the parts of the load generator share: the options, and how a connection is opened.
// Invariant: every blocking operation on a socket from open_socket() ends within PATIENCE_SECONDS,
// and whatever cannot be done ends the program with exit code 1 and one line that says why.
#ifndef UVIO_BENCH_LOAD_H
#define UVIO_BENCH_LOAD_H

enum { PATIENCE_SECONDS = 5 };

typedef struct {
  const char* host;
  long port, connections, size, pipeline, idle, pid, datagrams, tls;
  double seconds, warmup;
} Options;

extern Options options;

_Noreturn void die(const char* what, const char* why);
int open_socket(void);

// The two modes; both return the exit code.
int run_closed_loop(void);
int run_idle(void);

#endif
