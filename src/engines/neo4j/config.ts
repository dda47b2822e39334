import { z } from 'zod';
import { adminAccess, localVersion, serverRules } from '../../engine/index.ts';
import { urlForm } from './connect/url-form.ts';

const name = z.string().min(1);

export const instanceSchema = z
  .strictObject({
    ...adminAccess({ url: 'bolt://user@host:port of the admin, without a password; bolt+s:// with TLS', publicUrl: 'neo4j://host:port' }),
    version: localVersion,
    edition: z.enum(['community', 'enterprise']).default('community').meta({
      description: 'What the server has to be. It is asked, and not believed; `enterprise` is not supported yet.',
    }),
    database: name.default('neo4j').meta({
      description: 'The standard database of the server, where it is not `neo4j` (`initial.dbms.default_database`).',
    }),
    procedures: z
      .array(z.string().regex(/^[A-Za-z_][\w.]*$/, 'what the names of procedures begin with, as `apoc`'))
      .default([])
      .meta({ description: 'Plugins whose procedures the server may have: what their names begin with, as `apoc`.' }),
  })
  .superRefine(serverRules(urlForm));

export type Config = z.infer<typeof instanceSchema>;

const isolation = z
  .literal('instance')
  .meta({ description: 'The whole server: Community has one database, and every user is an administrator.' });

export const placementSchema = z.strictObject({
  isolation: isolation.default('instance'),
  user: name.optional().meta({ description: "Name of the user. The app's name unless set." }),
  adopt: z.boolean().default(false).meta({
    description: 'Take over a user of that name that already exists, with its password, and what is in the database.',
  }),
});

export type Placement = z.infer<typeof placementSchema>;

/** `defaults.neo4j`: the fields that can sensibly be the same for every app. */
export const defaultsSchema = z.strictObject({ isolation }).partial();
