// `npm test`: builds what is missing, then runs the tests; arguments go to mocha.
//
// With --asan the addon is built with AddressSanitizer and UndefinedBehaviorSanitizer, with --polled it has the backend of
// macOS and Windows; both go together, and the same tests run on it. --then-polled (CI) runs those of that backend's own
// after the others. Ends with a line 'N passed, N failed', which counts all.

import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildNative, buildTypeScript, installPackages, root, setUp } from './setup.mjs';

const OPTIONS = ['--asan', '--polled', '--then-polled'];
const args = process.argv.slice(2);
const [sanitized, polled, thenPolled] = OPTIONS.map((option) => args.includes(option));
const mochaArguments = args.filter((argument) => !OPTIONS.includes(argument));
// A file named on the command line is tested alone.
const named = mochaArguments.some((argument) => argument.endsWith('.js'));
const ALL = ['dist/test/**/*.test.js'];
// What wakes the loop: its turns, its timers, other threads, sockets, and the ends of all of these.
const OF_THE_BACKEND = [
  'core/liveness',
  'core/scheduler',
  'io/closing',
  'io/datagrams',
  'io/loop_close',
  'io/reading',
  'io/termination',
  'io/watchers',
  'loop/closing_threads',
  'loop/event_loop',
  'loop/metrics',
  'loop/threadsafe_loop',
  'sync/sleeping',
  'sync/timeouts',
].map((file) => `dist/test/${file}.test.js`);

/** Builds the addon and returns the environment of its tests. */
function prepare(sanitized, polled) {
  const environment = { ...process.env };
  if (!sanitized && !polled) {
    setUp();
    return environment;
  }
  installPackages();
  const sanitize = sanitized ? 'address,undefined' : '';
  environment.UVIO_ADDON = buildNative({ sanitize, polled });
  buildTypeScript();
  if (polled) environment.UVIO_POLLED = '1';
  if (!sanitized) return environment;
  environment.UVIO_SANITIZED = '1';
  const compiler = process.env.CXX ?? 'g++';
  const library = (name) =>
    spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim();
  environment.LD_PRELOAD = `${library('libasan.so')} ${library('libubsan.so')}`;
  // Node itself is not built for leak detection: it leaves memory to the end of the process.
  environment.ASAN_OPTIONS = 'detect_leaks=0:abort_on_error=1:handle_segv=1';
  environment.UBSAN_OPTIONS = 'halt_on_error=1:print_stacktrace=1';
  return environment;
}

/** Runs mocha and adds to the counts. */
function runTests(env, files, counts) {
  const words = [
    join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
    ...files,
    // On a machine that others use as well a bound in time may be missed; what fails twice is a defect. Nowhere but in CI,
    // so that whoever writes a test sees its races.
    ...(process.env.CI === undefined ? [] : ['--retries', '1']),
    ...mochaArguments,
  ];
  const stdio = ['inherit', 'pipe', 'inherit'];
  const child = spawn(process.execPath, words, { cwd: root, env, stdio });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text) => {
    process.stdout.write(text);
    output = (output + text).slice(-100_000);
  });
  return new Promise((resolve) => {
    child.on('close', (status, signal) => {
      const failed = Number(/(\d+) failing/.exec(output)?.[1] ?? 0);
      // A run that died has failed, whatever it had counted.
      const died = signal !== null || (status !== 0 && failed === 0);
      if (died) console.log(`the test run ended with ${signal ?? `exit code ${status}`}`);
      counts.passed += Number(/(\d+) passing/.exec(output)?.[1] ?? 0);
      counts.failed += failed + (died ? 1 : 0);
      resolve();
    });
  });
}

const counts = { passed: 0, failed: 0 };
await runTests(prepare(sanitized, polled), named ? [] : ALL, counts);
if (thenPolled) await runTests(prepare(false, true), OF_THE_BACKEND, counts);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = Math.min(counts.failed, 1);
