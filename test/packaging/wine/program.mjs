// Under wine: what the addon for Windows does, one line for each thing that went well. Its arguments are uvio's URL and
// how it is to end: 'exit', with everything open, or 'run', with the loop closed.
import { writeSync } from 'node:fs';

const [url, end] = process.argv.slice(2);
const uvio = await import(url);
const { run, sleep, getRunningLoop, openConnection, startServer } = uvio;
// Under wine process.stdout may have nothing to write to.
const say = (...words) => writeSync(1, `${words.join(' ')}\n`);

async function echo(reader, writer) {
  for await (const line of reader) writer.write(line);
}

async function streams() {
  const server = await startServer(echo, '127.0.0.1', 0);
  const { port } = server.sockets[0].getsockname();
  const [reader, writer] = await openConnection('127.0.0.1', port);
  for (let n = 0; n < 1000; n++) {
    writer.write(`${n}\n`);
    if (String(await reader.readline()) !== `${n}\n`) return 'wrong';
  }
  return 'echoed';
}

async function datagrams(loop) {
  const heard = loop.createFuture();
  const protocol = { connectionMade() {}, connectionLost() {}, errorReceived() {} };
  const server = { ...protocol, datagramReceived: (data, from) => here.sendto(data, from) };
  const [here] = await loop.createDatagramEndpoint(() => server, { localAddr: ['127.0.0.1', 0] });
  const { port } = here.getExtraInfo('sockname');
  const client = { ...protocol, datagramReceived: (data) => heard.setResult(data) };
  const remoteAddr = ['127.0.0.1', port];
  const [there] = await loop.createDatagramEndpoint(() => client, { remoteAddr });
  there.sendto(Buffer.from('echoed'));
  return heard;
}

async function refusal(start) {
  try {
    return await start();
  } catch (error) {
    return error.code;
  }
}

await run(async () => {
  const loop = getRunningLoop();
  const started = loop.time();
  await sleep(20);
  say('sleep', loop.time() - started >= 20);
  // Asked for by a callback of Node's loop, outside a turn.
  await new Promise((resolve) => setTimeout(() => loop.callLater(1, resolve), 5));
  say('callLater', true);
  say('streams', await streams());
  say('datagrams', await datagrams(loop));
  say('subprocess', await refusal(() => uvio.createSubprocessExec('program')));
  say('unix', await refusal(() => uvio.openUnixConnection('name')));
  say('socket', await refusal(() => new uvio.Socket()));
  if (end === 'exit') process.exit(7);
});
say('end');
