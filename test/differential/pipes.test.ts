/**
 * Pipes and unix sockets against CPython: the order of a transport's callbacks.
 *
 * Each test is the twin of the function of that name in scenarios/pipes.py. What two transports of one
 * loop do at the same time is not compared: there each writes down its own events.
 */

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError, type SystemError, sleep } from '../../src/index.js';
import { withFolder } from '../io/local_peers.js';
import { leavesNothingOpen } from '../support.js';
import { Ends, type Options, Recorder } from './pipe_ends.js';
import { type Stage, theme } from './stage.js';

describe('pipes, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('pipes');

  /** A scenario that is the body of a task with a pipe. */
  const samePipe = (
    title: string,
    name: string,
    main: (ends: Ends, stage: Stage) => Promise<unknown>,
    options: Options = {},
  ) =>
    same(title, name, (stage) =>
      withFolder((folder) =>
        stage.loop.runUntilComplete(() => main(new Ends(folder, stage, options), stage)),
      ),
    );

  samePipe('reading to the end', 'read_to_the_end', async (ends, { loop, log }) => {
    loop.callSoon(log, 'soon');
    const [transport, protocol] = await ends.reader();
    log('connected', transport.isReading(), transport.isClosing());
    writeSync(ends.writing, 'one');
    await protocol.next();
    writeSync(ends.writing, 'two');
    closeSync(ends.writing);
    await protocol.lost;
    log('ended', transport.isReading(), transport.isClosing());
  });

  const readEnd = async (ends: Ends, { log }: Stage) => {
    const [transport, protocol] = await ends.reader();
    closeSync(ends.writing);
    await protocol.lost;
    log('ended', transport.isClosing());
  };
  samePipe('a read pipe ends with end-of-file', 'read_end_is_final', readEnd, { keepOpen: true });

  samePipe('a paused read pipe', 'read_paused', async (ends, { log }) => {
    const [transport, protocol] = await ends.reader();
    transport.pauseReading();
    transport.pauseReading();
    log(transport.isReading());
    writeSync(ends.writing, 'hello');
    for (let turn = 0; turn < 5; turn++) await sleep(0);
    log('nothing yet');
    transport.resumeReading();
    transport.resumeReading();
    log(transport.isReading());
    await protocol.next();
    transport.close();
    await protocol.lost;
    closeSync(ends.writing);
  });

  samePipe('close() of a read pipe', 'read_closed', async (ends, { loop, log }) => {
    const [transport, protocol] = await ends.reader();
    loop.callSoon(log, 'before');
    transport.close();
    transport.close();
    loop.callSoon(log, 'after');
    log('called', transport.isClosing());
    await protocol.lost;
    transport.resumeReading();
    closeSync(ends.writing);
  });

  const readClosed = async (ends: Ends, { log }: Stage) => {
    const [, protocol] = await ends.reader();
    writeSync(ends.writing, 'hello');
    await protocol.lost;
    log('ended');
    closeSync(ends.writing);
  };
  samePipe('close() while data is received', 'read_closed_in_data', readClosed, {
    onData: (transport) => transport.close(),
  });

  samePipe('a cancelled connectReadPipe()', 'read_cancelled', async (ends, { log }) => {
    const connecting = ends.reader();
    await sleep(0);
    connecting.cancel();
    try {
      await connecting;
    } catch (error) {
      if (error instanceof CancelledError) log('cancelled');
    }
    for (let turn = 0; turn < 3; turn++) await sleep(0);
    closeSync(ends.writing);
  });

  samePipe('writing and closing', 'write_and_close', async (ends, { loop, log }) => {
    loop.callSoon(log, 'soon');
    const [transport, protocol] = await ends.writer();
    log('connected', transport.isClosing(), transport.canWriteEof());
    transport.write('hello');
    transport.close();
    log('called', transport.isClosing());
    transport.write('dropped');
    await protocol.lost;
    log(ends.read());
    log(ends.read().length);
    closeSync(ends.reading);
  });

  samePipe('writeEof() closes a write pipe', 'write_eof', async (ends, { log }) => {
    const [transport, protocol] = await ends.writer();
    transport.writelines(['hel', 'lo']);
    transport.writeEof();
    transport.writeEof();
    log('called', transport.isClosing());
    await protocol.lost;
    log(ends.read());
    closeSync(ends.reading);
  });

  samePipe('close() drains first', 'write_drains_before_closing', async (ends, { log }) => {
    const [transport, protocol] = await ends.writer();
    log('writes');
    transport.write(Buffer.alloc(200_000));
    log('wrote', transport.getWriteBufferSize() > 64 * 1024);
    transport.close();
    log('called');
    while (transport.getWriteBufferSize() > 0) {
      ends.read();
      await sleep(1);
    }
    await protocol.lost;
    closeSync(ends.reading);
  });

  samePipe('abort() of a write pipe', 'write_aborted', async (ends, { loop, log }) => {
    const [transport, protocol] = await ends.writer();
    transport.write(Buffer.alloc(200_000));
    loop.callSoon(log, 'before');
    transport.abort();
    loop.callSoon(log, 'after');
    log(transport.getWriteBufferSize(), transport.isClosing());
    await protocol.lost;
    closeSync(ends.reading);
  });

  samePipe('a reader that goes', 'write_reader_goes', async (ends, { log }) => {
    const [transport, protocol] = await ends.writer();
    closeSync(ends.reading);
    await protocol.lost;
    log('ended', transport.isClosing());
  });

  samePipe('a reader that goes too early', 'write_reader_goes_with_data', async (ends, { log }) => {
    const [transport, protocol] = await ends.writer();
    transport.write(Buffer.alloc(200_000));
    closeSync(ends.reading);
    await protocol.lost;
    log('ended', transport.getWriteBufferSize());
  });

  same('regular files are refused', 'regular_files', ({ loop, log }) =>
    withFolder((folder) =>
      loop.runUntilComplete(async () => {
        const file = openSync(join(folder, 'file'), 'w+');
        const make = () => new Recorder('none', loop, log);
        for (const connecting of [
          loop.connectReadPipe(make, file),
          loop.connectWritePipe(make, file),
        ]) {
          await connecting.catch((error) => log((error as Error).message));
        }
        closeSync(file);
      }),
    ),
  );

  same('a conversation over a unix socket', 'unix_conversation', ({ loop, log }) =>
    withFolder((folder) =>
      loop.runUntilComplete(async () => {
        const path = join(folder, 'socket');
        const accepted: Recorder[] = [];
        const make = () => {
          const protocol = new Recorder('server', loop, log, { events: [], keepOpen: true });
          return accepted[accepted.push(protocol) - 1] as Recorder;
        };
        const server = await loop.createUnixServer(make, path);
        log('serving', server.isServing(), server.sockets[0]?.getsockname() === path);
        const client = new Recorder('client', loop, log, { events: [] });
        const [transport] = await loop.createUnixConnection(() => client, path);
        log(transport.getExtraInfo('peername') === path, transport.getExtraInfo('sockname') === '');
        transport.write('question');
        transport.writeEof();
        while (accepted.length === 0) await sleep(1);
        const [served] = accepted as [Recorder];
        await served.ended;
        served.transport.write('answer');
        served.transport.close();
        await client.lost;
        await served.lost;
        server.close();
        await server.waitClosed();
        log('closed', server.isServing(), server.sockets.length);
        for (const protocol of [client, served]) log(protocol.name, protocol.events);
      }),
    ),
  );

  same('a unix socket on which nobody listens', 'unix_nobody_listens', ({ loop, log }) =>
    withFolder((folder) =>
      loop.runUntilComplete(async () => {
        const path = join(folder, 'socket');
        const make = () => new Recorder('none', loop, log);
        for (const attempt of ['missing', 'stale']) {
          if (attempt === 'stale') {
            const stale = await loop.createUnixServer(make, path, { cleanupSocket: false });
            stale.close();
          }
          try {
            await loop.createUnixConnection(make, path);
          } catch (error) {
            const { code } = error as SystemError;
            log(attempt, code === 'ENOENT', code === 'ECONNREFUSED');
          }
        }
        const server = await loop.createUnixServer(make, path);
        log(server.isServing());
        server.close();
        writeFileSync(`${path}2`, '');
        try {
          await loop.createUnixServer(make, `${path}2`);
        } catch (error) {
          log('in use', (error as Error).message.includes('already in use'));
        }
      }),
    ),
  );
});
