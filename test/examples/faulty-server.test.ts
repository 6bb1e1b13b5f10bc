/*
 * The faulty server as a process: every diagnosis of debug mode is in what it writes, under its heading.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FILE = fileURLToPath(new URL('../../examples/faulty-server.js', import.meta.url));

/** What has to stand under the heading that begins so. */
const DIAGNOSES: [heading: string, ...diagnoses: RegExp[]][] = [
  [
    'slow callbacks',
    /^Executing <Handle checksum\(\) created at \S+> took 0\.\d{3} seconds$/m,
    /^Executing <TimerHandle when=\S+ refresh\(\) created at \S+> took/m,
    /^Executing <Task \w+ name='report' coro=<report\(\) \w+.*> .*created at \S+> took/m,
    /^Executing <SlowProtocol dataReceived transport=<TcpTransport open .*>> took/m,
    /^<Server sockets=\(127\.0\.0\.1:\d+\)> is serving$/m,
    /^<Server .*> got a new connection from 127\.0\.0\.1:\d+: <TcpTransport .*>$/m,
    /^<socket fd=\d+> connected to 127\.0\.0\.1:\d+: \(<TcpTransport .*>, <Protocol>\)$/m,
    /^<TcpTransport .*> pauses reading$/m,
    /^<TcpTransport .*> resumes reading$/m,
  ],
  [
    'the watchdog',
    /^Executing <parse\(\) at \S+> has been running for \d\.\d{3} seconds and still blocks the loop\n {2}at block .*\n {2}at parse /m,
    /^Executing <parse\(\) at \S+> took [1-9]\.\d{3} seconds$/m,
    /^Executing <Task finished .*coro=<parse\(\) done> .*> took [1-9]\.\d{3} seconds$/m,
  ],
  ['slow I/O', /^poll \d+\.\d{3} ms took 1\d{3}\.\d{3} ms: timeout$/m],
  [
    'a coroutine that nobody',
    /RuntimeWarning: coroutine 'cleanUp' was never awaited\nCoroutine created at \(most recent call last\):\n {2}at /,
  ],
  [
    'a task whose exception',
    /^Task exception was never retrieved\nfuture: <Task finished name='Task-\d+' coro=<refuse\(\) done> exception=.*>\nsource_traceback: Object created at \(most recent call last\):\n {2}at /m,
    /^Error: the disk is full$/m,
  ],
  [
    'a callback that throws',
    /^Exception in callback notify\(\)\nhandle: <Handle notify\(\) created at \S+>\nsource_traceback: Object created at/m,
  ],
  [
    "a task that awaits another loop's",
    /RuntimeError: Task <.*> got Future <.*> attached to a different loop/,
  ],
  [
    'a thread that schedules',
    /^RuntimeError: Non-thread-safe operation invoked on an event loop other than the current one$/m,
  ],
  [
    'the life of a program',
    /^process 'true' created: pid \d+$/m,
    /^<SubprocessTransport pid=\d+ returncode=0 .*> exited with return code 0$/m,
  ],
  [
    'a server and a connection',
    /ResourceWarning: unclosed transport <TcpTransport open bufsize=0>/,
    /^Close <EventLoop running=false closed=false debug=true>$/m,
  ],
  [
    'a task that is pending',
    /^Task was destroyed but it is pending!$/m,
    /^task: <Task pending name='Task-\d+' coro=<poll\(\) running at \S+> wait_for=<Future pending .*> created at \S+>$/m,
    /ResourceWarning: unclosed event loop <EventLoop running=false closed=false debug=false>/,
  ],
];

describe('the faulty server', () => {
  it('shows every diagnosis in one run', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, [FILE], { timeout: 25_000 });
    const sections = stderr.split('\n== ').slice(1);
    assert.equal(sections.length, DIAGNOSES.length, stderr);
    for (const [index, [heading, ...diagnoses]] of DIAGNOSES.entries()) {
      const section = sections[index] as string;
      assert.ok(section.startsWith(heading), section);
      for (const diagnosis of diagnoses) assert.match(section, diagnosis);
    }
  });
});
