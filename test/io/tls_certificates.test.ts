/**
 * Whom the two sides of TLS trust: certificates that are taken, and that are refused, by their names and signers.
 */

import { deepEqual, equal } from 'node:assert/strict';
import tls from 'node:tls';
import { leavesNothingOpen } from '../support.js';
import { Echo, Recorder } from './peers.js';
import {
  AUTHORITY,
  isDeserted,
  LONELY,
  OTHER,
  refusal,
  SERVER,
  TlsPeer,
  TRUST,
  withBothEngines,
  withTlsServer,
} from './tls_peers.js';

describe('certificates', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    for (const [what, ssl, code] of [
      ['nobody that is trusted has signed', { ...LONELY }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ['is that of another host', { ...OTHER }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const) {
      it(`a client refuses a certificate that ${what}`, () =>
        withTlsServer(
          () => new Echo(),
          async (on) => {
            equal(await refusal(on, on.port, TRUST), code);
            await isDeserted(on);
          },
          ssl,
        ));
    }

    it('a client trusts nobody that the system does not', () =>
      withTlsServer(
        () => new Echo(),
        async (on) => {
          equal(await refusal(on, on.port, true), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
          await isDeserted(on);
        },
      ));

    it('rejectUnauthorized: false takes anybody, and says so', () =>
      withTlsServer(
        () => new Echo(),
        async ({ loop, port }) => {
          const client = new Recorder();
          const ssl = { rejectUnauthorized: false };
          const [transport] = await loop.createConnection(() => client, 'localhost', port, {
            family: 4,
            ssl,
          });
          const object = transport.getExtraInfo('sslObject') as {
            authorized: boolean;
            authorizationError: string;
          };
          equal(object.authorized, false);
          equal(object.authorizationError, 'DEPTH_ZERO_SELF_SIGNED_CERT');
          transport.close();
          await client.lost;
        },
        LONELY,
      ));

    it('serverHostname is what is checked and sent, not the host', () =>
      withTlsServer(
        () => new Echo(),
        async ({ loop, port }) => {
          const client = new Recorder();
          const options = { ssl: TRUST, serverHostname: 'other.example' };
          const [transport] = await loop.createConnection(() => client, '127.0.0.1', port, options);
          transport.close();
          await client.lost;
          const anybody = new Recorder();
          const unchecked = { ssl: TRUST, serverHostname: '' };
          const [second] = await loop.createConnection(() => anybody, '127.0.0.1', port, unchecked);
          second.close();
          await anybody.lost;
        },
        OTHER,
      ));

    it('an address is found in the certificate', () =>
      withTlsServer(
        () => new Echo(),
        async ({ loop, port }) => {
          const client = new Recorder();
          const ssl = TRUST;
          const [transport] = await loop.createConnection(() => client, '127.0.0.1', port, { ssl });
          equal((transport.getExtraInfo('sslObject') as { servername: unknown }).servername, false);
          transport.close();
          await client.lost;
        },
      ));

    for (const [what, identity] of [
      ['has none', {}],
      ['signed its own', LONELY],
    ] as const) {
      it(`a server refuses a client that must have a certificate and ${what}`, () => {
        const server = new Recorder();
        return withTlsServer(
          () => server,
          async (on) => {
            const peer = new TlsPeer(
              tls.connect({ host: '127.0.0.1', port: on.port, ...TRUST, ...identity } as object),
            );
            await peer.closed;
            await isDeserted(on);
            deepEqual(server.events, []);
          },
          { ...SERVER, ca: AUTHORITY, requestCert: true },
        );
      });
    }

    it('a server takes any certificate when it is told to', () => {
      const server = new Recorder();
      return withTlsServer(
        () => server,
        async ({ port }) => {
          const peer = await TlsPeer.secure(port, LONELY);
          await server.made;
          const object = server.transport.getExtraInfo('sslObject') as {
            authorized: boolean;
            authorizationError: string;
          };
          equal(object.authorized, false);
          equal(object.authorizationError, 'DEPTH_ZERO_SELF_SIGNED_CERT');
          await peer.close();
          await server.lost;
        },
        { ...SERVER, ca: AUTHORITY, requestCert: true, rejectUnauthorized: false },
      );
    });
  });
});
