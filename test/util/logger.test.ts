/**
 * The logger: levels, replacement, and that it never throws at its caller.
 *
 * What goes to stderr is read from a process of its own.
 */

import { deepEqual, equal, throws } from 'node:assert/strict';
import { type Logger, logger, setLogger } from '../../src/index.js';
import { log } from '../../src/util/logger.js';
import { runChild } from '../core/child.js';
import { leavesNothingOpen } from '../support.js';

describe('the logger', () => {
  leavesNothingOpen();
  afterEach(() => {
    setLogger(logger);
    logger.level = 'info';
  });

  const collector = (lines: string[]): Logger => ({
    debug: (message) => lines.push(`debug ${message}`),
    info: (message) => lines.push(`info ${message}`),
    warn: (message) => lines.push(`warn ${message}`),
    error: (message) => lines.push(`error ${message}`),
  });

  it('is named asyncio and has level info', () => {
    deepEqual([logger.name, logger.level], ['asyncio', 'info']);
  });

  it('writes to stderr what its level lets through', async () => {
    const all = `for (const level of ['debug', 'info', 'warn', 'error']) uvio.logger[level](level);`;
    const { errors } = await runChild(`
      ${all}
      for (const level of ['debug', 'warn', 'error', 'silent']) {
        uvio.logger.level = level;
        uvio.logger.error('-- ' + level);
        ${all}
      }`);
    deepEqual(errors.trimEnd().split('\n'), [
      'info',
      'warn',
      'error',
      '-- debug',
      'debug',
      'info',
      'warn',
      'error',
      '-- warn',
      'warn',
      'error',
      '-- error',
      'error',
    ]);
  });

  it('anything with the four methods takes its place', () => {
    const lines: string[] = [];
    setLogger(collector(lines));
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, 'text');
    deepEqual(lines, ['debug text', 'info text', 'warn text', 'error text']);
    setLogger(console);
  });

  it('the methods keep their receiver', () => {
    class Custom {
      readonly lines: string[] = [];
      debug(message: string): void {
        this.lines.push(message);
      }
      info = this.debug;
      warn = this.debug;
      error = this.debug;
    }
    const custom = new Custom();
    setLogger(custom);
    log('error', 'text');
    deepEqual(custom.lines, ['text']);
  });

  it('a logger without one of the methods is refused, and the old one stays', () => {
    const lines: string[] = [];
    setLogger(collector(lines));
    const partial = { debug() {}, info() {}, warn() {} } as unknown as Logger;
    throws(() => setLogger(partial), { name: 'TypeError', message: /^logger must be .*'error'/ });
    log('info', 'still');
    deepEqual(lines, ['info still']);
  });

  it('an unknown level is refused, and the old one stays', () => {
    throws(
      () => {
        logger.level = 'loud' as never;
      },
      { name: 'TypeError', message: /^level must be one of debug, info, warn, error, silent/ },
    );
    equal(logger.level, 'info');
  });

  it('a logger that throws does not lose the message, and harms nobody', async () => {
    const { code, lines, errors } = await runChild(`
      const fail = () => { throw new Error('logger is broken'); };
      uvio.setLogger({ debug: fail, info: fail, warn: fail, error: fail });
      const loop = uvio.newEventLoop();
      loop.callSoon(() => { throw new RangeError('in callback'); });
      loop.callSoon(() => console.log('goes on'));`);
    deepEqual([code, lines], [0, ['goes on']]);
    equal(errors.includes('RangeError: in callback'), true);
    equal(errors.includes('logger is broken'), true);
  });
});
