import { z } from 'zod';
import { type StackAnswer, stackQuestions, type StackReport } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';
import { diagnostic } from './parts.ts';

const answer = z
  .strictObject({
    question: z.enum(stackQuestions),
    state: z
      .enum(['pass', 'warn', 'fail', 'unknown', 'skipped'])
      .meta({ description: '`unknown`: it could not be asked, or nothing says so.' }),
    what: z.string(),
    details: list(z.string()).meta({ description: 'What is not as it should be.' }),
    next: z.string().nullable().meta({ description: 'The command that says more.' }),
  } satisfies Fields<StackAnswer>)
  .meta({ id: 'stack-answer', description: 'One answer of a morning look.' });

export const stackDocument = z.strictObject({
  format: z.literal(1),
  at: z.iso.datetime(),
  answers: list(answer),
  diagnostics: list(diagnostic),
  exitCode: z.number(),
} satisfies Fields<StackReport & { readonly exitCode: number }>);

export const writeStack = writer(stackDocument);
