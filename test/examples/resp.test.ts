/*
 * The request parser: whatever the split, the same requests come out, and none of Redis' limits can
 * be passed. Splits are tried exhaustively where that is cheap and with a seeded generator elsewhere,
 * so that a failure can be repeated.
 */

import assert from 'node:assert/strict';
import { splitLine } from '../../examples/kv/inline.js';
import { addIntegers, negateInteger, parseInteger } from '../../examples/kv/integers.js';
import {
  MAXIMUM_BULK_LENGTH,
  MAXIMUM_LINE_LENGTH,
  ProtocolError,
  packName,
  RequestParser,
} from '../../examples/kv/resp.js';

/** Every argument of every request, after feeding the chunks one by one. */
function parse(chunks: Iterable<Buffer>): string[][] {
  const parser = new RequestParser();
  const requests: string[][] = [];
  for (const chunk of chunks) {
    parser.push(Buffer.from(chunk));
    while (parser.next()) {
      const words = Array.from({ length: parser.length }, (_, index) => parser.text(index));
      for (const [index, word] of words.entries()) {
        assert.equal(parser.size(index), word.length);
        assert.equal(parser.bytes(index).toString('latin1'), word);
      }
      requests.push(words);
    }
  }
  return requests;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function encode(requests: readonly string[][]): Buffer {
  let text = '';
  for (const words of requests) {
    text += `*${words.length}\r\n`;
    for (const word of words) {
      text += `$${word.length}\r\n${word}\r\n`;
    }
  }
  return bytes(text);
}

/** A small generator with a seed (mulberry32): numbers from 0 to below `limit`. */
function randomSource(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const ALL_BYTES = bytes(String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index)));

