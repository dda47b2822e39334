import { z } from 'zod';
import type { KeyInfo } from '../../model/index.ts';
import { type Fields, list, writer } from './document.ts';

const key = z
  .strictObject({
    id: z.string().meta({ description: 'The middle of the key, by which it is found.' }),
    name: z.string(),
    scope: z.string().meta({ description: '`read`, `operate`, or `app:` and the name of one.' }),
    made: z.string().meta({ description: 'ISO time.' }),
    expires: z.string().nullable().meta({ description: 'ISO time; null: never.' }),
    used: z.string().nullable().meta({ description: 'The last use, to the hour; null: not yet.' }),
  } satisfies Fields<KeyInfo>)
  .meta({ id: 'key', description: 'A key of `serve`, without the key itself.' });

export const keysDocument = z.strictObject({ format: z.literal(1), keys: list(key).meta({ description: 'The oldest first.' }) });

export const keyMadeDocument = z.strictObject({
  format: z.literal(1),
  key: z.string().meta({ description: 'The key itself. It is shown this once.' }),
  info: key,
});

export const keyRevokedDocument = z.strictObject({ format: z.literal(1), revoked: key });

export const writeKeys = writer(keysDocument);
export const writeKeyMade = writer(keyMadeDocument);
export const writeKeyRevoked = writer(keyRevokedDocument);
