/**
 * Errors of the operating system, compared with those that Node makes for the same failures.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import { errorName, systemError, UV_EMFILE, UV_EOF } from '../../src/util/system_error.js';
import { leavesNothingOpen } from '../support.js';

const errnoOf = (name: string) =>
  [...getSystemErrorMap()].find(([, [code]]) => code === name)?.[0] as number;

describe('system errors', () => {
  leavesNothingOpen();

  it('an error looks like the one that Node makes for a refused connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const socket = connect(port, '127.0.0.1');
    const [theirs] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    const ours = systemError(errnoOf('ECONNREFUSED'), 'connect', { address: '127.0.0.1', port });
    ok(ours instanceof Error);
    const { code, errno, syscall } = theirs;
    deepEqual([ours.code, ours.errno, ours.syscall], [code, errno, syscall]);
    deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
    ok(ours.message.startsWith('connect ECONNREFUSED'));
    ok(ours.message.endsWith(`127.0.0.1:${port}`));
  });

  it('an IPv6 address is in brackets', () => {
    const error = systemError(errnoOf('EADDRINUSE'), 'listen', { address: '::1', port: 80 });
    ok(error.message.endsWith(' [::1]:80'), error.message);
    deepEqual([error.address, error.port], ['::1', 80]);
  });

  it('what is not known is not there', () => {
    const error = systemError(UV_EMFILE, 'accept');
    equal(error.message, 'accept EMFILE: too many open files');
    deepEqual(Object.keys(error).sort(), ['code', 'errno', 'syscall']);
  });

  it('code and message can be given', () => {
    const error = systemError(UV_EMFILE, 'x', {
      code: 'EOWN',
      message: 'own words',
      hostname: 'h',
    });
    deepEqual([error.code, error.message, error.hostname], ['EOWN', 'own words', 'h']);
  });

  it('names agree with Node, and an unknown number has one too', () => {
    for (const errno of getSystemErrorMap().keys()) {
      equal(errorName(errno), getSystemErrorName(errno));
    }
    equal(errorName(UV_EOF), 'EOF');
    equal(errorName(-99_999), 'Unknown system error -99999');
    ok(systemError(-99_999, 'read').message.startsWith('read Unknown system error -99999'));
  });

  it('the stack begins where the error was made', () => {
    function caller(): Error {
      return systemError(UV_EMFILE, 'accept');
    }
    ok(
      caller()
        .stack?.split('\n')
        .some((line) => line.includes('caller')),
    );
  });
});
