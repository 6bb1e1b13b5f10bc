// In the installed package: programs are started, and TLS is loaded when it is needed.
import { readFileSync } from 'node:fs';
import { openConnection, run, runProcess, startServer } from 'uvio';

await run(async () => {
  // No Node: an emulator would need itself to start one.
  const { stdout } = await runProcess('/bin/sh', ['-c', 'echo $0', 'child'], { encoding: 'utf8' });
  console.log(stdout.trim());
  const error = await runProcess('/nowhere').catch(({ code }) => code);
  console.log(error);

  const [key, cert, ca] = ['server.key', 'server.pem', 'authority.pem'].map((name) =>
    readFileSync(`certificates/${name}`),
  );
  const answer = async (reader, writer) => {
    writer.write(await reader.readline());
    writer.close();
  };
  const server = await startServer(answer, '127.0.0.1', 0, { ssl: { key, cert } });
  const { port } = server.sockets[0].getsockname();
  const options = { ssl: { ca }, serverHostname: 'localhost' };
  const [reader, writer] = await openConnection('127.0.0.1', port, options);
  writer.write('over TLS\n');
  console.log(String(await reader.readline()).trim());
  writer.close();
  server.close();
});
