import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contextOf, DEADLINE } from '../../src/app/sessions.ts';
import type { Project } from '../../src/app/types.ts';
import type { BackupAbility, BackupContext, InstanceInput } from '../../src/engine/index.ts';

/** What a test has of a part of a backup. */
export interface Parts {
  readonly backup: BackupAbility;
  readonly input: InstanceInput;
  readonly context: BackupContext;
  /** What was said meanwhile. */
  readonly said: readonly string[];
}

/** What the engine of the only instance has of backups, each time in a fresh folder below `at`, or in the one that `more` names. */
export async function partsOf(project: Project, at: string, more: Partial<BackupContext> = {}): Promise<Parts> {
  const [instance] = project.manifest.instances;
  const backup = await instance?.engine.backup?.();
  if (!instance || !backup) throw new Error('no backup');
  const said: string[] = [];
  const context: BackupContext = {
    session: await contextOf(project, instance, DEADLINE),
    env: { secret: (ref) => project.secrets.peek(ref), derived: (ref) => project.secrets.derived(ref) },
    folder: join(at, `part-${Math.random()}`),
    programs: [],
    signal: new AbortController().signal,
    say: (line) => void said.push(line),
    ...more,
  };
  await mkdir(context.folder, { recursive: true });
  return { backup, input: instance.input, context, said };
}
