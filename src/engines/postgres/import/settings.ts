import { lookUp, putIn } from '../../../util/record.ts';
import { mayBeSecret } from '../settings.ts';
import { plainText, variableOf } from '../../../engine/index.ts';
import { byKey } from '../../../util/text-order.ts';

/** Settings of a login in the fields of a placement. */
export interface ImportedSettings {
  readonly fields: Readonly<Record<string, unknown>>;
  /** null: the server's default. */
  readonly searchPath: readonly string[] | null;
  readonly comments: readonly string[];
  /** Variables that must be set before the manifest can be read, with the setting that each holds. */
  readonly variables: Readonly<Record<string, string>>;
}

const TIMES: Readonly<Record<string, string>> = {
  statement_timeout: 'statementTimeout',
  lock_timeout: 'lockTimeout',
  idle_in_transaction_session_timeout: 'idleInTransactionTimeout',
};

/** Set by cotenant itself, or meaningless once it has. */
const OWN = new Set(['role', 'session_authorization']);

/** The effective settings of a login: the weakest first, each over the one before. Values as the server stores them. */
export function importSettings(app: string, layers: readonly Readonly<Record<string, string>>[]): ImportedSettings {
  const all = Object.fromEntries(layers.flatMap((layer) => Object.entries(layer)));
  const fields: Record<string, unknown> = {};
  const settings: Record<string, string> = {};
  const comments: string[] = [];
  const variables: Record<string, string> = {};
  let searchPath: readonly string[] | null = null;
  for (const [name, value] of Object.entries(all).sort(byKey)) {
    const field = lookUp(TIMES, name);
    if (OWN.has(name)) comments.push(`the setting ${name} is left out: cotenant sets its own`);
    else if (name === 'search_path') searchPath = namesOf(value);
    else if (field !== undefined) place(fields, field, withUnit(value, 'ms', /^(us|ms|s|min|h|d)$/), name, value, comments);
    else if (name === 'temp_file_limit') {
      if (value === '-1') fields['relax'] = { unlimitedTempFiles: true };
      else place(fields, 'tempFileLimit', withUnit(value, 'kB', /^(kB|MB|GB|TB)$/), name, value, comments);
    } else if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) comments.push(`the setting ${name} is left out: a manifest cannot hold its name`);
    else if (mayBeSecret(name, value)) {
      const variable = variableOf(app, name);
      putIn(variables, variable, name);
      putIn(settings, name, `\${${variable}}`);
    } else putIn(settings, name, plainText(value));
  }
  if (Object.keys(settings).length > 0) fields['settings'] = settings;
  return { fields, searchPath, comments, variables };
}

function place(fields: Record<string, unknown>, field: string, text: string | null, name: string, value: string, comments: string[]): void {
  if (text === null) comments.push(`the setting ${name} = ${value} is left out: a manifest cannot hold its value`);
  else putIn(fields, field, text);
}

/** `30000` and `30 s` as `30000ms` and `30s`; null: neither a whole number nor a unit that is known. */
function withUnit(value: string, unit: string, units: RegExp): string | null {
  const match = /^(\d+)\s*([A-Za-z]*)$/.exec(value.trim());
  if (!match?.[1]) return null;
  const written = match[2] === '' ? unit : (match[2] ?? '');
  return units.test(written) ? `${match[1]}${written}` : null;
}

function namesOf(list: string): readonly string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"/g)].map((match) => (match[1] ?? '').replaceAll('""', '"')).filter((name) => name !== '');
}
