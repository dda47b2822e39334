import { textIn } from '../connect/client.ts';
import type { Connection } from '../connect/connection.ts';
import type { Observation } from '../../../engine/index.ts';
import type { ServerFacts } from '../spec.ts';

/** The edition is asked, and so is what the server is set to. */
export async function readServer(connection: Connection, user: string): Promise<ServerFacts> {
  const components = await connection.run({ text: 'CALL dbms.components() YIELD name, versions, edition RETURN name, versions, edition' });
  const component = components.find(({ name }) => name === 'Neo4j Kernel');
  const databases = await connection.run({ text: 'SHOW DATABASES YIELD name, type, default RETURN name, type, default' });
  const standard = databases.find(({ default: is }) => is === true);
  const versions: unknown = component?.['versions'];
  return {
    version: Array.isArray(versions) ? String(versions[0]) : '',
    edition: textIn(component, 'edition'),
    user,
    database: textIn(standard, 'name'),
    databases: databases.flatMap(({ name, type }) => (type === 'system' || name === textIn(standard, 'name') ? [] : [String(name)])),
    authEnabled: (await settingsOf(connection, ['dbms.security.auth_enabled'])).get('dbms.security.auth_enabled') !== 'false',
  };
}

export async function settingsOf(connection: Connection, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await connection.run({ text: 'SHOW SETTINGS YIELD name, value WHERE name IN $names RETURN name, value', params: { names } });
  return new Map(rows.map(({ name, value }) => [String(name), typeof value === 'string' ? value : '']));
}

/** `observe` has put them there. */
export function factsOf({ server }: Pick<Observation, 'server'>): ServerFacts {
  return server as unknown as ServerFacts;
}
