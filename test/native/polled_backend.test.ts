/**
 * The backend of macOS and Windows under ThreadSanitizer: polled_threads.cc beside this file, which says what it guards.
 *
 * It is compiled with the libuv of the system, since Node's comes without a library to link. UVIO_STRESS=SECONDS lets it
 * run longer.
 */

import { deepEqual, ok } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { canInclude, runThreads, TIMEOUT } from './threaded_programs.js';

const PARTS = [
  'driver',
  'loop',
  'handle',
  'timer',
  'descriptor',
  'polled_backend',
  'backend_wait',
].map((name) => `native/uv/${name}.cc`);

describe('the backend that polls', () => {
  leavesNothingOpen();

  it('loses no event and no deadline, and can be closed at any moment', function () {
    this.timeout(TIMEOUT);
    if (!canInclude('uv.h')) this.skip();
    const counts = runThreads('-DUVIO_POLLED', 'test/native/polled_threads.cc', ...PARTS, '-luv');
    deepEqual(Object.keys(counts), ['events', 'deadlines', 'earlier', 'closed']);
    ok(
      Object.values(counts).every((count) => count > 0),
      JSON.stringify(counts),
    );
  });
});
