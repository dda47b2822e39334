import { z } from 'zod';

/** Where a secret is read from: the only two ways to give one in a manifest. */
export const secretInput = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]);

export type SecretInput = z.infer<typeof secretInput>;
