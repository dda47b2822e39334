import type { Who } from '../../../engine/index.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { isKind } from '../spec.ts';

/** What belongs to whom, as the manifest has it. */
export class Whose {
  /** Login to app or reader. */
  readonly logins: ReadonlyMap<string, string>;
  /** Database to app. */
  readonly databases: ReadonlyMap<string, string>;

  constructor(input: Input) {
    const { resources } = compile(input);
    this.logins = new Map(resources.flatMap((one) => (isKind(one, 'account') && one.app !== null ? [[one.spec.user, one.app]] : [])));
    this.databases = new Map(
      resources.flatMap((one) => (isKind(one, 'database') && one.app !== null ? [[one.address.name, one.app]] : [])),
    );
  }

  login(name: string): Who {
    const app = this.logins.get(name) ?? null;
    return { app, words: app ?? `login "${name}"` };
  }
}
