import { common, type DoctorLimits, type Examination, usualLimits } from '../../engine/index.ts';
import type { InstanceDecl } from '../../manifest/index.ts';
import type { Diagnostic, DoctorFinding, DoctorReport, Severity } from '../../model/index.ts';
import { counted } from '../../util/progress.ts';
import { byText } from '../../util/text-order.ts';
import { unlessAborted } from '../../util/abort.ts';
import { appsExist } from '../apps.ts';
import { diagnosticsOf, openOne, type Reached } from '../sessions.ts';
import type { Project } from '../types.ts';

export interface DoctorOptions {
  /** Only what concerns these apps, and the instances that they live on. Left out: everything. */
  readonly apps?: readonly string[];
  /** Milliseconds to reach an instance. */
  readonly deadline?: number;
  /** Other bounds than the usual ones. */
  readonly limits?: Partial<DoctorLimits>;
  /** The day that decides which versions are past their end; now unless set. */
  readonly now?: Date;
}

export interface DoctorOutcome {
  readonly report: DoctorReport;
  /** Why instances were not looked at. Each of the unreachable ones is in the findings too. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Examined {
  readonly instance: InstanceDecl;
  readonly reached: boolean;
  readonly examination: Examination;
  readonly diagnostics: readonly Diagnostic[];
}

const NOTHING: Examination = { findings: [], blind: [], checks: [], statements: 0 };
const gravity: readonly Severity[] = ['error', 'warning', 'info'];

/** The worst first, and what is alike together; those of one server after each other. */
function byGravity(a: DoctorFinding, b: DoctorFinding): number {
  return (
    gravity.indexOf(a.severity) - gravity.indexOf(b.severity) ||
    byText(a.id, b.id) ||
    byText(a.instance, b.instance) ||
    byText(a.what, b.what)
  );
}

/** Looks for what ails the servers, each by itself: one that is down holds up nobody. Changes nothing. */
export async function doctorProject(project: Project, options: DoctorOptions = {}): Promise<DoctorOutcome> {
  const { apps, now = new Date() } = options;
  appsExist(project, apps);
  const instances = project.manifest.instances.filter(({ input }) => apps === undefined || livesOn(input, apps));
  const { progress } = project;
  const examining = instances.map(
    counted({ items: instances, of: 'servers', progress }, async (instance) => await examineOne(project, instance, options, now)),
  );
  const examined = await unlessAborted(Promise.all(examining), project.signal);
  const concerns = ({ apps: about }: DoctorFinding): boolean =>
    apps === undefined || about.length === 0 || about.some((app) => apps.includes(app));
  const findings = examined.flatMap(({ instance, examination }) =>
    examination.findings.map((one): DoctorFinding => ({ ...one, instance: instance.name })),
  );
  return {
    report: {
      format: 1,
      at: now.toISOString(),
      apps: apps ?? null,
      instances: examined.map(({ instance, reached, examination: { checks, statements } }) => ({
        name: instance.name,
        engine: instance.engine.id,
        reached,
        checks,
        statements,
      })),
      findings: findings.filter(concerns).sort(byGravity),
      blind: examined.flatMap(({ instance, examination }) => examination.blind.map((one) => ({ ...one, instance: instance.name }))),
    },
    diagnostics: examined.flatMap(({ diagnostics }) => diagnostics).map((one) => project.locate(one)),
  };
}

async function examineOne(project: Project, instance: InstanceDecl, options: DoctorOptions, now: Date): Promise<Examined> {
  const one = await openOne(project, instance, options.deadline);
  if ('diagnostics' in one) return unreached(instance, one.diagnostics);
  try {
    await using session = one.session;
    return await examine({ instance, session }, options, now);
  } catch (error) {
    // What broke off half way has seen nothing to its end.
    return unreached(instance, diagnosticsOf(error));
  }
}

async function examine({ instance, session }: Reached, { apps, limits }: DoctorOptions, now: Date): Promise<Examined> {
  const doctor = await session.doctor?.();
  if (!doctor) {
    const message = `there are no checks for ${instance.engine.title} yet: "${instance.name}" was reached, and not looked at`;
    const none: Diagnostic = { code: 'CT6105', severity: 'warning', message, instance: instance.name };
    return { instance, reached: true, examination: NOTHING, diagnostics: [none] };
  }
  const examination = await doctor.examine({ apps: apps ?? null, now, limits: { ...usualLimits, ...limits } });
  return { instance, reached: true, examination: { ...examination, checks: [common.unreachable, ...examination.checks] }, diagnostics: [] };
}

function unreached(instance: InstanceDecl, diagnostics: readonly Diagnostic[]): Examined {
  const findings = diagnostics.map(({ code, message, hint }) => ({
    id: common.unreachable,
    severity: 'error' as const,
    apps: [],
    what: message,
    evidence: { code },
    remedy: [
      ...(hint === undefined ? [] : [{ say: hint }]),
      { say: 'read what it means', where: 'a shell', text: `cotenant explain ${code}` },
    ],
  }));
  return { instance, reached: false, examination: { ...NOTHING, findings, checks: [common.unreachable] }, diagnostics };
}

function livesOn({ placements, readers }: InstanceDecl['input'], apps: readonly string[]): boolean {
  return [...placements.map(({ app }) => app), ...readers.map(({ name }) => name)].some((name) => apps.includes(name));
}
