// `npm test`: builds what is missing, then runs the tests; arguments go to mocha.
//
// With --asan the addon is built with AddressSanitizer and UndefinedBehaviorSanitizer, with --polled it has the backend of
// macOS and Windows; both go together, and the same tests run on it. Ends with a line 'N passed, N failed'.

import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildNative, buildTypeScript, installPackages, root, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const sanitized = args.includes('--asan');
const polled = args.includes('--polled');
const mochaArguments = args.filter((argument) => argument !== '--asan' && argument !== '--polled');
// A file named on the command line is tested alone.
const named = mochaArguments.some((argument) => argument.endsWith('.js'));
const environment = { ...process.env };
if (sanitized || polled) {
  installPackages();
  environment.UVIO_ADDON = buildNative({
    sanitize: sanitized ? 'address,undefined' : '',
    polled,
  });
  buildTypeScript();
} else {
  setUp();
}
if (polled) environment.UVIO_POLLED = '1';
if (sanitized) {
  environment.UVIO_SANITIZED = '1';
  const compiler = process.env.CXX ?? 'g++';
  const library = (name) =>
    spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim();
  environment.LD_PRELOAD = `${library('libasan.so')} ${library('libubsan.so')}`;
  // Node itself is not built for leak detection: it leaves memory to the end of the process.
  environment.ASAN_OPTIONS = 'detect_leaks=0:abort_on_error=1:handle_segv=1';
  environment.UBSAN_OPTIONS = 'halt_on_error=1:print_stacktrace=1';
}

const child = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
    ...(named ? [] : ['dist/test/**/*.test.js']),
    // On a machine that others use as well a bound in time may be missed; what fails twice is a defect. Nowhere but in CI,
    // so that whoever writes a test sees its races.
    ...(process.env.CI === undefined ? [] : ['--retries', '1']),
    ...mochaArguments,
  ],
  { cwd: root, env: environment, stdio: ['inherit', 'pipe', 'inherit'] },
);
let output = '';
child.stdout.setEncoding('utf8');
child.stdout.on('data', (text) => {
  process.stdout.write(text);
  output = (output + text).slice(-100_000);
});
child.on('close', (status, signal) => {
  const passed = Number(/(\d+) passing/.exec(output)?.[1] ?? 0);
  const failed = Number(/(\d+) failing/.exec(output)?.[1] ?? 0);
  // A run that died has failed, whatever it had counted.
  const died = signal !== null || (status !== 0 && failed === 0);
  if (died) console.log(`the test run ended with ${signal ?? `exit code ${status}`}`);
  console.log(`${passed} passed, ${failed + (died ? 1 : 0)} failed`);
  process.exitCode = died ? 1 : (status ?? 1);
});
