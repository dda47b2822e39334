import { stringify } from 'yaml';
import type { EnvVar } from '../engine/index.ts';
import { document } from './documents/document.ts';
import { fail } from '../model/index.ts';

export const envFormats = ['dotenv', 'shell', 'json', 'docker', 'k8s'] as const;
export type EnvFormat = (typeof envFormats)[number];

export interface EnvOptions {
  readonly format: EnvFormat;
  /** False: secrets are masked. */
  readonly reveal: boolean;
  /** The app. Names the Kubernetes Secret. */
  readonly name: string;
}

type Pair = readonly [name: string, value: string];

const mask = '********';

/**
 * The variables as text that ends with a line end. Every format gives back the exact values to its reader.
 * Throws CT5101 for each value that the format cannot hold; its text is not repeated.
 */
export function formatEnv(variables: readonly EnvVar[], options: EnvOptions): string {
  const pairs = variables.map(({ name, value, secret, masked }): Pair => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`not a variable's name: ${name}`);
    return [name, secret && !options.reveal ? (masked ?? mask) : value];
  });
  return formatters[options.format](pairs, options.name);
}

const formatters: Readonly<Record<EnvFormat, (pairs: readonly Pair[], name: string) => string>> = {
  dotenv: (pairs) => lines(pairs, 'dotenv', dotenvValue, ''),
  shell: (pairs) => lines(pairs, 'shell', shellValue, 'export '),
  json: (pairs) => document(Object.fromEntries(pairs)),
  docker: (pairs) => lines(pairs, 'docker', dockerValue, ''),
  k8s: kubernetesSecret,
};

function lines(pairs: readonly Pair[], format: EnvFormat, quote: (value: string) => string | null, prefix: string): string {
  return pairs
    .map(([name, value]) => {
      const quoted = quote(value);
      if (quoted === null) {
        throw fail('CT5101', `The value of ${name} cannot be written in the format ${format}.`, { hint: 'Use --output json or k8s.' });
      }
      return `${prefix}${name}=${quoted}\n`;
    })
    .join('');
}

/**
 * Single quotes before all others: every reader takes what is in them as it is. There are no escapes that all readers share, so a
 * value goes into the first kind of quotes that it does not hold.
 */
function dotenvValue(value: string): string | null {
  if (/^[A-Za-z0-9_.:/@%+,~=&?*-]*$/.test(value)) return value;
  if (/[\0\r]/.test(value)) return null;
  if (!value.includes("'")) return `'${value}'`;
  if (!/["\\$`]/.test(value)) return `"${value}"`;
  if (!value.includes('`')) return `\`${value}\``;
  // Here `$` is taken literally by most readers, and `\n` by none.
  return /["\\]/.test(value) ? null : `"${value}"`;
}

function shellValue(value: string): string | null {
  return value.includes('\0') ? null : `'${value.replaceAll("'", `'\\''`)}'`;
}

// An --env-file has no quotes: the value is the rest of the line.
function dockerValue(value: string): string | null {
  return /[\0\r\n]/.test(value) ? null : value;
}

function kubernetesSecret(pairs: readonly Pair[], name: string): string {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: kubernetesName(name) },
    type: 'Opaque',
    stringData: Object.fromEntries(pairs),
  };
  // Quoted throughout, because readers of YAML 1.1 take `on` and `0123` for other things than text.
  return stringify(secret, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 });
}

/** The app's name as a DNS-1123 subdomain. Throws CT5102 where nothing of it is left. */
function kubernetesName(app: string): string {
  const name = `${app}-env`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '');
  if (name === 'env' || name.length > 253) {
    throw fail('CT5102', `The app's name cannot name a Kubernetes Secret: ${JSON.stringify(app)}.`, { hint: 'Use --output json.' });
  }
  return name;
}
