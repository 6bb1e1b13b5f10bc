/*
 * The metrics of a loop in Prometheus' text format, served over HTTP by the same loop. Try it:
 *
 *   node dist/examples/prometheus.js --port 9464
 *   curl http://127.0.0.1:9464/metrics
 */

import { parseArgs } from 'node:util';
import {
  type DurationSummary,
  type EventLoop,
  getRunningLoop,
  KeyboardInterrupt,
  type LoopMetrics,
  run,
  type StreamReader,
  type StreamWriter,
  startServer,
} from 'uvio';
import { announce, isMain } from './kv/command-line.js';

type Labels = Record<string, string>;

/** One metric of the text format: its help, its type and its samples. */
function metric(
  name: string,
  type: 'counter' | 'gauge' | 'summary',
  help: string,
  samples: [labels: Labels, value: number, suffix?: string][],
): string {
  const lines = samples.map(([labels, value, suffix = '']) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

/** Prometheus counts in seconds. */
const seconds = (milliseconds: number): number => milliseconds / 1000;

function summary(name: string, help: string, durations: DurationSummary): string {
  const { p50, p90, p99, p999, count, total } = durations;
  const quantiles = { 0.5: p50, 0.9: p90, 0.99: p99, 0.999: p999 };
  return metric(name, 'summary', help, [
    ...Object.entries(quantiles).map(([quantile, value]): [Labels, number] => [
      { quantile },
      seconds(value),
    ]),
    [{}, seconds(total), '_sum'],
    [{}, count, '_count'],
  ]);
}

/** All that loop.metrics() tells, in Prometheus' text format. */
export function expose(metrics: LoopMetrics): string {
  const { busy, turns, callbacks, polls, ready, timers, tasks, handles } = metrics;
  const byKind = Object.entries(handles).map(([kind, count]): [Labels, number] => [
    { kind },
    count,
  ]);
  return [
    metric('uvio_loop_busy_ratio', 'gauge', 'Share of the time spent in turns.', [[{}, busy]]),
    metric('uvio_loop_turns_total', 'counter', 'Turns of the loop.', [[{}, turns]]),
    summary('uvio_loop_callback_seconds', 'Calls from the loop into JavaScript.', callbacks),
    summary('uvio_loop_poll_seconds', 'Polls for I/O.', polls),
    metric('uvio_loop_ready', 'gauge', 'Callbacks that are ready.', [[{}, ready]]),
    metric('uvio_loop_timers', 'gauge', 'Timers that are pending.', [[{}, timers]]),
    metric('uvio_loop_tasks', 'gauge', 'Tasks that are not done.', [[{}, tasks]]),
    metric('uvio_loop_handles', 'gauge', 'Open handles.', byKind),
  ].join('');
}

async function answer(loop: EventLoop, reader: StreamReader, writer: StreamWriter): Promise<void> {
  const head = (await reader.readuntil('\r\n\r\n')).toString('latin1');
  const isFound = /^GET \/metrics(\?\S*)? HTTP/.test(head);
  const body = isFound ? expose(loop.metrics() as LoopMetrics) : 'The metrics are at /metrics.\n';
  writer.write(
    `HTTP/1.1 ${isFound ? '200 OK' : '404 Not Found'}\r\n` +
      'Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  await writer.drain();
  writer.close();
  await writer.waitClosed();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '9464' },
    },
  });
  const loop = getRunningLoop();
  const server = await startServer(
    (reader, writer) => answer(loop, reader, writer),
    values.host,
    Number(values.port),
  );
  const { address, port } = server.sockets[0]?.getsockname() ?? { address: '', port: 0 };
  announce({ host: address, port, close: async () => server.close() });
  await server.serveForever();
}

if (isMain(import.meta.url)) {
  try {
    await run(main);
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    process.exitCode = 130;
  }
}
