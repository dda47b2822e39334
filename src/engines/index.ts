import type { Engine } from '../engine/index.ts';

/** Every engine, one line each, loaded when a manifest names it. */
const registry = {
  postgres: async (): Promise<Engine> => (await import('./postgres/index.ts')).default,
  mysql: async (): Promise<Engine> => (await import('./mysql/index.ts')).default,
  redis: async (): Promise<Engine> => (await import('./redis/index.ts')).default,
} as const satisfies Record<string, () => Promise<Engine>>;

export const engineIds: readonly string[] = Object.keys(registry);

/** The engine of that id, or null. Loads its code on first use. */
export async function loadEngine(id: string): Promise<Engine | null> {
  return Object.hasOwn(registry, id) ? registry[id as keyof typeof registry]() : null;
}
