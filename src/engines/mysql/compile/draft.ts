import { InstanceDraft, type InstanceInput } from '../../../engine/index.ts';
import type { Path } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { nameTrouble } from '../names.ts';
import type { Specs } from '../spec.ts';

export type Input = InstanceInput<Config, Placement>;

export class Draft extends InstanceDraft<Config, Placement, Specs> {
  constructor(input: Input) {
    super('mysql', input);
  }

  /** Reserves a name for one owner. The second one to ask for it is an error, and so is a name that the server cannot hold. */
  claim(what: 'database' | 'account', name: string, by: string, path: Path): boolean {
    const trouble = nameTrouble(what, name);
    if (trouble)
      this.error(trouble.code, `${what} ${trouble.why}`, path, 'give the app another name, or set `database` or `names` in its placement');
    // A server may keep names of databases in lower case, whatever they were given as.
    const key = `${what} ${what === 'database' ? name.toLowerCase() : name}`;
    return this.reserve(key, `the ${what} "${name}"`, by, path) && !trouble;
  }
}
