import { z } from 'zod';
import type { AppBackups, ShareStatus, StatusRow, ServerReport, StatusReport } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic, foreign, json, relaxation } from './parts.ts';

const placement = z
  .strictObject({
    app: z.string(),
    instance: z.string(),
    engine: z.string(),
    isolation: z.string(),
    location: z.string().meta({ description: 'Where its data lives.' }),
    size: z.number().nullable().meta({ description: 'Bytes; null: cannot be read.' }),
    connections: z.number().nullable(),
    connectionLimit: z.number().nullable().meta({ description: 'null: none.' }),
    state: z
      .enum(['ready', 'incomplete', 'absent', 'retired', 'unknown'])
      .meta({ description: '`unknown`: its instance was not reached.' }),
    retired: z.string().exactOptional().meta({ description: 'The day, and the name it had.' }),
    pending: z.number().meta({ description: 'Steps that a plan would take.' }),
    drift: z.number().meta({ description: 'Those of them that somebody’s change of the server made.' }),
    credentialAge: z.number().nullable().meta({ description: 'Days; null: there is none yet.' }),
  } satisfies Fields<StatusRow>)
  .meta({ id: 'placement', description: 'One app on one instance.' });

const local = z
  .strictObject({
    state: z.enum(['running', 'restarting', 'stopped', 'never started']),
    way: z.string().exactOptional().meta({ description: 'Where its programs come from.' }),
    title: z.string().exactOptional(),
    host: z.string().exactOptional(),
    port: z.number().exactOptional(),
    since: z.string().exactOptional(),
    ends: z.number().exactOptional().meta({ description: 'How often it has ended by itself.' }),
    lastEnd: z.string().exactOptional(),
  } satisfies Fields<ServerReport>)
  .meta({ id: 'local', description: 'A server that cotenant starts.' });

const share = z
  .strictObject({
    from: z.string(),
    to: z.string(),
    instance: z.string(),
    engine: z.string(),
    tables: list(z.strictObject({ table: z.string(), columns: list(z.string()).nullable() })).meta({ description: '`columns` null: all.' }),
    location: z.string().meta({ description: 'Where `to` finds them.' }),
    state: z.enum(['ready', 'incomplete', 'absent']),
    missing: list(z.string()).meta({ description: 'What `from` does not have yet.' }),
  } satisfies Fields<ShareStatus>)
  .meta({ id: 'share', description: 'What one app may read of another.' });

const saved = z
  .strictObject({
    app: z.string(),
    last: z
      .strictObject({
        run: z.string(),
        at: z.string().meta({ description: 'ISO time.' }),
        grade: z.string().nullable().meta({ description: '`independent`, or `ordered`; null: not known.' }),
      })
      .nullable()
      .meta({ description: 'The newest; null: none.' }),
    proved: z
      .strictObject({
        run: z.string(),
        at: z.string().meta({ description: 'ISO time of the drill.' }),
        seconds: z.number().nullable().meta({ description: 'That it took; null: not known.' }),
      })
      .nullable()
      .meta({ description: 'The last that a drill has brought back; null: none ever was.' }),
  } satisfies Fields<AppBackups>)
  .meta({ id: 'app-backups', description: 'What is saved of an app.' });

export const statusDocument = z.strictObject({
  format: z.literal(1),
  placements: list(placement),
  instances: list(
    z.strictObject({
      name: z.string(),
      engine: z.string(),
      reached: z.boolean(),
      server: z.record(z.string(), json).meta({ description: 'What the engine knows of the server.' }),
      own: local.exactOptional(),
    } satisfies Fields<StatusReport['instances'][number]>),
  ),
  shares: list(share),
  relaxations: list(relaxation),
  foreign: list(foreign),
  backups: list(saved).exactOptional().meta({ description: 'Left out: nothing says where backups are, or they cannot be read.' }),
  diagnostics: list(diagnostic),
} satisfies Fields<Omit<StatusReport, 'shared'> & { format: 1 }>);

export const writeStatus = writer(statusDocument);