describe('the request parser', () => {
  const sample = [
    ['SET', 'key', 'value'],
    ['GET', ''],
    ['PING'],
    ['SET', ALL_BYTES.toString('latin1'), '\r\n$3\r\n*1\r\n'],
    ['MGET', ...Array.from({ length: 12 }, (_, index) => `key:${index}`)],
  ];

  it('reads several requests from one chunk', () => {
    assert.deepEqual(parse([encode(sample)]), sample);
  });

  it('parses a command that is split at every byte once', () => {
    const all = encode(sample);
    assert.deepEqual(parse(Array.from(all, (byte) => Buffer.from([byte]))), sample);
  });

  it('parses the same requests wherever the bytes are split in two', () => {
    const all = Buffer.concat([encode(sample), bytes('PING\r\nSET "a b" c\r\n'), encode(sample)]);
    const expected = [...sample, ['PING'], ['SET', 'a b', 'c'], ...sample];
    for (let at = 0; at <= all.length; at++) {
      assert.deepEqual(parse([all.subarray(0, at), all.subarray(at)]), expected, `split at ${at}`);
    }
  });

  it('parses the same requests however the bytes are split at random', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomSource(seed);
      const requests = Array.from({ length: 1 + random(30) }, () =>
        Array.from({ length: 1 + random(6) }, () => {
          const length = random(10) === 0 ? random(5000) : random(20);
          return String.fromCharCode(...Array.from({ length }, () => random(256)));
        }),
      );
      const all = encode(requests);
      const chunks: Buffer[] = [];
      const largest = 1 + random(random(2) === 0 ? 10 : 3000);
      for (let at = 0; at < all.length; ) {
        const end = at + 1 + random(largest);
        chunks.push(all.subarray(at, end));
        at = end;
      }
      assert.deepEqual(parse(chunks), requests, `seed ${seed}`);
    }
  });

  it('throws nothing but protocol errors at random bytes', () => {
    const alphabet = '*$0123456789-\r\n\r\n\r\n"\'\\x PINGab\x00\xff';
    for (let seed = 1; seed <= 2000; seed++) {
      const random = randomSource(seed);
      const chunks = Array.from({ length: 1 + random(5) }, () =>
        bytes(Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)]).join('')),
      );
      try {
        parse(chunks);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, `seed ${seed}: ${error}`);
      }
    }
  });

  it('does not copy a long value again for every chunk', () => {
    const parser = new RequestParser();
    const value = Buffer.alloc(32 * 1024 * 1024, 'x');
    const all = Buffer.concat([bytes(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n`), value]);
    const allocate = Buffer.allocUnsafeSlow;
    let allocated = 0;
    Buffer.allocUnsafeSlow = (size) => {
      allocated += size;
      return allocate(size);
    };
    try {
      for (let at = 0; at < all.length; at += 65_536) {
        parser.push(all.subarray(at, at + 65_536));
        assert.equal(parser.next(), false);
      }
      parser.push(bytes('\r\n'));
      assert.equal(parser.next(), true);
    } finally {
      Buffer.allocUnsafeSlow = allocate;
    }
    assert.ok(parser.bytes(2).equals(value));
    assert.ok(allocated <= 5 * value.length, `${allocated} bytes allocated`);
  });

  it('keeps no chunk, so that a byte that waits does not pin a slab', () => {
    const parser = new RequestParser();
    const chunk = bytes('PING\r\n*1\r\n$4\r\nPI');
    parser.push(chunk);
    assert.equal(parser.next(), true);
    assert.equal(parser.next(), false);
    chunk.fill(0);
    parser.push(bytes('NG\r\n'));
    assert.equal(parser.next(), true);
    assert.equal(parser.text(0), 'PING');
  });

  it('reads a request of a million arguments in pieces without starting over', () => {
    const words = Array.from({ length: 1024 * 1024 }, (_, index) => String(index % 10));
    const all = encode([words]);
    const parser = new RequestParser();
    let found = 0;
    for (let at = 0; at < all.length; at += 4096) {
      parser.push(all.subarray(at, at + 4096));
      while (parser.next()) {
        found++;
        assert.equal(parser.length, words.length);
        assert.equal(parser.text(words.length - 1), words.at(-1));
      }
    }
    assert.equal(found, 1);
  });

  it('passes over empty lines and requests of no arguments', () => {
    const input = '\r\n\n*0\r\n*-1\r\n   \r\nPING\r\n*1\r\n$4\r\nPING\r\n';
    assert.deepEqual(parse([bytes(input)]), [['PING'], ['PING']]);
  });

  const errors: Record<string, string> = {
    '*abc\r\n': 'invalid multibulk length',
    '*\r\n': 'invalid multibulk length',
    '*01\r\n': 'invalid multibulk length',
    '*1048577\r\n': 'invalid multibulk length',
    '*99999999999999999999\r\n': 'invalid multibulk length',
    '*1\r\nxabc\r\n': "expected '$', got 'x'",
    '*1\r\n$-1\r\n': 'invalid bulk length',
    '*1\r\n$\r\n': 'invalid bulk length',
    '*1\r\n$+4\r\n': 'invalid bulk length',
    '*1\r\n$04\r\n': 'invalid bulk length',
    [`*1\r\n$${MAXIMUM_BULK_LENGTH + 1}\r\n`]: 'invalid bulk length',
    'GET "a\r\n': 'unbalanced quotes in request',
    [`*${'1'.repeat(MAXIMUM_LINE_LENGTH)}`]: 'too big mbulk count string',
    [`*1\r\n$${'1'.repeat(MAXIMUM_LINE_LENGTH)}`]: 'too big bulk count string',
    ['x'.repeat(MAXIMUM_LINE_LENGTH + 1)]: 'too big inline request',
  };
  for (const [input, message] of Object.entries(errors)) {
    const shown = JSON.stringify(input.length > 30 ? `${input.slice(0, 30)}…` : input);
    it(`answers ${shown} with "${message}", whole or byte by byte`, () => {
      const expected = { name: 'ProtocolError', message };
      assert.throws(() => parse([bytes(input)]), expected);
      if (input.length < 100) {
        assert.throws(
          () => parse(Array.from(bytes(input), (byte) => Buffer.from([byte]))),
          expected,
        );
      }
    });
  }

  it('accepts what is just inside the limits', () => {
    const announced = ['*1048576\r\n', `*1\r\n$${MAXIMUM_BULK_LENGTH}\r\n`, 'x'.repeat(65_536)];
    for (const input of announced) {
      assert.deepEqual(parse([bytes(input)]), []);
    }
  });
});

describe('packed names', () => {
  it('are the same for either case and differ for different names', () => {
    const pack = (text: string) => packName(bytes(text), 0, text.length);
    assert.equal(pack('GeT'), pack('gEt'));
    const names = ['get', 'set', 'a', 'aa', 'aaa', 'b', 'zzzzzz', 'exists', 'expire', ''];
    assert.equal(new Set(names.map(pack)).size, names.length);
  });

  it('exist for letters only, and no more than six of them', () => {
    for (const text of ['persist', 'g@t', 'g[t', 'g`t', 'g{t', 'get1', 'host:', 'g\x07t', 'gét']) {
      assert.equal(packName(bytes(text), 0, text.length), -1, text);
    }
  });
});

describe('inline requests', () => {
  const lines: Record<string, string[] | undefined> = {
    '': [],
    '  a\tb  c ': ['a', 'b', 'c'],
    'a "b c" \'d e\'': ['a', 'b c', 'd e'],
    '"\\n\\r\\t\\b\\a\\x41\\xfF\\q\\""': ['\n\r\t\b\x07A\xffq"'],
    "'a\\'b\\n'": ["a'b\\n"],
    'a"b c"': ['ab c'],
    '""': [''],
    '"\\xzz"': ['xzz'],
    '"a': undefined,
    "'a": undefined,
    '"a"b': undefined,
    '"a\\': undefined,
  };
  for (const [line, words] of Object.entries(lines)) {
    it(`splits ${JSON.stringify(line)} into ${JSON.stringify(words) ?? 'an error'}`, () => {
      assert.deepEqual(splitLine(line), words);
    });
  }
});

describe('integers', () => {
  it('are read only if written as Redis would write them', () => {
    for (const text of [
      '',
      '01',
      '+1',
      ' 1',
      '1 ',
      '-0',
      '1.0',
      '1e3',
      '0x1',
      'Infinity',
      'NaN',
      '-',
    ]) {
      assert.equal(parseInteger(text), undefined, text);
    }
    assert.equal(parseInteger('-12'), -12);
    assert.equal(parseInteger('9007199254740991'), 9007199254740991);
    assert.equal(parseInteger('9007199254740993'), 9007199254740993n);
    assert.equal(parseInteger('9223372036854775807'), 9223372036854775807n);
    assert.equal(parseInteger('9223372036854775808'), undefined);
    assert.equal(parseInteger('-9223372036854775808'), -9223372036854775808n);
    assert.equal(parseInteger('-9223372036854775809'), undefined);
    assert.equal(parseInteger('1'.repeat(400)), undefined);
  });

  it('are added exactly, up to the ends of the range and not past them', () => {
    assert.equal(addIntegers(9007199254740991, 1), 9007199254740992n);
    assert.equal(addIntegers(9223372036854775806n, 1), 9223372036854775807n);
    assert.equal(addIntegers(9223372036854775807n, 1), undefined);
    assert.equal(addIntegers(-9223372036854775808n, -1), undefined);
    assert.equal(negateInteger(-9223372036854775808n), undefined);
    assert.equal(Object.is(negateInteger(0), 0), true);
  });
});
