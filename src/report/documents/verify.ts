import { z } from 'zod';
import { type Cell, type Finding, type Fix, type Residual, type Sparse, verdicts, type VerifyReport } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic, outcome, relaxation, secrets } from './parts.ts';

const verdict = z.enum(verdicts);

const fix = z.strictObject({
  lane: z.string(),
  statement: z.strictObject({ text: z.string(), secrets: secrets.exactOptional() }),
  confirm: z.string().exactOptional().meta({ description: 'The name that `--confirm=` must repeat.' }),
} satisfies Fields<Omit<Fix, 'losses'>>);

const finding = z
  .strictObject({
    probe: z.string().meta({ description: 'Its page is in docs/probes.' }),
    verdict,
    half: z.enum(['analysis', 'attack', 'both', 'disagreement']),
    instance: z.string(),
    from: z.string().nullable().meta({ description: 'Who reaches; null: any login.' }),
    to: z.string().nullable().meta({ description: 'What is reached; null: the server.' }),
    statement: z.string().meta({ description: 'What was tried or read.' }),
    answer: z.string(),
    why: z.string(),
    fix: list(fix),
  } satisfies Fields<Omit<Finding, 'under'>>)
  .meta({ id: 'finding', description: 'What is not as it should be.' });

const cell = z
  .strictObject({
    instance: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    verdict,
    attempts: z.number().meta({ description: '0: analysed only.' }),
    declared: z.boolean().meta({ description: 'Reached on purpose.' }),
  } satisfies Fields<Cell>)
  .meta({ id: 'cell', description: 'The worst that one app can do to another.' });

const sparse = z
  .strictObject({
    instance: z.string(),
    apps: list(z.string()),
    places: z.record(z.string(), list(z.string())).meta({ description: 'Who lives where.' }),
    verdict: verdict.meta({ description: 'The least that every pair says.' }),
    only: list(z.string()).nullable().meta({ description: 'Only pairs with these apps; null: all.' }),
  } satisfies Fields<Sparse>)
  .meta({ id: 'sparse', description: 'A matrix with cells only where there is something to say.' });

const residual = z
  .strictObject({ probe: z.string(), instance: z.string(), what: z.string() } satisfies Fields<Omit<Residual, 'seen'>>)
  .meta({ id: 'residual', description: 'A risk of every shared server of this kind.' });

const reportFields = {
  format: z.literal(1),
  exitCode: z.number(),
  seed: z.number().meta({ description: 'Chooses the pairs that are tried.' }),
  scope: z.strictObject({ apps: list(z.string()).nullable(), exhaustive: z.boolean(), destructive: z.boolean() } satisfies Fields<
    VerifyReport['scope']
  >),
  apps: list(z.string()),
  counts: z.strictObject({ attempts: z.number(), blocked: z.number(), controls: z.number(), analysed: z.number() } satisfies Fields<
    VerifyReport['counts']
  >),
  findings: list(finding),
  relaxations: list(relaxation),
  residual: list(residual),
  cells: list(cell),
  sparse: list(sparse),
  unreached: list(z.string()),
  diagnostics: list(diagnostic),
  fix: z
    .strictObject({ ending: z.string(), steps: list(outcome) })
    .exactOptional()
    .meta({ description: 'What `--fix` did before this proof.' }),
} satisfies Fields<VerifyReport & Record<'exitCode' | 'unreached' | 'diagnostics' | 'fix', unknown>>;

export const verifyDocument = z.strictObject(reportFields);
export const verifyRoundDocument = z.strictObject({ time: z.iso.datetime(), ...reportFields });

export const writeVerify = writer(verifyDocument);
