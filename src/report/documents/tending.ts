import { z } from 'zod';
import type { EndedSession, KillReport, ListedSession, SessionsReport } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic } from './parts.ts';

const sessionFields = {
  id: z.string().meta({ description: 'As the server numbers it.' }),
  started: z.string().meta({ description: 'With the number it names this one session and no later one.' }),
  instance: z.string(),
  engine: z.string(),
  app: z.string().nullable().meta({ description: 'null: of no app of the manifest.' }),
  kind: z.enum(['app', 'reader', 'cotenant', 'other']),
  login: z.string(),
  database: z.string().nullable(),
  from: z.string().meta({ description: 'The address that it comes from.' }),
  state: z.enum(['active', 'idle', 'idle in transaction', 'waiting']),
  seconds: z.number().nullable().meta({ description: 'In that state.' }),
  transaction: z.number().nullable().meta({ description: 'Seconds since it began; null: none, or not known.' }),
  waitsFor: list(z.string()).meta({ description: 'Sessions whose locks it waits for.' }),
} satisfies Fields<ListedSession>;

const listed = z.strictObject(sessionFields).meta({ id: 'session', description: 'One connection to a server.' });
const ended = z
  .strictObject({
    ...sessionFields,
    gone: z.boolean().meta({ description: 'The server lists it no more.' }),
    why: z.string().exactOptional().meta({ description: 'Why it is still there.' }),
  } satisfies Fields<EndedSession>)
  .meta({ id: 'ended-session', description: 'A session that was to end.' });

const end = { diagnostics: list(diagnostic), exitCode: z.number() };

export const sessionsDocument = z.strictObject({
  format: z.literal(1),
  app: z.string().nullable().meta({ description: 'null: all.' }),
  sessions: list(listed),
  ...end,
} satisfies Fields<SessionsReport & { readonly exitCode: number }>);

export const killDocument = z.strictObject({
  format: z.literal(1),
  target: z.string(),
  sessions: list(ended),
  ...end,
} satisfies Fields<KillReport & { readonly exitCode: number }>);

export const writeSessions = writer(sessionsDocument);
export const writeKill = writer(killDocument);
