import { z } from 'zod';
import type { Blind, DoctorFinding, DoctorReport, Remedy } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic, outcome } from './parts.ts';

const remedy = z
  .strictObject({
    say: z.string().meta({ description: 'What to do.' }),
    where: z.string().exactOptional().meta({ description: 'Where the text is pasted.' }),
    text: z.string().exactOptional().meta({ description: 'A command or statement, whole and quoted.' }),
    lane: z.string().exactOptional().meta({ description: 'Present where `--fix` sends it: the lane of the plan.' }),
  } satisfies Fields<Remedy>)
  .meta({ id: 'remedy', description: 'One way to end what a finding says.' });

const finding = z
  .strictObject({
    id: z.string().meta({ description: 'The check, as `CT-D101`; `cotenant explain` says more.' }),
    severity: z.enum(['error', 'warning', 'info']),
    instance: z.string(),
    apps: list(z.string()).meta({ description: 'Of which it speaks; none: the whole instance.' }),
    what: z.string(),
    evidence: z.record(z.string(), z.union([z.string(), z.number()])).meta({ description: 'Seconds, bytes and rows are numbers.' }),
    remedy: list(remedy).meta({ description: 'The best first.' }),
  } satisfies Fields<DoctorFinding>)
  .meta({ id: 'doctor-finding', description: 'What wants attention on a server.' });

const blind = z
  .strictObject({
    instance: z.string(),
    checks: list(z.string()),
    where: z.string().exactOptional().meta({ description: 'The part of the server; absent: the whole.' }),
    why: z.string(),
  } satisfies Fields<Blind>)
  .meta({ id: 'blind', description: 'Checks that could not be made.' });

const report = {
  format: z.literal(1),
  at: z.iso.datetime(),
  apps: list(z.string()).nullable().meta({ description: 'null: all.' }),
  instances: list(
    z.strictObject({
      name: z.string(),
      engine: z.string(),
      reached: z.boolean(),
      checks: list(z.string()).meta({ description: 'Those that were made.' }),
      statements: z.int().meta({ description: 'How many were sent.' }),
    } satisfies Fields<DoctorReport['instances'][number]>),
  ),
  findings: list(finding).meta({ description: 'The worst first.' }),
  blind: list(blind),
} satisfies Fields<DoctorReport>;

export const doctorDocument = z.strictObject({
  ...report,
  diagnostics: list(diagnostic),
  exitCode: z.number(),
  fix: z
    .strictObject({ ending: z.string(), steps: list(outcome) })
    .exactOptional()
    .meta({ description: 'With `--fix`: how the sending ended. The findings are those of afterwards.' }),
});

export const writeDoctor = writer(doctorDocument);
