// The datagram echo server on uvio's `DatagramProtocol`.
// The same program as `uvloop_echo.py --datagrams`, in the other language.
import { DatagramProtocol, Future, getRunningLoop, run } from '../../dist/src/index.js';
import { portFromArguments } from './port.mjs';

class Echo extends DatagramProtocol {
  connectionMade(transport) {
    this.transport = transport;
  }

  datagramReceived(data, addr) {
    this.transport.sendto(data, addr);
  }
}

const port = portFromArguments(process.argv);

await run(async () => {
  const [transport] = await getRunningLoop().createDatagramEndpoint(() => new Echo(), {
    localAddr: ['127.0.0.1', port],
  });
  console.log(`listening ${transport.getExtraInfo('sockname').port}`);
  await new Future();
});
