import { z } from 'zod';
import type { Address, Command, Diagnostic, Foreign, Json, Location, Loss, Relaxation, StepResult } from '../../model/index.ts';
import { type Fields, list } from './document.ts';

/** What several documents hold. A part with an `id` has a chapter of its own in docs/json.md. */

export const json: z.ZodType<Json> = z.json();

export const address = z
  .strictObject({ engine: z.string(), instance: z.string(), kind: z.string(), name: z.string() } satisfies Fields<Address>)
  .meta({ id: 'address', description: 'One object of one server.' });

const secretRef = z.strictObject({ secret: z.string() });
export const secrets = z.record(z.string(), secretRef).meta({ description: 'What stands in the text as `:name`, by name. Never a value.' });

export const command = z
  .strictObject({
    op: z.string().exactOptional().meta({ description: 'What runs it. Absent: the text is sent as it is.' }),
    text: z.string().meta({ description: 'For people to read and to paste.' }),
    args: json.exactOptional().meta({ description: 'What `op` works with.' }),
    secrets: secrets.exactOptional(),
  } satisfies Fields<Command>)
  .meta({ id: 'command', description: 'One thing that is done on a server.' });

export const loss = z
  .strictObject({
    who: z.string().meta({ description: 'The login.' }),
    of: z.string().nullable().meta({ description: 'Whose it is: an app, reader or operator; null: nobody whom the manifest names.' }),
    what: list(z.string()).meta({ description: 'What it can do no more.' }),
    sessions: z.number().nullable().meta({ description: 'Its open sessions; null: not known.' }),
    keep: z.string().nullable().meta({ description: 'The entry of the manifest that would keep it.' }),
    confirm: z.string().exactOptional().meta({ description: 'What `--confirm=` must repeat, where that is not the login.' }),
    lingers: z.literal(true).exactOptional().meta({ description: 'Its open sessions keep it until they end.' }),
  } satisfies Fields<Loss>)
  .meta({ id: 'loss', description: 'What somebody can do less after a step.' });

const location = z.strictObject({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  frame: z.string().meta({ description: 'The lines around the place.' }),
} satisfies Fields<Location>);

export const diagnostic = z
  .strictObject({
    code: z.string().meta({ description: 'As `CT1203`; `cotenant explain` says more.' }),
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    expected: z.string().exactOptional(),
    hint: z.string().exactOptional().meta({ description: 'What to do.' }),
    instance: z.string().exactOptional(),
    waits: z.string().exactOptional().meta({ description: 'The app that waits until somebody acts.' }),
    path: list(z.union([z.string(), z.number()]))
      .exactOptional()
      .meta({ description: 'Where in the manifest.' }),
    location: location.exactOptional().meta({ description: 'Where in the file. Lines and columns count from 1.' }),
  } satisfies Fields<Diagnostic>)
  .meta({ id: 'diagnostic', description: 'An error, a warning or a remark.' });

export const relaxation = z
  .strictObject({
    app: z.string().nullable(),
    instance: z.string(),
    name: z.string().meta({ description: 'The field of the manifest.' }),
    opens: z.string().meta({ description: 'What it opens.' }),
  } satisfies Fields<Omit<Relaxation, 'path' | 'usual'>>)
  .meta({ id: 'relaxation', description: 'A wall that is open on purpose, or that the server cannot build.' });

export const foreign = z
  .strictObject({ address, note: z.string().exactOptional() } satisfies Fields<Foreign>)
  .meta({ id: 'foreign', description: 'What cotenant did not make and does not touch.' });

/** What became of a step, by its id. */
export const outcome = z
  .strictObject({
    id: z.string(),
    status: z.enum(['done', 'failed', 'not-executed', 'would-run']),
    elapsed: z.number().meta({ description: 'Milliseconds.' }),
  } satisfies Fields<Pick<StepResult, 'status' | 'elapsed'> & { id: string }>)
  .meta({ id: 'outcome', description: 'What became of one step.' });

export function outcomes(results: readonly StepResult[]): readonly z.input<typeof outcome>[] {
  return results.map(({ step, status, elapsed }) => ({ id: step.id, status, elapsed }));
}
