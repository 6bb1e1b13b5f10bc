/*
 * The metrics in Prometheus' text format: every line of it is a comment or a sample, and curl's question is answered.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readAnnouncement } from '../../examples/kv/command-line.js';

const FILE = fileURLToPath(new URL('../../examples/prometheus.js', import.meta.url));
const COMMENT = /^# (HELP \w+ .+|TYPE \w+ (counter|gauge|summary))$/;
const SAMPLE = /^(\w+)(?:\{(\w+)="([^"]*)"\})? (\d+(?:\.\d+)?(?:e-\d+)?)$/;

describe('the metrics for Prometheus', () => {
  it('are served over HTTP, and nothing else is', async () => {
    const server = spawn(process.execPath, [FILE, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(server, 'close');
    try {
      const [line] = await once(server.stdout, 'data');
      const port = readAnnouncement(String(line)) as number;
      const elsewhere = await fetch(`http://127.0.0.1:${port}/`);
      assert.equal(elsewhere.status, 404);
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
      const lines = (await response.text()).trimEnd().split('\n');
      const samples = new Map<string, number>();
      for (const one of lines) {
        if (COMMENT.test(one)) continue;
        const sample = SAMPLE.exec(one);
        assert.ok(sample !== null, `no sample: ${one}`);
        samples.set(`${sample[1]} ${sample[3] ?? ''}`.trim(), Number(sample[4]));
      }
      const value = (name: string) => samples.get(name) as number;
      assert.ok(value('uvio_loop_busy_ratio') > 0 && value('uvio_loop_busy_ratio') <= 1);
      assert.ok(value('uvio_loop_callback_seconds_count') > 0);
      assert.ok(
        value('uvio_loop_callback_seconds 0.5') <= value('uvio_loop_callback_seconds 0.999'),
      );
      assert.ok(value('uvio_loop_callback_seconds_sum') < 60);
      assert.ok(value('uvio_loop_handles tcp') >= 2);
      assert.ok(value('uvio_loop_tasks') >= 1);
      server.kill('SIGINT');
      assert.equal((await ended)[0], 130);
    } finally {
      server.kill('SIGKILL');
      await ended;
    }
  });
});
