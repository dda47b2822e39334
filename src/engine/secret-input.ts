import { z } from 'zod';

/** Where a secret is read from: the only two ways to give one in a manifest. */
export const secretInput = z.union([
  z.strictObject({
    env: z.string().min(1),
    dotenv: z.string().min(1).optional().meta({ description: 'A dotenv file with the variable, for where the environment has none.' }),
    part: z.literal('password').optional().meta({ description: 'The variable holds a URL, and the secret is the password in it.' }),
  }),
  z.strictObject({ file: z.string().min(1) }),
]);

export type SecretInput = z.infer<typeof secretInput>;

/** What is no secret and lies where a secret could: where it is, seen from anywhere (null: it is no file), and its text. */
export type ReadFile = (input: SecretInput) => { readonly path: string | null; readonly text: string };
