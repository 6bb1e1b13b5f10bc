/**
 * StreamReader against CPython: who waits, what cancels and fails it, and when the transport is paused.
 *
 * Each test is the twin of the function of that name in scenarios/stream_waiting.py.
 */

import { createTask, type StreamReader, sleep, waitFor } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { fed, feedSoon, reading, readingOf, Stub } from './reading.js';
import { Boom, kind, type Stage, theme } from './stage.js';

describe('waiting for a StreamReader, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('stream_waiting');

  sameTask('a failed stream fails every read', 'failure', async (stage) => {
    const reader = fed(['line\n']);
    stage.log(reader.exception());
    await reading(stage, 'two', reader.read(2));
    reader.setException(new Boom('broken'));
    stage.log(reader.exception());
    await reading(stage, 'read', reader.read(2));
    await reading(stage, 'zero', reader.read(0));
    await reading(stage, 'all', reader.read());
    await reading(stage, 'line', reader.readline());
    await reading(stage, 'exactly', reader.readexactly(2));
    await reading(stage, 'until', reader.readuntil('x'));
  });

  sameTask('and the one that waits, through the loop', 'failure_while_waiting', async (stage) => {
    const { loop, log } = stage;
    for (const method of ['read', 'readline', 'readuntil'] as const) {
      const reader = fed();
      loop.callSoon(() => reader.setException(new Boom(method)));
      loop.callSoon(log, 'callback');
      await reading(stage, method, reader[method]());
    }
    const reader = fed();
    loop.callSoon(() => reader.setException(new Boom('x')));
    await reading(stage, 'readexactly', reader.readexactly(3));
  });

  sameTask('a second read is refused while one waits', 'one_at_a_time', async (stage) => {
    const reader = fed();
    const task = createTask(() => reading(stage, 'first', reader.read(10)));
    await sleep(0);
    await reading(stage, 'read', reader.read(10));
    await reading(stage, 'all', reader.read());
    await reading(stage, 'line', reader.readline());
    await reading(stage, 'until', reader.readuntil('x'));
    await reading(stage, 'exactly', reader.readexactly(1));
    reader.feedData('data');
    await task;
  });

  const start = (
    stage: Stage,
    style: 'async' | 'generator',
    what: string,
    read: () => ReturnType<StreamReader['read']>,
  ) =>
    style === 'async'
      ? createTask(() => reading(stage, what, read()))
      : createTask(() => readingOf(stage, what, read()));

  for (const style of ['async', 'generator'] as const) {
    sameTask(`a cancelled read loses nothing (${style})`, 'cancelled', async (stage) => {
      const reader = fed(['some']);
      const task = start(stage, style, 'line', () => reader.readline());
      await sleep(0);
      task.cancel('why');
      await sleep(0);
      stage.log(task.done(), reader);
      reader.feedData(' line\n');
      await reading(stage, 'again', reader.readline());
    });

    sameTask(
      `nor one that is cancelled when data has come (${style})`,
      'cancelled_when_data_has_come',
      async (stage) => {
        const reader = fed();
        const task = start(stage, style, 'read', () => reader.read(9));
        await sleep(0);
        reader.feedData('data');
        task.cancel();
        await sleep(0);
        stage.log(task.done(), reader);
        await reading(stage, 'again', reader.read(9));
      },
    );

    sameTask(`a failure after a cancel (${style})`, 'failure_after_cancel', async (stage) => {
      const reader = fed();
      const task = start(stage, style, 'read', () => reader.read(9));
      await sleep(0);
      task.cancel();
      await sleep(0);
      reader.setException(new Boom('message'));
      await sleep(0);
      await reading(stage, 'later', reader.read(1));
    });
  }

  sameTask('a read that times out loses nothing', 'timed_out', async (stage) => {
    const reader = fed(['abc']);
    try {
      await waitFor(reader.readexactly(5), 1);
    } catch (error) {
      stage.log(kind(error));
    }
    reader.feedData('de');
    await reading(stage, 'again', reader.readexactly(5));
  });

  sameTask('it pauses above twice the limit', 'pauses_at_twice_the_limit', async (stage) => {
    const reader = fed([], { limit: 4 });
    reader.setTransport(new Stub(stage));
    reader.feedData('12345678');
    stage.log('at twice');
    reader.feedData('9');
    reader.feedData('a');
    stage.log(reader);
    await reading(stage, 'five', reader.read(5));
    await reading(stage, 'one', reader.read(1));
    stage.log(reader);
  });

  sameTask('a read that waits resumes the transport', 'resumes_to_wait', async (stage) => {
    const reader = fed([], { limit: 2 });
    reader.setTransport(new Stub(stage));
    reader.feedData('12345');
    feedSoon(stage, reader, ['6789']);
    await reading(stage, 'nine', reader.readexactly(9));
    stage.log(reader);
  });

  sameTask('lines taken, and dropped, resume it', 'resumes_for_lines', async (stage) => {
    const reader = fed([], { limit: 4 });
    reader.setTransport(new Stub(stage));
    reader.feedData('1\n2\n3\n456');
    await reading(stage, 'first', reader.readline());
    await reading(stage, 'second', reader.readline());
    await reading(stage, 'third', reader.readline());
    reader.feedData('7890abcdef');
    await reading(stage, 'too long', reader.readline());
    stage.log(reader);
  });
});
