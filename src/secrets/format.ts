import { z } from 'zod';
import { fail } from '../model/index.ts';
import { jsonOrNull } from '../util/json.ts';
import { byText } from '../util/text-order.ts';

/** One value of a secret. `madeAt` is an ISO time; `derived` is what the server got instead of the value. */
export interface Version {
  readonly value: string;
  readonly madeAt: string;
  readonly derived?: string;
}

/** A secret: the value that is in use, and the one that a server is about to get. One of them is there. */
export interface Entry {
  readonly live?: Version;
  readonly next?: Version;
}

/** What the file holds: the secrets of each project by name, and for whom it is sealed. */
export interface Content {
  readonly recipients: readonly string[];
  readonly projects: ReadonlyMap<string, ReadonlyMap<string, Entry>>;
}

export const emptyContent: Content = { recipients: [], projects: new Map() };

const version = z.strictObject({ value: z.string().min(1), madeAt: z.iso.datetime(), derived: z.string().optional() });
const named = z.strictObject({ project: z.string(), name: z.string() });

const document = z.strictObject({
  format: z.literal(1),
  recipients: z.array(z.string()).optional(),
  secrets: z.array(
    z.union([
      z.strictObject({ ...named.shape, ...version.shape, next: version.optional() }),
      z.strictObject({ ...named.shape, next: version }),
    ]),
  ),
});

/** The file's text as content. Throws CT5003 where it is not a secret store; the text itself is never repeated. */
export function parseContent(text: string, file: string): Content {
  const parsed = document.safeParse(jsonOrNull(text));
  if (!parsed.success) {
    throw fail('CT5003', `${file} is not a secret store that this version can read.`, {
      hint: 'Restore it from a backup, or move it away: the next apply then creates new passwords for every app.',
    });
  }
  const projects = new Map<string, Map<string, Entry>>();
  for (const { project, name, next, ...live } of parsed.data.secrets) {
    const entries = projects.get(project) ?? new Map<string, Entry>();
    entries.set(name, { ...('value' in live ? { live: versionOf(live) } : {}), ...(next ? { next: versionOf(next) } : {}) });
    projects.set(project, entries);
  }
  return { recipients: parsed.data.recipients ?? [], projects };
}

function versionOf({ value, madeAt, derived }: z.infer<typeof version>): Version {
  return { value, madeAt, ...(derived === undefined ? {} : { derived }) };
}

/** The same content gives the same text. */
export function formatContent(content: Content): string {
  const secrets = [...content.projects]
    .flatMap(([project, entries]) => [...entries].map(([name, { live, ...next }]) => ({ project, name, ...live, ...next })))
    .sort((a, b) => byText(a.project, b.project) || byText(a.name, b.name));
  const recipients = content.recipients.length === 0 ? {} : { recipients: content.recipients };
  return `${JSON.stringify({ format: 1, ...recipients, secrets }, null, 2)}\n`;
}
