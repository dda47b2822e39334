import { InstanceDraft, type InstanceInput } from '../../../engine/index.ts';
import type { Path } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { nameTrouble } from '../names.ts';
import type { Specs } from '../spec.ts';

export type Input = InstanceInput<Config, Placement>;

/** For a name that cannot be. */
const ANOTHER = 'give the app another name, or set `database`, `schema` or `names` in its placement';

type Named = 'database' | 'schema' | 'role';

export class Draft extends InstanceDraft<Config, Placement, Specs> {
  constructor(input: Input) {
    super('postgres', input);
  }

  /** Reserves a name for one owner. The second one to ask for it is an error, and so is a name that the server cannot hold. */
  claim(what: Named, name: string, by: string, path: Path, shown: string = name): boolean {
    const usable = this.checkName(what, shown, path);
    return this.reserve(`${what} ${name}`, `the ${what} "${shown}"`, by, path) && usable;
  }

  /** False, with the error, where the server cannot hold the name or it is not the app's to have. */
  checkName(what: Named, name: string, path: Path): boolean {
    const trouble = what === 'schema' && name === 'public' ? null : nameTrouble(name);
    if (trouble) this.error(trouble.code, `${what} ${trouble.why}`, path, ANOTHER);
    return !trouble;
  }

  claimedBy(what: Named, name: string): string | null {
    return this.ownerOf(`${what} ${name}`);
  }
}
