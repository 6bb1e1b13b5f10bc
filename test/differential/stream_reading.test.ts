/**
 * StreamReader against CPython, fed by hand: what read, readexactly and iteration give.
 *
 * Each test is the twin of the function of that name in scenarios/stream_reading.py.
 */

import { type StreamReader, sleep } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { fed, feedSoon, reading, readingOf, Stub, text } from './reading.js';
import { Boom, type Stage, theme } from './stage.js';

describe('StreamReader, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('stream_reading');

  sameTask('it shows its state', 'representation', async (stage) => {
    const { log } = stage;
    log(fed());
    log(fed(['']));
    log(fed(['some']));
    log(fed(['some'], { eof: true, limit: 3 }));
    const reader = fed([], { limit: 2 });
    reader.setTransport(new Stub(stage));
    reader.feedData('12345');
    log(reader);
  });

  sameTask('read() gives what is there', 'read_of_what_is_there', async (stage) => {
    const reader = fed(['line1', 'line2']);
    await reading(stage, 'zero', reader.read(0));
    stage.log(reader);
    await reading(stage, 'a chunk', reader.read(5));
    await reading(stage, 'less', reader.read(2));
    await reading(stage, 'more', reader.read(99));
    stage.log(reader);
  });

  sameTask('read() joins chunks', 'read_across_chunks', async (stage) => {
    const reader = fed(['abc', 'def', 'ghi']);
    await reading(stage, 'five', reader.read(5));
    await reading(stage, 'rest', reader.read(99));
  });

  sameTask(
    'what the buffer can serve does not give way',
    'read_does_not_give_way',
    async (stage) => {
      const reader = fed(['abc\ndef\n']);
      stage.loop.callSoon(stage.log, 'callback');
      await reading(stage, 'read', reader.read(2));
      await reading(stage, 'line', reader.readline());
      await reading(stage, 'exactly', reader.readexactly(2));
      await reading(stage, 'until', reader.readuntil('f'));
      stage.log('end');
      await sleep(0);
    },
    function* (stage) {
      const reader = fed(['abc\ndef\n']);
      stage.loop.callSoon(stage.log, 'callback');
      yield* readingOf(stage, 'read', reader.read(2));
      yield* readingOf(stage, 'line', reader.readline());
      yield* readingOf(stage, 'exactly', reader.readexactly(2));
      yield* readingOf(stage, 'until', reader.readuntil('f'));
      stage.log('end');
      yield* sleep(0);
    },
  );

  const feedAmidCallbacks = (stage: Stage, reader: StreamReader) => {
    stage.loop.callSoon(stage.log, 'before');
    feedSoon(stage, reader, ['first ', 'second']);
    stage.loop.callSoon(stage.log, 'after');
  };

  sameTask(
    'a read that waits gets what has come by its turn',
    'read_waits',
    async (stage) => {
      const reader = fed();
      feedAmidCallbacks(stage, reader);
      await reading(stage, 'read', reader.read(30));
      feedSoon(stage, reader, ['third']);
      await reading(stage, 'part', reader.read(2));
      stage.log(reader);
    },
    function* (stage) {
      const reader = fed();
      feedAmidCallbacks(stage, reader);
      yield* readingOf(stage, 'read', reader.read(30));
      feedSoon(stage, reader, ['third']);
      yield* readingOf(stage, 'part', reader.read(2));
      stage.log(reader);
    },
  );

  sameTask('reads at the end of the stream', 'read_at_the_end', async (stage) => {
    const reader = fed();
    feedSoon(stage, reader, [], { eof: true });
    await reading(stage, 'read', reader.read(1024));
    await reading(stage, 'again', reader.read(1024));
    await reading(stage, 'all', reader.read());
    await reading(stage, 'line', reader.readline());
    await reading(stage, 'exactly', reader.readexactly(1));
    await reading(stage, 'until', reader.readuntil('x'));
    stage.log(reader.atEof());
  });

  sameTask('read() without a size reads to the end', 'read_until_the_end', async (stage) => {
    const reader = fed(['chunk0 ']);
    feedSoon(stage, reader, ['chunk1\n', 'chunk2'], { eof: true });
    await reading(stage, 'all', reader.read());
    stage.log(reader);
    await reading(stage, 'of nothing', fed([], { eof: true }).read(-1));
    await reading(stage, 'minus two', fed(['abc'], { eof: true }).read(-2));
  });

  sameTask('in as many turns as it takes', 'read_until_the_end_in_pieces', async (stage) => {
    const { loop } = stage;
    const reader = fed();
    loop.callSoon(() => reader.feedData('one '));
    loop.callSoon(() => loop.callSoon(() => reader.feedData('two ')));
    loop.callSoon(() => loop.callSoon(() => loop.callSoon(() => reader.feedEof())));
    await reading(stage, 'all', reader.read());
  });

  sameTask('atEof() is about the buffer too', 'at_eof', async ({ log }) => {
    const reader = fed();
    log(reader.atEof());
    reader.feedData('some data\n');
    log(reader.atEof());
    await reader.readline();
    log(reader.atEof());
    reader.feedData('some data\n');
    reader.feedEof();
    log(reader.atEof());
    await reader.readline();
    log(reader.atEof());
  });

  sameTask('readexactly() gives as many bytes', 'exactly', async (stage) => {
    const reader = fed(['12345']);
    await reading(stage, 'zero', reader.readexactly(0));
    await reading(stage, 'three', reader.readexactly(3));
    feedSoon(stage, reader, ['67', '89']);
    await reading(stage, 'five', reader.readexactly(5));
    stage.log(reader);
    await reading(stage, 'above the limit', fed(['chunk'], { limit: 3 }).readexactly(5));
  });

  sameTask(
    'and waits in the turns that do not bring enough',
    'exactly_waits_for_enough',
    async (stage) => {
      const { loop, log } = stage;
      const reader = fed(['1']);
      loop.callSoon(() => reader.feedData('2'));
      loop.callSoon(() => loop.callSoon(() => reader.feedData('3')));
      loop.callSoon(() => loop.callSoon(log, 'third fed'));
      await reading(stage, 'three', reader.readexactly(3));
    },
  );

  sameTask('readexactly() of more than ever comes', 'exactly_ends_early', async (stage) => {
    const reader = fed(['12345']);
    feedSoon(stage, reader, ['67'], { eof: true });
    await reading(stage, 'nine', reader.readexactly(9));
    stage.log(reader);
  });

  sameTask('iteration gives lines to the end', 'iteration', async (stage) => {
    const reader = fed(['one\ntwo\n']);
    feedSoon(stage, reader, ['three\nfo', 'ur'], { eof: true });
    for await (const line of reader) stage.log(text(line));
    stage.log(reader.atEof());
  });

  sameTask('iteration goes on where it was left', 'iteration_goes_on', async ({ log }) => {
    const reader = fed(['one\n\ntwo\n'], { eof: true });
    for await (const line of reader) {
      log(text(line));
      break;
    }
    for await (const line of reader) log('again', text(line));
    for await (const line of reader) log('never', text(line));
  });

  sameTask('iteration fails with the stream', 'iteration_fails', async (stage) => {
    const reader = fed(['one\n']);
    stage.loop.callSoon(() => reader.setException(new Boom('broken')));
    const iterate = async () => {
      for await (const line of reader) stage.log(text(line));
    };
    await stage.outcome('iteration', iterate());
  });
});
