import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { OwnServers } from '../support/own-servers.ts';

export const manifest = `cotenant: 1
project: own
instances:
  main: { engine: postgres }
apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
`;

export async function urlOf(place: OwnServers, app: string): Promise<string> {
  const { code, stdout, stderr } = await place.cli('env', app, '--format', 'json', '--reveal');
  expect(code, stderr).toBe(0);
  return String((JSON.parse(stdout) as Record<string, unknown>)['DATABASE_URL']);
}

/** Waits for what is to come; the time limit of the test ends a wait in vain. */
export async function until<T>(look: () => Promise<T | null | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    await sleep(30);
  }
}

export const up = async (place: OwnServers, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await place.cli('up', ...args);
  expect(code, stderr).toBe(0);
  return stdout;
};
