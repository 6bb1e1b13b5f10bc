/*
 * The chat: names, broadcast, and what rude clients can do to it. Clients are on node:net. Invariant: nothing
 * here waits for time to pass; whatever is awaited is a line or the end of a connection.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Room, serve } from '../../examples/chat.js';
import { inTask } from '../high/stream_support.js';
import { portOf } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';

class Person {
  readonly closed: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async connect(port: number): Promise<Person> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Person(socket);
  }

  /** Connects and says a name. */
  static async enter(port: number, name: string): Promise<Person> {
    const person = await Person.connect(port);
    equal(await person.hears(), '? your name');
    person.says(name);
    ok((await person.hears())?.startsWith('* here: '));
    return person;
  }

  says(line: string): void {
    this.socket.write(`${line}\n`);
  }

  /** The next line; undefined at the end. */
  async hears(): Promise<string | undefined> {
    return (await this.#lines.next()).value;
  }

  async leaves(): Promise<void> {
    this.socket.end();
    await this.closed;
  }
}

function inChat(body: (port: number, room: Room) => Promise<void>): Promise<void> {
  return inTask(async () => {
    const room = new Room();
    const server = await serve('127.0.0.1', 0, room);
    try {
      await body(portOf(server), room);
    } finally {
      server.close();
      server.abortClients();
      await server.waitClosed();
    }
  });
}

describe('the chat', () => {
  leavesNothingOpen();

  it('sends what one says to all the others', () =>
    inChat(async (port) => {
      const ann = await Person.enter(port, 'ann');
      const bob = await Person.enter(port, 'bob');
      equal(await ann.hears(), '* bob came');
      const eve = await Person.enter(port, 'eve');
      for (const one of [ann, bob]) equal(await one.hears(), '* eve came');
      ann.says('good morning');
      for (const one of [bob, eve]) equal(await one.hears(), 'ann: good morning');
      bob.says('hello\r');
      for (const one of [ann, eve]) equal(await one.hears(), 'bob: hello');
      await eve.leaves();
      for (const one of [ann, bob]) equal(await one.hears(), '* eve left');
      bob.says('/quit');
      equal(await bob.hears(), undefined);
      equal(await ann.hears(), '* bob left');
      ann.says('/who');
      equal(await ann.hears(), '* here: ann');
      await Promise.all([ann.leaves(), bob.leaves()]);
    }));

  it('asks again for a name that is taken, or is none', () =>
    inChat(async (port, room) => {
      const ann = await Person.enter(port, 'ann');
      const other = await Person.connect(port);
      equal(await other.hears(), '? your name');
      other.says('ann');
      equal(await other.hears(), '! "ann" is taken');
      other.says('not a name');
      equal(await other.hears(), '! "not a name" is no name of 1 to 20 letters');
      other.says('bob');
      equal(await other.hears(), '* here: ann');
      deepEqual(room.names, ['ann', 'bob']);
      await Promise.all([ann.leaves(), other.leaves()]);
    }));

  it('a name is free again when its connection was reset', () =>
    inChat(async (port) => {
      const ann = await Person.enter(port, 'ann');
      const bob = await Person.enter(port, 'bob');
      equal(await ann.hears(), '* bob came');
      bob.socket.resetAndDestroy();
      equal(await ann.hears(), '* bob left');
      const again = await Person.enter(port, 'bob');
      await Promise.all([ann.leaves(), again.leaves()]);
    }));

  it('refuses a line that never ends', () =>
    inChat(async (port) => {
      const ann = await Person.enter(port, 'ann');
      ann.socket.write('x'.repeat(5000));
      equal(await ann.hears(), '! that line was too long');
      equal(await ann.hears(), undefined);
      await ann.leaves();
    }));

  it('drops who does not read, and nobody else', () =>
    inChat(async (port, room) => {
      const ann = await Person.enter(port, 'ann');
      const deaf = await Person.enter(port, 'deaf');
      deaf.socket.pause();
      equal(await ann.hears(), '* deaf came');
      const line = `${'x'.repeat(1000)}\n`.repeat(100);
      while (room.names.includes('deaf')) {
        if (!ann.socket.write(line)) await once(ann.socket, 'drain');
      }
      equal(await ann.hears(), '* deaf left');
      deaf.socket.destroy();
      await Promise.all([ann.leaves(), deaf.closed]);
    }));

  it('runs as a program until it is interrupted', async () => {
    const program = fileURLToPath(new URL('../../examples/chat.js', import.meta.url));
    const child = spawn(process.execPath, [program, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exit = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const port = Number(/:(\d+)$/.exec((await lines.next()).value ?? '')?.[1]);
    const ann = await Person.enter(port, 'ann');
    await ann.leaves();
    child.kill('SIGTERM');
    deepEqual(await exit, [null, 'SIGTERM']);
  });
});
