import { InstanceDraft, type InstanceInput } from '../../../engine/index.ts';
import type { Path } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { userTrouble } from '../names.ts';
import type { Specs } from '../spec.ts';

export type Input = InstanceInput<Config, Placement>;

export const ENGINE = 'neo4j';

export class Draft extends InstanceDraft<Config, Placement, Specs> {
  constructor(input: Input) {
    super(ENGINE, input);
  }

  /** Reserves the name of a user. `there`: the server has that user already, whatever it is called. */
  claim(user: string, by: string, path: Path, { there = false } = {}): void {
    const trouble = there ? null : userTrouble(user);
    if (trouble) this.error(trouble.code, `${by}: ${trouble.why}`, path, 'set `user` in its placement');
    this.reserve(user, `the user "${user}"`, by, path);
  }
}

/** The user of an app. */
export function userOf({ app, placement }: Pick<Input['placements'][number], 'app' | 'placement'>): string {
  return placement.user ?? app;
}
