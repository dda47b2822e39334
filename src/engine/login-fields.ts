import { z } from 'zod';

/** `owner`: all that the app may do. `rw`: the data. `read`: looks only. What that is on a server, the engine says. */
export const loginLevel = z.enum(['owner', 'rw', 'read']);

/** Several logins of an app by name: a level, or `fields` where there is more to say. */
export const loginsWith = <Fields extends z.ZodType>(fields: Fields) =>
  z
    .record(
      z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'the name of a login: a letter, then letters, digits, - and _'),
      z.union([loginLevel, fields]),
    )
    .refine((all) => Object.keys(all).length > 0, 'at least one login');
