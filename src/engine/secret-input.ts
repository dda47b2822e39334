import { z } from 'zod';

/** Where a secret is read from: the only two ways to give one in a manifest. */
export const secretInput = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]);

export type SecretInput = z.infer<typeof secretInput>;

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
