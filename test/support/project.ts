import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyProject } from '../../src/app/apply.ts';
import { planProject } from '../../src/app/plan.ts';
import { openProject } from '../../src/app/project.ts';
import type { Ending, PlanOutcome, Project } from '../../src/app/types.ts';
import { confirmOf, type Plan, type StepResult } from '../../src/model/index.ts';
import { tempDir } from './temp-dir.ts';
import { held } from './ordered.ts';

export interface Applied {
  readonly ending: Ending;
  readonly results: readonly StepResult[];
  /** What failed, with the server's words and the statement; '' where nothing did. */
  readonly trouble: string;
  readonly outcome: PlanOutcome | null;
}

type Confirmed = readonly string[] | 'strangers' | 'all';

/** A folder with a manifest, used through the library as a program would. */
export interface TestProject extends AsyncDisposable {
  readonly path: string;
  write(yaml: string): Promise<void>;
  open(): Promise<Project>;
  plan(): Promise<PlanOutcome>;
  /** `confirm`: names that `--confirm=` would repeat; `strangers`: of everybody who loses something; `all`: those of what ends data too. */
  apply(options?: { readonly confirm?: Confirmed }): Promise<Applied>;
}

export async function testProject(yaml: string, env: Readonly<Record<string, string | undefined>>): Promise<TestProject> {
  const folder = await tempDir();
  const file = join(folder.path, 'cotenant.yaml');
  await writeFile(file, yaml);
  const open = (): Promise<Project> => openProject({ cwd: folder.path, env });
  return {
    path: folder.path,
    write: async (text) => await writeFile(file, text),
    open,
    plan: async () => held(await planProject(await open())),
    apply: async ({ confirm = [] } = {}) => await applied(await open(), confirm),
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  };
}

async function applied(project: Project, confirmed: Confirmed): Promise<Applied> {
  const confirm = typeof confirmed === 'string' ? [] : [...confirmed];
  const consent = async (plan: Plan): Promise<boolean> => {
    if (confirmed === 'all') confirm.push(...plan.steps.flatMap((step) => step.confirm ?? []));
    if (typeof confirmed === 'string')
      confirm.push(...plan.steps.flatMap(({ losses = [] }) => losses.flatMap((loss) => confirmOf(loss) ?? [])));
    return await Promise.resolve(true);
  };
  let outcome: PlanOutcome | null = null;
  const said: string[] = [];
  for await (const event of applyProject(project, { consent, confirm, lockTimeout: 30_000 })) {
    if (event.type === 'planned') outcome = held(event.outcome);
    if (event.type === 'diagnostic') said.push(event.diagnostic.message);
    if (event.type === 'result') {
      const failed = event.results.flatMap(({ step, diagnostic }) =>
        diagnostic ? [`${step.title} ${step.address.name}: ${diagnostic.message}\n  ${diagnostic.expected ?? ''}`] : [],
      );
      const errors = outcome?.plan.diagnostics.filter((one) => one.severity === 'error').map((one) => one.message) ?? [];
      return { ending: event.ending, results: event.results, trouble: [...said, ...failed, ...errors].join('\n'), outcome };
    }
  }
  throw new Error('an apply ends with its result');
}
