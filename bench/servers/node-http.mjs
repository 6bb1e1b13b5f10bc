// Hello over HTTP on `node:http` as it comes: the peer of `uvio-http.mjs`, which answers by the same listener.
import { createServer } from 'node:http';
import { hello } from './hello.mjs';
import { portFromArguments } from './port.mjs';

const server = createServer(hello);

server.listen(portFromArguments(process.argv), '127.0.0.1', 1024, () => {
  console.log(`listening ${server.address().port}`);
});
