import { z } from 'zod';
import type { FieldChange, Plan, Step } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { address, command, diagnostic, foreign, loss, relaxation } from './parts.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const fieldValue = z.union([scalar, z.null()]);

const fieldChange = z.strictObject({
  field: z.string(),
  from: fieldValue,
  to: fieldValue,
  added: list(z.string()).exactOptional().meta({ description: 'Of a list: what comes into it.' }),
  removed: list(z.string()).exactOptional().meta({ description: 'Of a list: what goes from it.' }),
} satisfies Fields<FieldChange>);

const step = z
  .strictObject({
    id: z.string().meta({ description: 'The same change has the same id.' }),
    address,
    app: z.string().nullable(),
    action: z.enum(['create', 'update', 'replace', 'delete', 'run']),
    touches: list(address).exactOptional().meta({ description: 'Objects besides its own that it works in, or with.' }),
    cause: z.enum(['intended', 'drift']).meta({ description: '`drift`: somebody changed the server.' }),
    follows: z.string().exactOptional().meta({ description: 'The id of the step that brings it about, and whose cause it has.' }),
    title: z.string(),
    facts: z.record(z.string(), scalar).meta({ description: 'What varies in the title.' }),
    fields: list(fieldChange),
    commands: list(command),
    reverse: list(command).nullable().meta({ description: 'null: it cannot be undone.' }),
    risk: z.enum(['safe', 'blocking', 'access-reducing', 'destructive']),
    confirm: z.string().exactOptional().meta({ description: 'The name that `--confirm=` must repeat.' }),
    losses: list(loss).exactOptional(),
    makes: z.string().exactOptional().meta({ description: 'A stream of bytes for another step.' }),
    takes: list(z.string()).exactOptional().meta({ description: 'Streams that other steps make.' }),
    needs: list(z.string()).meta({ description: 'Ids of steps that must be done first.' }),
    lane: z.string().meta({ description: 'Steps of one lane run in order on one connection.' }),
    unit: z.string().nullable().meta({ description: 'Neighbours with the same unit succeed or fail together.' }),
  } satisfies Fields<Step>)
  .meta({ id: 'step', description: 'What is done about one change.' });

/** Of the plans that this version writes and reads. */
export const PLAN_FORMAT = 2;

const planFields = {
  format: z.literal(PLAN_FORMAT),
  apps: list(z.string()).exactOptional().meta({ description: 'Set where the plan is for these apps only.' }),
  manifestHash: z.string(),
  day: z.iso.date().exactOptional().meta({ description: 'Stands in the names of what is retired.' }),
  observed: z.record(z.string(), z.string()).meta({ description: 'Fingerprint of what was seen, by instance.' }),
  steps: list(step),
  diagnostics: list(diagnostic),
  unreached: list(z.string()).meta({ description: 'Instances that could not be reached.' }),
} satisfies Fields<Plan>;

export const planDocument = z.strictObject({ ...planFields, relaxations: list(relaxation), foreign: list(foreign) });
export const savedPlanDocument = z.strictObject({ cotenant: z.literal('plan'), ...planFields });

export const writePlan = writer(planDocument);
export const writeSavedPlan = writer(savedPlanDocument);
export const writeLoss = writer(loss);
export const writeDiagnostic = writer(diagnostic);
