/**
 * readline and readuntil against CPython: separators across chunks, the limit, the stream's end.
 *
 * Each test is the twin of the function of that name in scenarios/stream_lines.py. Lists of separators are newer than the
 * Python that runs those (3.13): their traces are written down in test/high/stream_reader.test.ts.
 */

import { leavesNothingOpen } from '../support.js';
import { fed, feedSoon, reading, readingOf } from './reading.js';
import { theme } from './stage.js';

describe('lines of a StreamReader, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('stream_lines');

  sameTask('lines that are there', 'lines_that_are_there', async (stage) => {
    const reader = fed(['line1\nli', 'ne2\nline3\n']);
    await reading(stage, 'first', reader.readline());
    stage.log(reader);
    await reading(stage, 'seven bytes', reader.read(7));
    stage.log(reader);
    await reading(stage, 'rest', reader.readline());
  });

  sameTask(
    'a line that comes in pieces',
    'a_line_that_comes',
    async (stage) => {
      const reader = fed(['chunk1 ']);
      feedSoon(stage, reader, ['chunk2 ', 'chunk3 ', '\n chunk4']);
      await reading(stage, 'line', reader.readline());
      stage.log(reader);
    },
    function* (stage) {
      const reader = fed(['chunk1 ']);
      feedSoon(stage, reader, ['chunk2 ', 'chunk3 ', '\n chunk4']);
      yield* readingOf(stage, 'line', reader.readline());
      stage.log(reader);
    },
  );

  sameTask("the stream's end ends a line", 'the_last_line', async (stage) => {
    await reading(stage, 'unfinished', fed(['some data'], { eof: true }).readline());
    await reading(stage, 'none', fed([], { eof: true }).readline());
    await reading(stage, 'finished', fed(['a\n'], { eof: true }).readline());
  });

  sameTask('a line above the limit is dropped', 'line_limit_with_data', async (stage) => {
    const found = fed(['li', 'ne1\nline2\n'], { limit: 3 });
    await reading(stage, 'found', found.readline());
    stage.log(found);
    const unfinished = fed(['li', 'ne1', 'li'], { limit: 3 });
    await reading(stage, 'not found', unfinished.readline());
    stage.log(unfinished);
  });

  sameTask('the limit of a line that is waited for', 'line_limit_while_waiting', async (stage) => {
    const one = fed([], { limit: 7 });
    feedSoon(stage, one, ['chunk1', 'chunk2', 'chunk3\n'], { eof: true });
    await reading(stage, 'found', one.readline());
    stage.log(one);
    const two = fed([], { limit: 7 });
    feedSoon(stage, two, ['chunk1', 'chunk2\n', 'chunk3\n'], { eof: true });
    await reading(stage, 'found', two.readline());
    stage.log(two);
    await reading(stage, 'next', two.readline());
  });

  sameTask('the limit does not count the newline', 'line_limit_is_strict', async (stage) => {
    const reader = fed(['1234567\n'], { limit: 7 });
    await reading(stage, 'seven', reader.readline());
    reader.feedData('12345678\n');
    await reading(stage, 'eight', reader.readline());
    stage.log(reader);
    reader.feedData('1234567');
    feedSoon(stage, reader, ['8']);
    await reading(stage, 'no newline', reader.readline());
    stage.log(reader);
  });

  sameTask('readuntil() takes the separator along', 'separators', async (stage) => {
    const reader = fed(['lineAAAxxxAAAA']);
    await reading(stage, 'first', reader.readuntil('AAA'));
    await reading(stage, 'second', reader.readuntil('AAA'));
    stage.log(reader);
    await reading(stage, 'newline by default', fed(['a\nb']).readuntil());
  });

  sameTask('a separator may span chunks', 'separators_across_chunks', async (stage) => {
    for (const chunks of [
      ['QWEaa', 'XYaa', 'a'],
      ['QWEaa', 'XYa', 'aa'],
      ['aaa'],
      ['Xaaa'],
      ['XXX', 'a', 'a', 'a'],
      ['aa', '', 'aaaa'],
    ]) {
      const there = fed(chunks);
      await reading(stage, 'there', there.readuntil('aaa'));
      stage.log(there);
      const coming = fed(chunks.slice(0, 1));
      feedSoon(stage, coming, chunks.slice(1));
      await reading(stage, 'coming', coming.readuntil('aaa'));
      stage.log(coming);
    }
  });

  sameTask('a separator may come in several turns', 'separators_in_turns', async (stage) => {
    const { loop, log } = stage;
    const reader = fed(['abSE']);
    loop.callSoon(() => reader.feedData('PA'));
    loop.callSoon(() => loop.callSoon(() => reader.feedData('RATOR and more')));
    await reading(stage, 'until', reader.readuntil('SEPARATOR'));
    log(reader);
  });

  sameTask(
    'a separator that never comes',
    'a_separator_that_never_comes',
    async (stage) => {
      const reader = fed(['some dataAA']);
      feedSoon(stage, reader, [], { eof: true });
      await reading(stage, 'until', reader.readuntil('AAA'));
      stage.log(reader);
    },
    function* (stage) {
      const reader = fed(['some dataAA']);
      feedSoon(stage, reader, [], { eof: true });
      yield* readingOf(stage, 'until', reader.readuntil('AAA'));
      stage.log(reader);
    },
  );

  sameTask('bytes above the limit stay readable', 'separator_and_limit', async (stage) => {
    const reader = fed(['some dataAA'], { limit: 3 });
    await reading(stage, 'not found', reader.readuntil('AAA'));
    stage.log(reader);
    reader.feedData('A');
    await reading(stage, 'found', reader.readuntil('AAA'));
    stage.log(reader);
    await reading(stage, 'still there', reader.readexactly(12));
  });

  sameTask('the limit is strict', 'separator_and_strict_limit', async (stage) => {
    const limit = 4;
    await reading(stage, 'at the limit', fed(['1234XY'], { limit }).readuntil('XY'));
    await reading(stage, 'above', fed(['12345XY'], { limit }).readuntil('XY'));
    await reading(stage, 'begun', fed(['1234X'], { limit, eof: true }).readuntil('XY'));
    await reading(stage, 'not begun', fed(['123456'], { limit }).readuntil('XY'));
  });

  sameTask('the limit is passed while waiting', 'the_limit_while_waiting', async (stage) => {
    const reader = fed(['1234'], { limit: 4 });
    feedSoon(stage, reader, ['5678']);
    await reading(stage, 'until', reader.readuntil('XY'));
    stage.log(reader);
  });
});
