// The datagram echo peer on `node:dgram`, in its cheapest form: no callback for what has been sent.
import { createSocket } from 'node:dgram';
import { portFromArguments } from './port.mjs';

const socket = createSocket('udp4');
socket.on('message', (data, { port, address }) => socket.send(data, port, address));
socket.bind(portFromArguments(process.argv), '127.0.0.1', () => {
  console.log(`listening ${socket.address().port}`);
});
