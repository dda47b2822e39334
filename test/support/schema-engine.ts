import { z } from 'zod';
import { type Engine, secretInput } from '../../src/engine/index.ts';

/** An engine that brings schemas and nothing else, for tests of what reads a manifest. */
function schemaEngine(id: string, schemas: Pick<Engine, 'instanceSchema' | 'placementSchema' | 'defaultsSchema'>): Engine {
  const never = (): never => {
    throw new Error(`${id} has schemas only`);
  };
  return { id, title: id.toUpperCase(), schemes: [id], ...schemas, compile: never, diff: never, steps: never, connect: never, env: never };
}

const placement = {
  isolation: z.enum(['own', 'shared']).default('own'),
  database: z.string().min(1).optional(),
  connections: z.int().min(1).max(1000).default(20),
  timeout: z
    .string()
    .regex(/^\d+(ms|s)$/, 'a duration such as 30s')
    .optional(),
  tags: z.array(z.string()).default([]),
  strict: z.boolean().default(true),
} as const;

/** Plain fields, numbers, a list, a rule over two fields. */
export const alpha: Engine = {
  ...schemaEngine('alpha', {
    instanceSchema: z.strictObject({
      url: z.string().optional(),
      password: secretInput.optional(),
      mode: z.enum(['fast', 'safe']).optional(),
      verbose: z.boolean().default(false),
      connections: z
        .strictObject({ reserve: z.int().min(0).default(10), share: z.number().gt(0).lt(1).optional() })
        .default({ reserve: 10 }),
    }),
    placementSchema: z.strictObject(placement).superRefine((value, context) => {
      if (value.isolation !== 'shared' || value.database !== undefined) return;
      context.addIssue({
        code: 'custom',
        message: 'isolation shared needs a database',
        params: { code: 'CT2019', hint: 'Add `database`.', expected: 'a database' },
      });
    }),
    defaultsSchema: z.strictObject(placement).partial(),
  }),
  operatorRights: { connect: 'opens a session', 'read-all': 'reads everything' },
};

/** A placement that is one of several kinds. */
export const beta: Engine = schemaEngine('beta', {
  instanceSchema: z.union([z.strictObject({ url: z.string() }), z.strictObject({ path: z.string() })]),
  placementSchema: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('prefix'), prefix: z.string().max(5) }),
    z.strictObject({ kind: z.literal('number'), number: z.int().multipleOf(2) }),
  ]),
  defaultsSchema: z.strictObject({}),
});

const engines: Readonly<Record<string, Engine>> = { alpha, beta };

export const schemaEngines = {
  engineIds: Object.keys(engines),
  loadEngine: async (id: string): Promise<Engine | null> => engines[id] ?? null,
};
