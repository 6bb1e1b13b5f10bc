/**
 * A PostgreSQL server of a test's own: in a temporary folder, on a unix socket there, as a user that is not root.
 *
 * Invariant: stop() ends exactly the process that start() began, and removes the folder.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { toolEnvironment } from '../support.js';

// Where Debian's package has its programs, which are not in the path.
const VERSIONS = '/usr/lib/postgresql';

/** The newest version's folder of programs, or null where there is none. */
export function findPostgres(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const newest = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : join(VERSIONS, newest, 'bin');
}

/** PostgreSQL refuses root: then its own user, or nobody, runs it. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const user = users.map((line) => line.split(':')).find(([name]) => name === 'postgres');
  return { uid: Number(user?.[2] ?? 65534), gid: Number(user?.[3] ?? 65534) };
}

export class Postgres {
  private constructor(
    readonly folder: string,
    readonly server: ChildProcess,
  ) {}

  /** The server's unix socket. */
  get socket(): string {
    return join(this.folder, '.s.PGSQL.5432');
  }

  static async start(programs: string): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'uvio-postgres-'));
    const who = unprivileged();
    if (who.uid !== undefined) chownSync(folder, who.uid, who.gid as number);
    const options = { ...who, cwd: folder, env: toolEnvironment() };
    const data = join(folder, 'data');
    const made = spawnSync(
      join(programs, 'initdb'),
      ['-D', data, '-A', 'trust', '-U', 'uvio', '--no-sync'],
      { ...options, encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${folder}`];
    const server = spawn(
      join(programs, 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    for await (const line of createInterface({ input: server.stderr })) {
      if (line.includes('ready to accept connections')) break;
    }
    server.stderr.resume();
    if (server.exitCode !== null) throw new Error('postgres did not start');
    return new Postgres(folder, server);
  }

  async stop(): Promise<void> {
    const ended = once(this.server, 'close');
    // Fast: whoever is connected still is cut off.
    this.server.kill('SIGINT');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}
