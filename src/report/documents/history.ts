import { z } from 'zod';
import type { PastRun, PastStep } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { address, json } from './parts.ts';

const step = z
  .strictObject({
    at: z.string(),
    id: z.string(),
    address,
    app: z.string().nullable(),
    action: z.string(),
    title: z.string(),
    status: z.enum(['done', 'failed', 'not-executed']),
    elapsed: z.number().meta({ description: 'Milliseconds.' }),
    why: z.string().nullable().meta({ description: 'What went wrong.' }),
  } satisfies Fields<PastStep>)
  .meta({ id: 'past-step', description: 'What became of one step of a run.' });

const run = z
  .strictObject({
    run: z.string().meta({ description: 'Its id; ids sort by time.' }),
    at: z.string().meta({ description: 'When it began, as an ISO time.' }),
    until: z.string(),
    ending: z.string().meta({ description: '`running`: it has not ended; `cut-short`: its process is gone.' }),
    intent: z.strictObject({
      verb: z.string(),
      app: z.string().exactOptional(),
      apps: list(z.string()).exactOptional(),
      args: json,
    } satisfies Fields<PastRun['head']['intent']>),
    by: z.strictObject({ user: z.string(), host: z.string(), pid: z.number() } satisfies Fields<PastRun['head']['by']>),
    resumes: z.string().nullable().meta({ description: 'The run that it went on from.' }),
    planned: z.number().nullable().meta({ description: 'How many steps its plan had.' }),
    steps: list(step),
  })
  .meta({ id: 'run', description: 'One run.' });

export const historyDocument = z.strictObject({ format: z.literal(1), runs: list(run).meta({ description: 'The newest first.' }) });

export const writeHistory = writer(historyDocument);
