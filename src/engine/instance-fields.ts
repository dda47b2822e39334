import { z } from 'zod';
import { lookUp } from '../util/record.ts';
import { type SecretInput, secretInput } from './secret-input.ts';
import { readServerUrl, type UrlForm, type UrlRole } from './server-url.ts';
import { tlsContradictions, tlsField, type TlsConfig } from './tls.ts';

/** Where a server is and as whom cotenant works on it. `url` and `publicUrl` say in words how such addresses look. Goes with `serverRules`. */
export const adminAccess = (words: { readonly url: string; readonly publicUrl: string }) => ({
  url: z
    .string()
    .optional()
    .meta({ description: `${words.url}. Without it, cotenant runs a local server.` }),
  password: secretInput.optional().meta({ description: 'Where to read the admin’s password from.' }),
  publicUrl: z
    .string()
    .optional()
    .meta({ description: `${words.publicUrl} for the apps, if it differs from \`url\`.` }),
  tls: tlsField,
});

/** Refuses an admin's password without the address that it belongs to: nobody would ever use it. */
function passwordNeedsUrl(
  config: { readonly url?: string | undefined; readonly password?: SecretInput | undefined },
  context: z.RefinementCtx,
): void {
  if (config.url !== undefined || config.password === undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['password'],
    message: 'There is a password, but no url',
    params: {
      expected: 'both or neither',
      hint: 'Add the url of the server, or remove the password: a local server gets a password from cotenant.',
    },
  });
}

/** Which server `up` starts, so that it is the same on every machine. */
export const localVersion = z
  .string()
  .regex(/^\d+(?:\.\d+){0,2}$/, "a version in quotes, such as '9.1'")
  .optional()
  .meta({ description: 'A local server of this version. Default: the newest that this machine has.' });

/** Refuses words on a local server where the server is somewhere else: nobody would ever honour them. */
function localNeedsNoUrl(
  config: { readonly url?: string | undefined; readonly version?: string | undefined; readonly product?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (config.url === undefined) return;
  for (const key of ['version', 'product'] as const) {
    if (config[key] === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [key],
      message: `There is a ${key} beside a url`,
      params: { expected: 'one of them', hint: `Remove the ${key}: it says which local server cotenant starts where there is no url.` },
    });
  }
}

/** True where what is there is of the version that is asked for; `11` takes every 11. */
export function isVersion(there: string, asked: string | undefined): boolean {
  return asked === undefined || there === asked || there.startsWith(`${asked}.`);
}

/** TLS, where the driver takes it as a mode. */
export const sslMode = z
  .enum(['disable', 'require', 'verify-ca', 'verify-full'])
  .optional()
  .meta({ description: 'TLS mode for connections to the server, by cotenant and in the URLs of the apps.' });

/** What `checkBudget` counts with. */
export const connectionBudget = z
  .strictObject({
    reserve: z.int().min(0).default(10).meta({ description: 'Connections kept free for operators and monitoring.' }),
    max: z.int().min(1).optional().meta({ description: "The server's max_connections, to check the limits without asking the server." }),
  })
  .default({ reserve: 10 });

/** Refuses what is no address of such a server, before anybody connects to what a driver makes of it, and words on TLS that contradict each other. */
function addressesAre(form: UrlForm) {
  return (config: TlsConfig, context: z.RefinementCtx): void => {
    const expected = (login: string): string => `${form.schemes[0]}://${login}host:${form.port}`;
    if (config.url !== undefined) tellTroubles(config.url, { form, role: 'server', expected: expected('admin@'), path: ['url'] }, context);
    if (config.publicUrl !== undefined)
      tellTroubles(config.publicUrl, { form, role: 'apps', expected: expected(''), path: ['publicUrl'] }, context);
    for (const { path, message, hint } of tlsContradictions(config, form))
      context.addIssue({ code: 'custom', path: [...path], message, params: { hint } });
  };
}

/** An address for apps that is no field of the instance itself, as that of a pooler. */
export function addressForApps(form: UrlForm, expected: string) {
  return (text: string, context: z.RefinementCtx): void =>
    tellTroubles(text, { form, role: 'apps', expected, path: [], code: 'CT1015' }, context);
}

interface Asked {
  readonly form: UrlForm;
  readonly role: UrlRole;
  readonly expected: string;
  readonly path: readonly string[];
  readonly code?: string;
}

function tellTroubles(text: string, { form, role, expected, path, code = 'CT1019' }: Asked, context: z.RefinementCtx): void {
  const reading = readServerUrl(text, form, role);
  if ('url' in reading) return;
  for (const { why, hint } of reading.troubles) {
    const message = `Not the address of a ${form.kind} server: ${why}`;
    context.addIssue({ code: 'custom', path: [...path], message, params: { code, expected, hint } });
  }
}

/** What holds of the fields of an instance together. */
export function serverRules(form: UrlForm) {
  const addresses = addressesAre(form);
  return (config: Parameters<typeof localNeedsNoUrl>[0] & Parameters<typeof addresses>[0], context: z.RefinementCtx): void => {
    passwordNeedsUrl(config, context);
    localNeedsNoUrl(config, context);
    addresses(config, context);
  };
}

/** For `refine`, after the form is right: a number with a unit, of at most `max` of the unit that counts 1. `shown`: that, as people write it. */
export function atMost(units: Readonly<Record<string, number>>, max: number, shown: string) {
  const fits = (text: string): boolean => {
    const [, amount = '', unit = ''] = /^(\d+)([A-Za-z]+)$/u.exec(text) ?? [];
    return Number(amount) * (lookUp(units, unit) ?? 0) <= max;
  };
  const message = 'it is more than the server takes';
  return [fits, { message, params: { code: 'CT1014', expected: `at most ${shown}`, hint: 'Choose a value within the limit.' } }] as const;
}
