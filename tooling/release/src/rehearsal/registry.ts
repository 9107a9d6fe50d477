// A registry of this machine: our packages are published to it, and what others made comes from the registry that npm uses here.
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { Server } from 'node:http';
import path from 'node:path';
import { runServer } from 'verdaccio';
import { runNpm } from '../commands.js';

export interface Registry {
  /** Such as `http://127.0.0.1:4873/`. */
  readonly url: string;
  /** What tools that read npm's settings are told, in a .npmrc. npm publishes only where it has a token; any will do here. */
  readonly npmrc: string;
  close(): Promise<void>;
}

/** Ours come from here alone, so that a version that was not published is missed; anybody may publish. */
const OURS = { access: '$all', publish: '$all', unpublish: '$all' };

/** Starts an empty registry that keeps its packages in `directory`, on a free port. */
export async function startRegistry(directory: string): Promise<Registry> {
  await mkdir(directory, { recursive: true });
  const upstream = (await runNpm(['config', 'get', 'registry'], directory)).trim();
  const created: unknown = await runServer({
    configPath: path.join(directory, 'config.yaml'),
    storage: path.join(directory, 'storage'),
    auth: { htpasswd: { file: path.join(directory, 'htpasswd'), max_users: -1 } },
    uplinks: { upstream: { url: upstream, maxage: '60m', timeout: '120s' } },
    packages: { pappus: OURS, '@pappus/*': OURS, '**': { access: '$all', proxy: 'upstream' } },
    max_body_size: '100mb',
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
  });
  if (!(created instanceof Server)) throw new Error('verdaccio made no server');
  created.listen(0, '127.0.0.1');
  await once(created, 'listening');
  const address = created.address();
  if (address === null || typeof address === 'string') throw new Error('the registry has no port');
  const host = `//127.0.0.1:${address.port}/`;
  return {
    url: `http:${host}`,
    npmrc: `registry=http:${host}\n${host}:_authToken=rehearsal\n`,
    async close() {
      const closed = once(created, 'close');
      created.close();
      created.closeAllConnections();
      await closed;
    },
  };
}
