/**
 * addReader, addWriter and signal handlers against CPython: order, removal, replacement.
 *
 * Each test is the twin of the function of that name in scenarios/descriptors.py.
 */

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { coroutine } from '../../src/index.js';
import { withFifo } from '../io/fifo.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, kind, type Stage, theme } from './stage.js';

function readByte(pipe: number): string {
  const byte = Buffer.alloc(1);
  readSync(pipe, byte);
  return byte.toString('latin1');
}

const kill = (name: NodeJS.Signals) => process.kill(process.pid, name);

/** Logs the negative number that Python's errno is the positive of. */
function attemptSystem(log: Stage['log'], call: () => unknown): void {
  try {
    call();
  } catch (error) {
    log('OSError', -((error as NodeJS.ErrnoException).errno as number));
  }
}

describe('addReader, addWriter and signal handlers, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('descriptors');

  const sameWithPipe = (
    title: string,
    name: string,
    play: (stage: Stage, pipe: number) => unknown,
  ) =>
    same(title, name, (stage) =>
      withFifo(async ({ both }) => {
        await play(stage, both);
        stage.loop.removeReader(both);
        stage.loop.removeWriter(both);
      }),
    );

  sameWithPipe(
    'the reader is called before the writer, both after what was ready',
    'reader_before_writer',
    async ({ loop, log, logs }, pipe) => {
      const end = loop.createFuture();
      loop.addWriter(pipe, logs('writer'));
      loop.addReader(pipe, logs('reader'));
      writeSync(pipe, 'x');
      loop.callSoon(log, 'ready before');
      const finish = () => {
        loop.removeReader(pipe);
        log('last');
        loop.removeWriter(pipe);
        end.setResult(undefined);
      };
      loop.callSoon(() => loop.addWriter(pipe, finish));
      await loop.runUntilComplete(end);
    },
  );

  sameWithPipe('removing says whether there was one', 'what_removing_returns', (stage, pipe) => {
    const { loop, log } = stage;
    log(loop.removeReader(pipe), loop.removeWriter(pipe));
    log(loop.addReader(pipe, log), loop.addWriter(pipe, log));
    log(loop.removeReader(pipe), loop.removeReader(pipe));
    log(loop.removeWriter(pipe), loop.removeWriter(pipe));
  });

  sameWithPipe(
    'a writer removed by the reader is not called',
    'reader_removes_writer',
    async ({ loop, log, logs }, pipe) => {
      const end = loop.createFuture();
      writeSync(pipe, 'x');
      loop.addWriter(pipe, logs('writer'));
      loop.addReader(pipe, () => {
        log('reader', loop.removeWriter(pipe), loop.removeReader(pipe));
        loop.callSoon(() => end.setResult(undefined));
      });
      await loop.runUntilComplete(end);
    },
  );

  sameWithPipe(
    'a writer replaced by the reader is not called, its successor is',
    'reader_replaces_writer',
    async ({ loop, log, logs }, pipe) => {
      const end = loop.createFuture();
      writeSync(pipe, 'x');
      loop.addWriter(pipe, logs('writer'));
      loop.addReader(pipe, () => {
        log('reader');
        loop.removeReader(pipe);
        loop.addWriter(pipe, () => {
          log('new writer');
          loop.removeWriter(pipe);
          end.setResult(undefined);
        });
      });
      await loop.runUntilComplete(end);
    },
  );

  sameWithPipe(
    'the reader is called until everything is read',
    'reads_byte_by_byte',
    async ({ loop, log }, pipe) => {
      const end = loop.createFuture();
      writeSync(pipe, 'abc');
      const read = (word: string) => {
        const byte = readByte(pipe);
        log(word, byte);
        if (byte !== 'c') return;
        loop.removeReader(pipe);
        end.setResult(undefined);
      };
      loop.addReader(pipe, read, 'read');
      await loop.runUntilComplete(end);
    },
  );

  sameWithPipe(
    'an error in a reader is reported and removes nothing',
    'failing_reader',
    async ({ loop }, pipe) => {
      const end = loop.createFuture();
      writeSync(pipe, 'ab');
      loop.addReader(pipe, () => {
        const byte = readByte(pipe);
        if (byte === 'b') {
          loop.removeReader(pipe);
          end.setResult(undefined);
        }
        throw new Boom(byte);
      });
      await loop.runUntilComplete(end);
    },
  );

  same('what cannot be watched is refused', 'misused_descriptors', ({ loop, log, attempt }) => {
    attempt('remove', () => loop.removeReader(1_000_000));
    for (const value of [-1, null, 'x']) {
      try {
        loop.addReader(value as never, log);
      } catch {
        log('refused');
      }
    }
    attemptSystem(log, () => loop.addReader(1_000_000, log));
    const file = openSync(fileURLToPath(import.meta.url), 'r');
    attemptSystem(log, () => loop.addReader(file, log));
    closeSync(file);
    loop.close();
    attempt('add', () => loop.addReader(0, log));
    attempt('remove', () => loop.removeReader(0));
  });

  same(
    'signal handlers are called in the order of the signals, after what was ready',
    'signals_in_order',
    async ({ loop, log }) => {
      const end = loop.createFuture();
      const handler = (...words: unknown[]) => log('handler', ...words);
      loop.addSignalHandler('SIGWINCH', handler, 'winch', 1);
      loop.addSignalHandler('SIGUSR2', handler, 'usr2');
      loop.addSignalHandler('SIGURG' as never, () => {
        log('last');
        end.setResult(undefined);
      });
      kill('SIGWINCH');
      kill('SIGUSR2');
      kill('SIGURG' as never);
      loop.callSoon(log, 'ready before');
      await loop.runUntilComplete(end);
    },
  );

  same('a signal has one handler', 'replaced_signal_handler', async ({ loop, logs }) => {
    const end = loop.createFuture();
    loop.addSignalHandler('SIGUSR2', logs('first'));
    loop.addSignalHandler('SIGUSR2', logs('second'));
    loop.addSignalHandler('SIGURG' as never, () => end.setResult(undefined));
    kill('SIGUSR2');
    kill('SIGURG' as never);
    await loop.runUntilComplete(end);
  });

  same(
    'removing a signal handler says whether there was one',
    'what_removing_signal_handlers_returns',
    ({ loop, log }) => {
      log(loop.removeSignalHandler('SIGUSR2'));
      log(loop.addSignalHandler('SIGUSR2', log));
      log(loop.removeSignalHandler('SIGUSR2'), loop.removeSignalHandler('SIGUSR2'));
    },
  );

  same(
    'a signal handler may remove itself',
    'handler_removes_itself',
    async ({ loop, log, logs }) => {
      const end = loop.createFuture();
      loop.addSignalHandler('SIGURG' as never, logs('urg'));
      loop.addSignalHandler('SIGUSR2', () => {
        log('once', loop.removeSignalHandler('SIGUSR2'));
        loop.callSoon(() => end.setResult(undefined));
      });
      kill('SIGURG' as never);
      kill('SIGUSR2');
      await loop.runUntilComplete(end);
    },
  );

  same('an error in a signal handler is reported', 'failing_signal_handler', async ({ loop }) => {
    const end = loop.createFuture();
    loop.addSignalHandler('SIGUSR2', () => {
      throw new Boom('in handler');
    });
    loop.addSignalHandler('SIGURG' as never, () => end.setResult(undefined));
    kill('SIGUSR2');
    kill('SIGURG' as never);
    await loop.runUntilComplete(end);
  });

  same('what cannot be handled is refused', 'misused_signals', ({ loop, log, attempt }) => {
    attempt('kill', () => loop.addSignalHandler('SIGKILL', log));
    attempt('stop', () => loop.addSignalHandler('SIGSTOP', log));
    for (const value of [0, 1000, -1, 'SIGNONE', null]) {
      try {
        loop.addSignalHandler(value as never, log);
      } catch {
        log('refused');
      }
    }
    try {
      loop.addSignalHandler(
        'SIGUSR2',
        coroutine(async () => {}),
      );
    } catch (error) {
      log(kind(error));
    }
    loop.close();
    attempt('add', () => loop.addSignalHandler('SIGUSR2', log));
  });
});
