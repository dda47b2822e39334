import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Finding, VerifyReport } from '../../../../src/model/index.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import type { MysqlServer } from '../runtime.ts';

/** Four apps, one of them with a name that is a pattern, a reader of two, and a share. */
const provingGround = manifestOf(`apps:
  m_a: { uses: { main: { connections: 5 } } }
  m_b: { uses: { main: { connections: 5 } } }
  mxb: { uses: { main: { connections: 5 } } }
  plain: { uses: { main: { connections: 5 } } }
readers:
  m_lens: { reads: [m_a, plain] }
shares:
  - { from: m_b, tables: [orders], to: plain, via: grant }
  - { from: m_a, tables: [orders], columns: [id], to: mxb, via: grant }
`);

export interface Ground extends AsyncDisposable {
  readonly place: Workplace;
  verify(options?: { readonly seed?: number; readonly destructive?: boolean }): Promise<VerifyReport>;
}

/** Makes the apps, and lets each make its tables with its own login. */
export async function ground(server: MysqlServer, manifest: string = provingGround): Promise<Ground> {
  const place = await workplace(server, manifest);
  const applied = await place.apply();
  if (applied.ending !== 'done' && applied.ending !== 'nothing-to-do') throw new Error(JSON.stringify(applied));
  return {
    place,
    verify: async ({ seed = 7, destructive = false } = {}) => {
      const { report, diagnostics } = await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed, destructive });
      if (diagnostics.some((one) => one.severity === 'error')) throw new Error(JSON.stringify(diagnostics));
      return report;
    },
    [Symbol.asyncDispose]: async () => await place[Symbol.asyncDispose](),
  };
}

/** Rows, views and routines for everybody, made as the apps themselves; then what waited for the tables. */
export async function seedTables(made: Ground, apps: readonly string[] = ['m_a', 'm_b', 'mxb', 'plain']): Promise<void> {
  for (const app of apps) {
    for (const sql of [
      "CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(40)); INSERT INTO orders VALUES (1, 'private')",
      'CREATE VIEW notes AS SELECT note FROM orders',
      'CREATE FUNCTION answer() RETURNS INT NO SQL DETERMINISTIC RETURN 42',
      'CREATE TRIGGER touch BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = UPPER(NEW.note)',
    ].flatMap((text) => text.split('; ')))
      await made.place.as(app, sql);
  }
  await made.place.apply();
}

export function shortly(findings: readonly Finding[]): readonly string[] {
  return findings.map(
    (one) => `${one.probe} ${one.verdict} ${one.half} ${one.from ?? '*'} -> ${one.to ?? '*'}: ${one.statement}: ${one.answer}`,
  );
}
