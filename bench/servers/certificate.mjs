// What the servers over TLS show: the certificate of the tests, a P-256 key, and Node's defaults for the rest.
// Invariant: a server that was not told `--tls` has none, so that one program serves both works.
import { readFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(`../../test/certificates/${name}`, import.meta.url));

export const certificate = () => ({ key: read('server.key'), cert: read('server.pem') });

// The options of uvio's servers.
export const sslFromArguments = (words) => (words.includes('--tls') ? { ssl: certificate() } : {});
