/**
 * Arguments of the wrong type or value, for createServer and createConnection.
 *
 * Guards: each is refused in the call itself, before anything is opened, with an error that names the
 * argument, shows the value, and has one of Node's codes.
 */

import { throws } from 'node:assert/strict';
import { type EventLoop, IPPROTO_UDP, Protocol } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withLoop } from './peers.js';

const factory = () => new Protocol();

interface Positional {
  protocolFactory: typeof factory;
  host: string;
  port: number;
}

describe('arguments of the wrong type', () => {
  leavesNothingOpen();

  const wrongs: [string, unknown[], RegExp][] = [
    ['protocolFactory', [undefined, null, 1, {}, 'factory', new Protocol()], /^protocolFactory /],
    [
      'host',
      ['127.0.0.1\0.example', 1, {}, [], [1], ['127.0.0.1', 2], true, Symbol('s')],
      /^host must be/,
    ],
    ['port', ['80', -1, 65_536, 1.5, Number.NaN, {}, 1n, Number.POSITIVE_INFINITY], /^port /],
    ['options', [1, 'options', null, true], /^options must be/],
    ['family', [5, '4', null, -4], /^family must be/],
    ['signal', [1, {}, 'abort', null], /^signal must be/],
    ['backlog', [0, -1, 1.5, '10'], /^backlog must be/],
    ['reusePort', [1, 'yes'], /^reusePort must be/],
    ['reuseAddress', [1, 'yes'], /^reuseAddress must be/],
    ['ipv6Only', [0, null], /^ipv6Only must be/],
    ['startServing', [0, 'no'], /^startServing must be/],
    ['noDelay', [1, null], /^noDelay must be/],
    ['keepAlive', [0, -1, 40_000_000, Number.NaN, '1'], /^keepAlive must be/],
    ['proto', [1, '6', IPPROTO_UDP], /^proto must be/],
    ['flags', [-1, 1.5, '0'], /^flags must be/],
    ['sock', [-1, 'x', {}, null, { fd: 'x' }], /^sock(\.fd)? must be/],
    ['happyEyeballsDelay', [-1, Number.NaN, '250', null], /^happyEyeballsDelay must be/],
    ['interleave', [-1, 0.5, '1'], /^interleave must be/],
    ['allErrors', [0, 'yes'], /^allErrors must be/],
    ['localAddr', [1, '127.0.0.1', [], [1, 2], null, {}], /^localAddr must be/],
    [
      'localAddr',
      [['127.0.0.1', -1], ['127.0.0.1', '1'], ['127.0.0.1']],
      /^the port of localAddr must/,
    ],
    ['localAddr', [['127.0.0.1\0.example', 0]], /^localAddr must be without zero bytes/],
  ];
  const serverOnly = ['backlog', 'reuseAddress', 'reusePort', 'ipv6Only', 'startServing'];
  const clientOnly = ['localAddr', 'happyEyeballsDelay', 'interleave', 'allErrors'];
  for (const [name, values, message] of wrongs) {
    it(`${name} is refused, with the value shown`, () =>
      withLoop(async (loop) => {
        for (const value of values) {
          const given: Record<string, unknown> = {};
          const place = name === 'sock' ? [null, null] : ['127.0.0.1', 0];
          const positional = { protocolFactory: factory, host: place[0], port: place[1] };
          if (name in positional) Object.assign(positional, { [name]: value });
          else given[name] = value;
          const options = (name === 'options' ? value : given) as never;
          const { protocolFactory, host, port } = positional as never as Positional;
          const expected = { message, code: /^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/ };
          const serve = () => loop.createServer(protocolFactory, host, port, options);
          const connect = () => loop.createConnection(protocolFactory, host, port, options);
          if (!clientOnly.includes(name)) throws(serve, expected, `createServer: ${String(value)}`);
          if (!serverOnly.includes(name)) {
            throws(connect, expected, `createConnection: ${String(value)}`);
          }
        }
      }));
  }

  it('a socket in place of an address is no address and a socket', () =>
    withLoop(async (loop) => {
      const both = /host\/port and sock can not be specified at the same time/;
      for (const [host, port] of [['127.0.0.1', 1], [null, 1], ['127.0.0.1']] as [
        string,
        number,
      ][]) {
        throws(() => loop.createConnection(factory, host, port, { sock: 1 }), both);
        throws(() => loop.createServer(factory, host, port, { sock: 1 }), both);
      }
      const neither = /host and port was not specified and no sock specified/;
      throws(() => loop.createConnection(factory), neither);
    }));

  it('an empty host has no address to connect to', () =>
    withLoop(async (loop) => {
      throws(() => loop.createConnection(factory, '', 1), /^TypeError: host must be/);
      throws(() => loop.createConnection(factory, null as never, 1), /^TypeError: host must be/);
    }));

  it('a closed loop refuses both', async () => {
    let closed!: EventLoop;
    await withLoop(async (loop) => {
      closed = loop;
    });
    throws(() => closed.createServer(factory), /RuntimeError: Event loop is closed/);
    throws(() => closed.createConnection(factory, '127.0.0.1', 1), /Event loop is closed/);
  });
});
