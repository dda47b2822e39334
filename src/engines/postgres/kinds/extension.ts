import { insideOf } from '../inside.ts';
import { ident } from '../quote.ts';
import type { ExtensionSpec } from '../spec.ts';
import { field, type Kind, sql } from './kind.ts';

/** Installed by the operator, from the manifest's list and nothing else. An extension that is there already stays where it is. */
export const extension: Kind<ExtensionSpec> = {
  reversible: false,
  diff: (desired, observed) =>
    desired.installed === observed.installed ? [] : [field('installed', observed.installed, desired.installed)],
  moves(name, _from, to) {
    const [, plain] = insideOf(name);
    return {
      give: [sql(`CREATE EXTENSION IF NOT EXISTS ${ident(plain)}${to.schema === null ? '' : ` SCHEMA ${ident(to.schema)}`}`)],
      take: [],
    };
  },
};
