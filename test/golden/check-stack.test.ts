import { describe, expect, it } from 'vitest';
import type { StackReport } from '../../src/model/index.ts';
import { stackJson, stackText } from '../../src/report/check-stack-text.ts';
import { stackDocument } from '../../src/report/documents/check-stack.ts';
import type { Style } from '../../src/report/style.ts';
import { golden } from './write.ts';

const report: StackReport = {
  format: 1,
  at: '2026-12-01T06:00:00.000Z',
  answers: [
    {
      question: 'reached',
      state: 'fail',
      what: 'no answer from 1 of 2 instances',
      details: ['"far" at db.example.com:3306 could not be reached: connect ECONNREFUSED'],
      next: 'cotenant doctor',
    },
    { question: 'drift', state: 'pass', what: 'the servers are as the manifest says', details: [], next: null },
    {
      question: 'health',
      state: 'warn',
      what: '1 finding',
      details: ['CT-D108 on main: blog has 1 session idle in a transaction'],
      next: 'cotenant doctor',
    },
    {
      question: 'backups',
      state: 'unknown',
      what: 'nothing says where backups are, or they cannot be read',
      details: [],
      next: 'cotenant backup list',
    },
    { question: 'migrations', state: 'pass', what: '3 apps are at their head', details: [], next: null },
    { question: 'walls', state: 'skipped', what: 'not asked: --verify proves them', details: [], next: 'cotenant verify' },
  ],
  diagnostics: [],
};

describe('check-stack', () => {
  it('check-stack', async () => await golden('check-stack', (style: Style) => stackText(report, style)));

  it('says that all is well where it is, and prints for programs what its schema says', () => {
    const well = { ...report, answers: report.answers.filter(({ state }) => state === 'pass' || state === 'skipped') };
    expect(stackText(well)).toContain('All is well.');
    expect(stackDocument.parse(JSON.parse(stackJson(report, 2)))).toMatchObject({ exitCode: 2, answers: report.answers });
  });
});
