/**
 * Subprocesses against CPython: the order of a protocol's callbacks.
 *
 * Each test is the twin of the function of that name in scenarios/subprocesses.py. Whether a program's exit or the
 * end of its pipes comes first is up to the system: where a program does both at once the events between are compared
 * as a set.
 */

import {
  createTask,
  DEVNULL,
  type EventLoop,
  Future,
  PIPE,
  type ProcessOptions,
  STDOUT,
  SubprocessProtocol,
  type SubprocessTransport,
  type SystemError,
  sleep,
  type WriteTransport,
} from '../../src/index.js';
import { children, startsPrograms } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';
import { type Log, type Stage, theme } from './stage.js';

/** Python has classes for the errors of the system that it knows. */
const CLASSES: Record<string, string> = { EPIPE: 'BrokenPipeError' };

class Recorder extends SubprocessProtocol {
  output = '';
  transport!: SubprocessTransport;
  readonly exited: Future<void>;
  readonly lost: Future<void>;
  readonly closed: Future<void>[];
  #wanted: Future<void> | null = null;

  constructor(
    readonly loop: EventLoop,
    readonly log: Log,
    public events: string[] | null = null,
  ) {
    super();
    const future = () => new Future<void>({ loop });
    this.exited = future();
    this.lost = future();
    this.closed = [future(), future(), future()];
  }

  override connectionMade(transport: SubprocessTransport): void {
    this.transport = transport;
    this.#note('made');
  }

  override pipeDataReceived(fd: number, data: Buffer): void {
    this.#note('data', fd, data.toString().trim());
    this.output += data;
    if (this.#wanted?.done() === false) this.#wanted.setResult();
  }

  override pipeConnectionLost(fd: number, error: Error | null): void {
    const shown = error === null ? 'none' : CLASSES[(error as SystemError).code];
    this.#note('pipe lost', fd, shown);
    this.closed[fd]?.setResult();
  }

  override processExited(): void {
    this.#note('exited', this.transport.getReturncode());
    this.exited.setResult();
  }

  override connectionLost(error: Error | null): void {
    this.#note('lost', error);
    this.lost.setResult();
  }

  data(): Future<void> {
    this.#wanted = new Future({ loop: this.loop });
    return this.#wanted;
  }

  #note(...words: unknown[]): void {
    if (this.events === null) this.log(...words);
    else this.events.push(words.map((word) => (word === null ? 'None' : String(word))).join(' '));
  }
}

const input = (transport: SubprocessTransport) =>
  transport.getPipeTransport(0) as WriteTransport<string>;

