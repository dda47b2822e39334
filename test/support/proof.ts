import { join } from 'node:path';
import type { Project } from '../../src/app/types.ts';
import type { Analysis, Attempt, Engine, Lane, ProbeInfo, Session, Verifier } from '../../src/engine/index.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import { DiagnosticError } from '../../src/model/index.ts';
import { openSecretStore } from '../../src/secrets/store.ts';
import { alpha } from './schema-engine.ts';

/** What stands behind each instance of a manifest: a proof, an engine without one, or trouble at the door. */
export type Behind = Readonly<Record<string, Verifier | null | DiagnosticError>>;

export interface ProofProject {
  readonly project: Project;
  /** Statements that were sent, each after its lane. */
  readonly sent: readonly string[];
  /** Who held a lock, in order. */
  readonly locks: readonly string[];
}

export const looking: ProbeInfo = {
  id: 'X-1',
  title: 'Look at a neighbour',
  attack: 'It looks.',
  example: 'LOOK app_b',
  why: 'it is seen',
  hardening: 'Close the curtain.',
  verdict: 'BREACH',
  levels: ['own'],
  half: 'attack',
  destructive: false,
};

/** A manifest on engines that only prove, and take statements down. */
export async function proofProject(
  source: string,
  folder: string,
  behind: Behind,
  signal = new AbortController().signal,
): Promise<ProofProject> {
  const sent: string[] = [];
  const locks: string[] = [];
  const engine: Engine = {
    ...alpha,
    compile: () => ({ resources: [], diagnostics: [], relaxations: [] }),
    steps: () => ({ steps: [], diagnostics: [] }),
    probes: async () => Promise.resolve([looking]),
    connect: async (_, { instance }) => {
      const one = behind[instance] ?? null;
      if (one instanceof DiagnosticError) throw one;
      return Promise.resolve(sessionOf(one, sent, locks));
    },
  };
  const file = join(folder, 'cotenant.yaml');
  const { manifest, diagnostics, locate } = await parseManifest(source, {
    file,
    env: {},
    engineIds: ['alpha'],
    loadEngine: async () => Promise.resolve(engine),
  });
  if (!manifest) throw new DiagnosticError(diagnostics);
  const secrets = await openSecretStore({ file: join(folder, 'secrets.json'), project: manifest.project, env: {} });
  const relaxations = manifest.instances.map(({ name }) => ({ app: null, instance: name, name: `open ${name}`, opens: 'a door' }));
  return { project: { manifest, diagnostics, relaxations, secrets, own: new Map(), env: {}, signal, locate }, sent, locks };
}

function sessionOf(verifier: Verifier | null, sent: string[], locks: string[]): Session {
  const nothing = async (): Promise<void> => Promise.resolve();
  const lane = (name: string): Lane => ({
    run: async (unit) => {
      sent.push(...unit.flatMap((step) => step.commands.map(({ text }) => `${name}: ${text}`)));
      return Promise.resolve({ ok: true });
    },
    [Symbol.asyncDispose]: nothing,
  });
  return {
    observe: async () => Promise.resolve({ resources: [], marks: [], foreign: [], server: {}, diagnostics: [] }),
    lock: async (who) => {
      locks.push(who);
      return Promise.resolve({ ok: true, lock: { [Symbol.asyncDispose]: nothing } });
    },
    lane: async (name) => Promise.resolve(lane(name)),
    usage: async () => Promise.resolve([]),
    ...(verifier === null ? {} : { verifier: async () => Promise.resolve(verifier) }),
    [Symbol.asyncDispose]: nothing,
  };
}

export interface Script {
  readonly apps: readonly string[];
  readonly analysis?: Partial<Analysis> | DiagnosticError;
  /** What an attacker tries on each victim; without it, one look that is refused. Thrown where it is trouble. */
  attempts?(from: string, victims: readonly string[]): readonly Attempt[] | DiagnosticError;
  /** Attackers that log in; all of them without it. */
  readonly present?: readonly string[];
}

/** A proof that goes by a script. Every attacker begins with a control that succeeds. */
export function scripted({ apps, analysis = {}, attempts, present }: Script): Verifier {
  return {
    apps,
    analyse: async () => {
      if (analysis instanceof DiagnosticError) throw analysis;
      return Promise.resolve({ findings: [], declared: [], residual: [], analysed: 7, ...analysis });
    },
    async *attack({ pairs }) {
      for (const [from, victims] of pairs) {
        if (present !== undefined && !present.includes(from)) continue;
        yield await Promise.resolve(look(from, from, { control: true, outcome: 'succeeded' }));
        const tried = attempts?.(from, victims) ?? victims.map((to) => look(from, to));
        if (tried instanceof DiagnosticError) throw tried;
        yield* tried;
      }
    },
  };
}

export function look(from: string, to: string | null, more: Partial<Attempt> = {}): Attempt {
  const statement = `LOOK ${to ?? 'around'}`;
  return {
    probe: 'X-1',
    from,
    to,
    statement,
    control: false,
    declared: false,
    outcome: 'denied',
    code: 'E1',
    answer: 'no',
    fix: [],
    ...more,
  };
}
