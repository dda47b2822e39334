import { z } from 'zod';
import { type SecretInput, secretInput } from './secret-input.ts';

/** Where a server is and as whom cotenant works on it. `url` and `publicUrl` say in words how such addresses look. Goes with `passwordNeedsUrl`. */
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
});

/** Refuses an admin's password without the address that it belongs to: nobody would ever use it. */
export function passwordNeedsUrl(
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

interface Addresses {
  readonly url?: string | undefined;
  readonly publicUrl?: string | undefined;
}

/** Refuses what is no address of such a server, before anybody connects to what a driver makes of it. */
export function addressesAre(kind: string, scheme: string, port: number, isAddress: (text: string) => boolean) {
  return (config: Addresses, context: z.RefinementCtx): void => {
    for (const field of ['url', 'publicUrl'] as const) {
      const text = config[field];
      if (text === undefined || isAddress(text)) continue;
      const expected = field === 'url' ? `${scheme}://admin@host:${port}` : `${scheme}://host:${port}`;
      const hint = 'A scheme, a host, and a port up to 65535; escape special characters in names, such as @ as %40.';
      context.addIssue({ code: 'custom', path: [field], message: `Not the address of a ${kind} server`, params: { expected, hint } });
    }
  };
}
