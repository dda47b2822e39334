import { describe, expect, it } from 'vitest';
import { checksById } from '../../src/app/codes.ts';
import type { DoctorReport, StepResult } from '../../src/model/index.ts';
import { doctorJson, doctorText, endingOfRemedies } from '../../src/report/doctor-text.ts';
import { doctorDocument } from '../../src/report/documents/doctor.ts';
import { checkText } from '../../src/report/explanation-text.ts';
import { createStyle, plain, type Style } from '../../src/report/style.ts';
import { widthOf } from '../../src/util/width.ts';
import { golden, widths } from './write.ts';

const checks = Array.from({ length: 23 }, (_, n) => `CT-D${201 + n}`);
const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = 4711 AND backend_start = '2026-11-29 03:00:00+00';";

const ill: DoctorReport = {
  format: 1,
  at: '2026-11-30T06:00:00.000Z',
  apps: null,
  instances: [
    { name: 'main', engine: 'postgres', reached: true, checks, statements: 17 },
    { name: 'far', engine: 'mysql', reached: false, checks: ['CT-D101'], statements: 0 },
  ],
  findings: [
    {
      id: 'CT-D101',
      severity: 'error',
      instance: 'far',
      apps: [],
      what: '"far" at db.example.com:3306 could not be reached: connect ECONNREFUSED',
      evidence: { code: 'CT3001' },
      remedy: [
        { say: 'start the server, or correct host and port in `url`' },
        { say: 'read what it means', where: 'a shell', text: 'cotenant explain CT3001' },
      ],
    },
    {
      id: 'CT-D107',
      severity: 'error',
      instance: 'main',
      apps: ['blog', 'crm', 'shop'],
      what: 'blog (session 4711, idle in transaction for 12 min) blocks 2 sessions of shop and 1 session of crm, the longest for 40 s',
      evidence: { blocker: 'blog', waiting: 3, seconds: 40 },
      remedy: [
        { say: 'see what it does', where: 'any database', text: 'SELECT state, query FROM pg_stat_activity WHERE pid = 4711;' },
        { say: 'or end it; what it has not committed is lost', where: 'any database', text: end },
      ],
    },
    {
      id: 'CT-D203',
      severity: 'error',
      instance: 'main',
      apps: [],
      what: 'autovacuum is off for the whole server',
      evidence: { autovacuum: 'off' },
      remedy: [
        { say: 'turn autovacuum on', where: 'any database', text: 'ALTER SYSTEM SET autovacuum = on;', lane: 'shared' },
        { say: 'and have the server read it', where: 'any database', text: 'SELECT pg_reload_conf();', lane: 'shared' },
      ],
    },
    {
      id: 'CT-D209',
      severity: 'info',
      instance: 'main',
      apps: ['shop'],
      what: 'shop has 6 indexes that are there twice: "public"."a" is like "b" (4.0 MiB), "public"."c" is like "d" (2.0 MiB)',
      evidence: { database: 'shop', count: 6 },
      remedy: Array.from({ length: 6 }, (_, n) => ({
        say: 'in a migration of the app',
        where: 'database shop',
        text: `DROP INDEX CONCURRENTLY "public"."a${n}";`,
      })),
    },
  ],
  blind: [
    { instance: 'main', checks: ['CT-D206'], why: 'permission denied for function pg_ls_waldir' },
    { instance: 'main', checks: ['CT-D112'], where: 'database shop', why: 'canceling statement due to lock timeout' },
    { instance: 'main', checks: ['CT-D112'], where: 'database crm', why: 'canceling statement due to lock timeout' },
  ],
};

const well: DoctorReport = { ...ill, instances: ill.instances.slice(0, 1), findings: [], blind: [] };

const outputs: readonly (readonly [name: string, text: (style: Style) => string])[] = [
  ['doctor', (style) => doctorText(ill, {}, style)],
  ['doctor-fixing', (style) => doctorText({ ...ill, findings: ill.findings.slice(2, 3), blind: [] }, { fixing: true }, style)],
  ['doctor-well', (style) => doctorText(well, {}, style)],
];

describe('doctor', () => {
  it.each(outputs)('%s', async (name, text) => await golden(name, text));

  it('what a check means', async () => {
    const all = await checksById();
    const texts = (style: Style): string =>
      ['CT-D107', 'CT-D203']
        .flatMap((id) => all.get(id) ?? [])
        .map((one) => checkText(one, style))
        .join('\n');
    await golden('explain-check', texts);
  });

  it('no line is wider than the screen but what is pasted', () => {
    const pasted = new Set(ill.findings.flatMap(({ remedy }) => remedy.flatMap(({ text = '' }) => text)));
    for (const width of widths)
      for (const [, text] of outputs) {
        const wide = text(createStyle(false, width))
          .split('\n')
          .filter((line) => widthOf(line) > width && !pasted.has(line.trim()));
        expect(wide).toEqual([]);
      }
  });

  it('says the same with colour, and what is printed for programs is what its schema says', () => {
    const colored = doctorText(ill, {}, createStyle(true));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is made of them
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(doctorText(ill));
    const document = doctorDocument.parse(JSON.parse(doctorJson({ report: ill, diagnostics: [], exitCode: 2 })));
    expect(document).toMatchObject({ exitCode: 2, findings: ill.findings, blind: ill.blind });
  });

  it('how the sending of remedies ended', () => {
    const of = (...states: readonly StepResult['status'][]): readonly StepResult[] => states.map((status) => ({ status }) as StepResult);
    expect([
      endingOfRemedies('done', of('done', 'done'), plain),
      endingOfRemedies('partly', of('done', 'failed', 'not-executed'), plain),
      endingOfRemedies('done', of('would-run'), plain),
      endingOfRemedies('locked', [], plain),
      endingOfRemedies('interrupted', of('done', 'not-executed'), plain),
    ]).toEqual([
      '2 statements sent. Looking again.',
      '1 statement sent, 1 failed, 1 not sent.',
      'Dry run: 1 statement would be sent. Nothing was sent.',
      'Not corrected: another run holds the lock. Nothing was changed.',
      'Interrupted: 1 statement sent, 1 not sent.',
    ]);
  });
});
