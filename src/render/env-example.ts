/** A variable of an app, with what it may show. */
export interface ShownVariable {
  readonly name: string;
  /** null: it is a secret, or only known once the app is there. */
  readonly value: string | null;
  /** The instance that makes it; null: the manifest, for the app. */
  readonly from: string | null;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/PASSWORD$/, 'password'],
  [/USER(NAME)?$/, 'login'],
  [/HOST$/, 'name of the server in the network'],
  [/PORT$/, 'port of the server'],
  [/(_DB|DATABASE)(_[A-Z0-9_]+)?$/, 'database'],
  [/SCHEMA$/, 'schema'],
  [/PREFIX$/, 'what keys and channels begin with'],
  [/SSLMODE$/, 'encryption on the way to the server'],
  [/OPTIONS$/, 'settings of each session'],
  [/WORKSPACE$/, 'value in the column that says whose row it is'],
];
const URL = /(_URL|_URI|_DSN)$/;

/** Every variable of an app with what it is, and none that is a secret. */
export function envExample(app: string, variables: readonly ShownVariable[]): string {
  const explained = ({ name, from }: ShownVariable): string => {
    const what = URL.test(name) ? 'server, login, password and place in one' : WORDS.find(([pattern]) => pattern.test(name))?.[1];
    const who = from ?? 'of the app, as its manifest says';
    return what === undefined ? who : `${who}: ${what}`;
  };
  const lines = variables.flatMap((one) => [`# ${explained(one)}`, `${one.name}=${one.value ?? ''}`]);
  return [`# What ${app} reads; the values are in .env once its logins are made.`, '', ...lines, ''].join('\n');
}
