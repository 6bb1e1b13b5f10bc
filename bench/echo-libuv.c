// The echo peer in C on libuv: what the socket path costs when nothing stands above libuv.
// Invariants: all connections read into one buffer, because what was read is written before the
// next read; only what the kernel does not take at once is copied and queued; a peer that does not
// read is not read from either, so that the queue stays small. Usage: echo-libuv --port N (0 =
// any), or --version.
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { READ_SIZE = 64 * 1024, HIGH_WATER = 64 * 1024, BACKLOG = 1024 };

typedef struct {
  uv_tcp_t tcp;
  bool paused;
} Client;

typedef struct {
  uv_write_t request;
  char bytes[];
} Rest;

static char read_buffer[READ_SIZE];

static void require(int status, const char* what) {
  if (status >= 0) return;
  fprintf(stderr, "echo-libuv: %s: %s\n", what, uv_strerror(status));
  exit(1);
}

static void on_close(uv_handle_t* handle) { free(handle); }

static void end(uv_stream_t* stream) {
  if (!uv_is_closing((uv_handle_t*)stream)) uv_close((uv_handle_t*)stream, on_close);
}

static void on_buffer(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  (void)handle, (void)suggested;
  *buffer = uv_buf_init(read_buffer, READ_SIZE);
}

static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);

static void on_written(uv_write_t* request, int status) {
  uv_stream_t* stream = request->handle;
  Client* client = (Client*)stream;
  free(request);
  if (status < 0) {
    end(stream);
  } else if (client->paused && uv_stream_get_write_queue_size(stream) == 0) {
    client->paused = false;
    uv_read_start(stream, on_buffer, on_read);
  }
}

static void queue_rest(uv_stream_t* stream, const char* bytes, size_t length) {
  Rest* rest = malloc(sizeof *rest + length);
  if (rest == NULL) require(UV_ENOMEM, "write");
  memcpy(rest->bytes, bytes, length);
  uv_buf_t buffer = uv_buf_init(rest->bytes, (unsigned)length);
  if (uv_write(&rest->request, stream, &buffer, 1, on_written) != 0) {
    free(rest);
    end(stream);
    return;
  }
  Client* client = (Client*)stream;
  if (!client->paused && uv_stream_get_write_queue_size(stream) > HIGH_WATER) {
    client->paused = true;
    uv_read_stop(stream);
  }
}

static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  if (count == 0) return;
  if (count < 0) {
    end(stream);
    return;
  }
  uv_buf_t whole = uv_buf_init(buffer->base, (unsigned)count);
  int written = uv_try_write(stream, &whole, 1);
  if (written == UV_EAGAIN) written = 0;
  if (written < 0) {
    end(stream);
  } else if (written < count) {
    queue_rest(stream, buffer->base + written, (size_t)(count - written));
  }
}

static void on_connection(uv_stream_t* server, int status) {
  if (status < 0) return;
  Client* client = calloc(1, sizeof *client);
  if (client == NULL) require(UV_ENOMEM, "accept");
  uv_stream_t* stream = (uv_stream_t*)&client->tcp;
  require(uv_tcp_init(server->loop, &client->tcp), "accept");
  if (uv_accept(server, stream) != 0 || uv_tcp_nodelay(&client->tcp, 1) != 0 ||
      uv_read_start(stream, on_buffer, on_read) != 0) {
    end(stream);
  }
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    puts(uv_version_string());
    return 0;
  }
  if (argc != 3 || strcmp(argv[1], "--port") != 0) {
    fprintf(stderr, "usage: echo-libuv --port N | --version\n");
    return 1;
  }
  signal(SIGPIPE, SIG_IGN);

  uv_tcp_t server;
  struct sockaddr_in address;
  int length = sizeof address;
  require(uv_tcp_init(uv_default_loop(), &server), "socket");
  require(uv_ip4_addr("127.0.0.1", atoi(argv[2]), &address), "--port");
  require(uv_tcp_bind(&server, (struct sockaddr*)&address, 0), "bind");
  require(uv_listen((uv_stream_t*)&server, BACKLOG, on_connection), "listen");
  require(uv_tcp_getsockname(&server, (struct sockaddr*)&address, &length), "getsockname");
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
