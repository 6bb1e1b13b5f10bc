/*
 * The store and its clock, and the session on top of it: a key past its deadline is gone for every
 * reader, the sweep frees what nobody reads, and nothing kept points into a chunk. Time is a variable
 * here; nothing waits.
 */

import assert from 'node:assert/strict';
import { encodeRequest } from '../../examples/kv/driver.js';
import { LONGEST_TEXT } from '../../examples/kv/resp.js';
import { KvService } from '../../examples/kv/session.js';
import { Store } from '../../examples/kv/store.js';

describe('the store', () => {
  let time = 0;
  let store = new Store(() => time);

  beforeEach(() => {
    time = 1000;
    store = new Store(() => time);
  });

  it('forgets a key at its deadline and not before', () => {
    store.set('k', 'v');
    store.setDeadline('k', 2000);
    time = 1999;
    assert.equal(store.get('k'), 'v');
    time = 2000;
    assert.equal(store.get('k'), undefined);
    assert.equal(store.size, 0);
    assert.equal(store.expiring, 0);
  });

  it('forgets the deadline of a key that is set again, and keeps it when the value is replaced', () => {
    store.set('k', 'v');
    store.setDeadline('k', 2000);
    store.replace('k', 'w');
    assert.equal(store.deadline('k'), 2000);
    store.set('k', 'x');
    assert.equal(store.deadline('k'), undefined);
    time = 3000;
    assert.equal(store.get('k'), 'x');
  });

  it('does not count a key that has expired as deleted', () => {
    store.set('k', 'v');
    store.setDeadline('k', 2000);
    time = 2000;
    assert.equal(store.delete('k'), false);
    assert.equal(store.delete('k'), false);
  });

  it('deletes a key whose new deadline has passed', () => {
    store.set('k', 'v');
    store.setDeadline('k', 1000);
    assert.equal(store.has('k'), false);
  });

  it('sweeps a bounded number of keys at a time and all of them in the end', () => {
    for (let index = 0; index < 100; index++) {
      store.set(`k${index}`, 'v');
      store.setDeadline(`k${index}`, index % 2 === 0 ? 2000 : 9000);
    }
    time = 5000;
    assert.equal(store.sweep(10), 5);
    assert.equal(store.size, 95);
    for (let turn = 0; turn < 10; turn++) {
      store.sweep(10);
    }
    assert.equal(store.size, 50);
    assert.equal(store.expiring, 50);
  });

  it('sweeps on after everything was cleared', () => {
    store.set('a', 'v');
    store.setDeadline('a', 2000);
    store.sweep(1);
    store.clear();
    assert.equal(store.sweep(10), 0);
    store.set('b', 'v');
    store.setDeadline('b', 2000);
    time = 2000;
    store.sweep(10);
    store.sweep(10);
    assert.equal(store.size, 0);
  });

  it('is swept on by the service while much of it has expired', () => {
    const service = new KvService(store);
    for (let index = 0; index < 3000; index++) {
      store.set(`k${index}`, 'v');
      store.setDeadline(`k${index}`, 2000);
    }
    time = 2000;
    service.sweep();
    assert.equal(store.size, 0);
  });
});

describe('a session', () => {
  it('keeps copies of keys and values, never a part of the chunk that they came in', () => {
    const session = new KvService().connect();
    const ask = (...words: string[]) => {
      const chunk = Buffer.from(encodeRequest(words));
      const reply = Buffer.concat(session.receive(chunk)).toString();
      chunk.fill('!');
      return reply;
    };
    const long = 'x'.repeat(10_000);
    ask('MSET', 'short', 'abc', 'long', long);
    ask('SET', 'edge', 'y'.repeat(LONGEST_TEXT + 1), 'EX', '100');
    assert.equal(ask('GET', 'short'), '$3\r\nabc\r\n');
    assert.equal(ask('GET', 'long'), `$10000\r\n${long}\r\n`);
    assert.equal(ask('GET', 'edge'), `$4097\r\n${'y'.repeat(4097)}\r\n`);
  });

  it('gathers the short replies to a chunk in one buffer, and a long value in its own', () => {
    const session = new KvService().connect();
    const ask = (text: string) => session.receive(Buffer.from(text)).map((part) => part.length);
    assert.deepEqual(ask('PING\r\n'.repeat(100)), [700]);
    assert.deepEqual(ask(`SET k ${'x'.repeat(5000)}\r\n`), [5]);
    assert.deepEqual(ask('PING\r\nGET k\r\nPING\r\n'), [14, 5000, 9]);
    assert.deepEqual(ask('PI'), []);
  });

  it('reads nothing after QUIT', () => {
    const session = new KvService().connect();
    session.receive(Buffer.from('QUIT\r\nSET k v\r\n'));
    session.receive(Buffer.from('SET k v\r\n'));
    assert.equal(session.closing, true);
    assert.equal(session.store.size, 0);
  });
});