describe('subprocesses, as in asyncio', () => {
  startsPrograms();
  leavesNothingOpen();
  const { same } = theme('subprocesses');

  const samePlay = (title: string, name: string, main: (stage: Stage) => Promise<unknown>) =>
    same(title, name, (stage) => stage.loop.runUntilComplete(() => main(stage)));

  const shell = (
    { loop, log }: Stage,
    script: string,
    options: ProcessOptions = {},
    events: string[] | null = null,
  ) => loop.subprocessShell(() => new Recorder(loop, log, events), script, options);

  /** Logs what came before the last event, in no order, and that. */
  const logSorted = ({ log }: Stage, events: readonly string[], ...more: unknown[]) =>
    log(events.slice(0, -1).sort(), events.at(-1), ...more);

  samePlay('a conversation', 'conversation', async (stage) => {
    const { loop, log } = stage;
    const make = () => new Recorder(loop, log);
    const [transport, protocol] = await loop.subprocessExec(make, 'cat', [], { stderr: DEVNULL });
    log('started', transport.getReturncode(), transport.isClosing());
    log(protocol.transport === transport, transport.getProtocol() === protocol);
    log(transport.getExtraInfo('subprocess').pid === transport.getPid());
    log(transport.getPipeTransport(2), transport.getPipeTransport(7));
    for (const word of ['one', 'two']) {
      input(transport).write(word);
      await protocol.data();
    }
    protocol.events = [];
    input(transport).close();
    await protocol.lost;
    logSorted(stage, protocol.events);
    log(transport.getReturncode(), transport.isClosing());
  });

  const quiet = { stdin: null, stdout: DEVNULL, stderr: DEVNULL };

  samePlay('without pipes', 'no_pipes', async (stage) => {
    const [, protocol] = await shell(stage, 'exit 3', quiet);
    stage.log('started');
    await protocol.lost;
  });

  samePlay('pipes that end before the exit', 'pipes_end_before_the_exit', async (stage) => {
    const script = 'exec >&-; read a; exec 2>&-; read a; exit 5';
    const [transport, protocol] = await shell(stage, script);
    await protocol.closed[1];
    stage.log(transport.getReturncode());
    input(transport).write('\n');
    await protocol.closed[2];
    protocol.events = [];
    input(transport).write('\n');
    await protocol.lost;
    logSorted(stage, protocol.events);
  });

  samePlay('an exit before the pipes end', 'exit_before_the_pipes_end', async (stage) => {
    const options = { stdin: DEVNULL, stderr: DEVNULL };
    const started = shell(stage, 'sleep 1000 & echo $!; exit 4', options, []);
    const [transport, protocol] = await started;
    await protocol.exited;
    while (protocol.output === '') await protocol.data();
    stage.log(transport.getReturncode(), protocol.lost.done());
    process.kill(Number(protocol.output), 'SIGKILL');
    await protocol.lost;
    stage.log(protocol.events?.slice(-2));
  });

  samePlay('signals', 'signals', async ({ loop, log }) => {
    for (const method of ['terminate', 'kill'] as const) {
      const make = () => new Recorder(loop, log);
      const [transport, protocol] = await loop.subprocessExec(make, 'sleep', ['1000'], quiet);
      transport[method]();
      await protocol.lost;
      log(method, transport.getReturncode());
      const calls = [
        () => transport.kill(),
        () => transport.terminate(),
        () => transport.sendSignal(2),
      ];
      for (const call of calls) {
        try {
          call();
          log('sent');
        } catch (error) {
          if ((error as SystemError).code === 'ESRCH') log('gone');
        }
      }
    }
  });

  samePlay('close() of a running one', 'closing', async ({ loop, log }) => {
    const make = () => new Recorder(loop, log);
    const [transport, protocol] = await loop.subprocessExec(make, 'sleep', ['1000']);
    loop.callSoon(log, 'before');
    transport.close();
    transport.close();
    loop.callSoon(log, 'after');
    log('called', transport.isClosing(), transport.getReturncode());
    await protocol.lost;
    log(transport.getReturncode(), transport.isClosing());
  });

  samePlay('close() after the exit', 'closing_after_the_exit', async ({ loop, log }) => {
    const make = () => new Recorder(loop, log);
    const [transport, protocol] = await loop.subprocessExec(make, 'true', [], quiet);
    await protocol.exited;
    transport.close();
    await protocol.lost;
    transport.close();
    log(transport.getReturncode(), transport.isClosing());
  });

  samePlay('a broken pipe', 'broken_pipe', async (stage) => {
    const script = 'read a; exec <&-; echo closed; exec sleep 1000';
    const [transport, protocol] = await shell(stage, script, { stderr: DEVNULL }, []);
    input(transport).write(Buffer.alloc(1_000_000, '\n'));
    await protocol.closed[0];
    while (protocol.output === '') await protocol.data();
    stage.log(protocol.events?.filter((event) => event.includes('pipe lost')));
    transport.kill();
    await protocol.lost;
    stage.log(protocol.events?.at(-1));
  });

  samePlay('stderr with stdout', 'stderr_with_stdout', async (stage) => {
    const options = { stdin: DEVNULL, stdout: PIPE, stderr: STDOUT };
    const [transport, protocol] = await shell(stage, 'echo one; echo two >&2', options, []);
    stage.log(transport.getPipeTransport(2));
    await protocol.lost;
    stage.log(protocol.output.split('\n'));
  });

  samePlay('a start that is cancelled', 'cancelled_start', async (stage) => {
    const options = { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL };
    const task = createTask(() => shell(stage, 'exec sleep 1000', options, []));
    await sleep(0);
    task.cancel();
    try {
      await task;
    } catch {
      stage.log('cancelled', children().length);
    }
  });

  samePlay('programs that cannot be started', 'failing', async ({ loop, log }) => {
    let made = 0;
    const make = () => {
      made++;
      return new Recorder(loop, log);
    };
    for (const program of ['/no/such/program', '/tmp', '/etc/passwd/x']) {
      await loop
        .subprocessExec(make, program)
        .catch((error) => log(program, -(error as SystemError).errno));
    }
    await loop
      .subprocessExec(make, 'true', [], { cwd: '/no/such/folder' })
      .catch((error) => log(-(error as SystemError).errno, (error as { path: string }).path));
    log(made);
  });

  samePlay('a protocol that throws', 'throwing', async (stage) => {
    const { loop, log } = stage;
    class Throwing extends Recorder {
      override pipeDataReceived(): void {
        throw new Error('in data');
      }
      override processExited(): void {
        throw new Error('in exited');
      }
    }
    const events: string[] = [];
    const make = () => new Throwing(loop, log, events);
    const options = { stdin: null, stderr: DEVNULL };
    const [transport, protocol] = await loop.subprocessExec(make, 'echo', ['x'], options);
    loop.setExceptionHandler((_loop, context) =>
      events.push(Object.keys(context).sort().join(' ')),
    );
    await protocol.lost;
    logSorted(stage, events, transport.getReturncode());
  });

  samePlay('another protocol', 'another_protocol', async (stage) => {
    const { loop, log } = stage;
    const first = new Recorder(loop, log);
    const second = new Recorder(loop, log);
    const [transport] = await loop.subprocessExec(() => first, 'cat', [], { stderr: DEVNULL });
    second.transport = transport;
    transport.setProtocol(second);
    second.events = [];
    input(transport).write('x');
    await second.data();
    input(transport).close();
    await second.lost;
    logSorted(stage, second.events);
  });
});
