// What is measured: the works by name, each with the figures that its table shows.
// Invariant: the first figure is the one that ratios are made of, and less of it is better; the
// plot compares it with `baseline`.

const echoFigures = [
  { key: 'cpu', title: 'CPU µs/message', digits: 2 },
  { key: 'throughput', title: 'messages/s', digits: 0 },
  { key: 'p50', title: 'p50 µs', digits: 0 },
  { key: 'p99', title: 'p99 µs', digits: 0 },
  { key: 'p99_9', title: 'p99.9 µs', digits: 0 },
  { key: 'busy', title: 'busy %', digits: 0 },
];

const echo = (title, load) => ({
  kind: 'echo',
  title,
  load,
  figures: echoFigures,
  baseline: 'libuv',
});

export const works = {
  'echo-1k': echo('echo, 1 KiB × 50 connections', { size: 1024, connections: 50, pipeline: 1 }),
  'echo-64x16': echo('echo, 64 B × 16 pipelined × 50 connections', {
    size: 64,
    connections: 50,
    pipeline: 16,
  }),
  'echo-100k': echo('echo, 100 KiB × 50 connections', {
    size: 100 * 1024,
    connections: 50,
    pipeline: 1,
  }),
  idle: {
    kind: 'idle',
    title: 'memory per connection, 10,000 idle connections',
    connections: 10_000,
    peers: ['node-net', 'uvio-protocol', 'uvio-buffered'],
    figures: [{ key: 'memory', title: 'bytes/connection', digits: 0 }],
    baseline: 'node-net',
  },
};
