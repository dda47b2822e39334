import { join } from 'node:path';
import type { Machine } from '../../../src/engine/local.ts';
import { homeOf } from '../../../src/engines/neo4j/local/client.ts';
import type { Installation } from '../../../src/engines/neo4j/local/find.ts';
import { launchIn, makeHome, type Settings } from '../../../src/engines/neo4j/local/server.ts';
import { host, type StartedServer, startServer } from '../../support/started-server.ts';
import { newPassword } from '../../support/template.ts';

export type { Settings };

export interface Neo4jServer extends StartedServer<Settings> {
  readonly user: 'neo4j';
}

const user = 'neo4j';
const TAKEN = /Address already in use|already in use by/;

/** Starts a server of its own on a free loopback port, as `cotenant up` does. A first start takes about fifteen seconds. */
export async function startNeo4j(machine: Machine, installation: Installation, settings: Settings): Promise<Neo4jServer> {
  const folder = await machine.tempFolder('cotenant-neo4j-');
  const home = folder.path;
  const password = newPassword();
  const logFile = join(home, 'server.log');
  try {
    await makeHome(machine, installation, home, password);
    const started = await startServer<Settings>({
      machine,
      password,
      dataDir: home,
      logFile,
      settings,
      taken: TAKEN,
      start: async (port, now) => {
        const {
          command,
          args,
          env,
          stopSignals,
          patience = 60_000,
        } = await launchIn(machine, installation, home, { host, port, settings: now });
        return await machine.start(command, args, { env, logFile, stopSignals, patience, watchParent: { remove: [home] } });
      },
      isReady: async (port) => (await homeOf({ host, port, user, password })) === home,
      timeout: 180_000,
      remove: async () => await folder.remove(),
    });
    return Object.assign(started, { user } as const);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}
