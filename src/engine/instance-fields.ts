import { z } from 'zod';
import { type SecretInput, secretInput } from './secret-input.ts';

/** Where a server is and as whom cotenant works on it. `url` and `publicUrl` say in words how such addresses look. Goes with `passwordNeedsUrl`. */
export const adminAccess = (words: { readonly url: string; readonly publicUrl: string }) => ({
  url: z
    .string()
    .optional()
    .meta({ description: `${words.url}. Left out: cotenant starts a server of its own.` }),
  password: secretInput.optional().meta({ description: 'Where the admin password is read from.' }),
  publicUrl: z
    .string()
    .optional()
    .meta({ description: `${words.publicUrl} as the apps reach it, where that differs from \`url\`.` }),
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
    message: 'A password without a url belongs to nothing',
    params: {
      expected: 'a url beside it, or neither',
      hint: 'Add the url of the server, or take the password out: a server that cotenant starts has one of its own.',
    },
  });
}

/** TLS, where the driver takes it as a mode. */
export const sslMode = z
  .enum(['disable', 'require', 'verify-ca', 'verify-full'])
  .optional()
  .meta({ description: 'TLS towards the server, for cotenant and for the URLs of the apps.' });

/** What `overdrawn` counts with. */
export const connectionBudget = z
  .strictObject({
    reserve: z.int().min(0).default(10).meta({ description: 'Connections kept free for operators and monitoring.' }),
    max: z
      .int()
      .min(1)
      .optional()
      .meta({ description: "The server's max_connections, where it is to be checked without asking the server." }),
  })
  .default({ reserve: 10 });
