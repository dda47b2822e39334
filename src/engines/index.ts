import type { Engine } from '../engine/index.ts';

/** Every engine, one line each, loaded when a manifest names it. */
const registry = {
  postgres: async (): Promise<Engine> => (await import('./postgres/index.ts')).default,
  mysql: async (): Promise<Engine> => (await import('./mysql/index.ts')).default,
  redis: async (): Promise<Engine> => (await import('./redis/index.ts')).default,
  neo4j: async (): Promise<Engine> => (await import('./neo4j/index.ts')).default,
} as const satisfies Record<string, () => Promise<Engine>>;

export const engineIds: readonly string[] = Object.keys(registry);

/** All of them, in the order of the registry. */
export async function loadEngines(): Promise<readonly Engine[]> {
  return await Promise.all(Object.values(registry).map(async (load) => await load()));
}

/** `postgres` of `postgres://…`; '' where a text is no URL. */
export function schemeOf(url: string): string {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? '';
}

/** For people: what the URL of one of these begins with. */
export function schemesOf(engines: readonly Engine[]): string {
  return engines.flatMap(({ schemes }) => schemes.map((one) => `${one}://`)).join(', ');
}

/** The engine of that id, or null. Loads its code on first use. */
export async function loadEngine(id: string): Promise<Engine | null> {
  return Object.hasOwn(registry, id) ? registry[id as keyof typeof registry]() : null;
}
