import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fail, type Json } from '../model/index.ts';
import { jsonOrNull } from '../util/json.ts';
import { errorCode, replaceFile } from '../util/system.ts';

const launchSchema = z.strictObject({
  command: z.string(),
  args: z.array(z.string()).readonly(),
  env: z.record(z.string(), z.string()),
  stopSignals: z.array(z.enum(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL'])).readonly(),
  patience: z.int().exactOptional(),
});

const json: z.ZodType<Json> = z.json();

const stateSchema = z.strictObject({
  format: z.literal(1),
  engine: z.string(),
  /** For people: name, version and place. */
  title: z.string(),
  host: z.string(),
  port: z.int(),
  run: z.discriminatedUnion('way', [
    z.strictObject({
      way: z.enum(['local', 'unpacked', 'embedded']),
      programs: json,
      data: z.string(),
      launch: launchSchema,
    }),
    z.strictObject({ way: z.literal('container'), cli: z.enum(['docker', 'podman']), name: z.string(), volume: z.string() }),
  ]),
});

/** How a server of ours was started last, and where it listens. It holds no secret. */
export type ServerState = z.infer<typeof stateSchema>;

const supervisorSchema = z.strictObject({
  format: z.literal(1),
  pid: z.int(),
  /** Which start of the machine it belongs to: process ids of another one say nothing. */
  boot: z.string(),
  server: z.strictObject({ pid: z.int(), since: z.string() }).nullable(),
  /** How often the server has ended by itself since the supervisor started, and how it was the last time. */
  ends: z.int(),
  last: z.strictObject({ at: z.string(), how: z.string() }).nullable(),
});

export type SupervisorState = z.infer<typeof supervisorSchema>;

/** null: it was never started. Throws CT6020 where the file is damaged. */
export async function readState(file: string): Promise<ServerState | null> {
  return parse(stateSchema, file, await text(file));
}

/** The same, where a command has to know it before anything else. */
export function readStateNow(file: string): ServerState | null {
  try {
    return parse(stateSchema, file, readFileSync(file, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function readSupervisor(file: string): Promise<SupervisorState | null> {
  return parse(supervisorSchema, file, await text(file));
}

/** Replaces the file as a whole, mode 0600. */
export async function writeWhole(file: string, value: ServerState | SupervisorState): Promise<void> {
  await replaceFile(file, `${JSON.stringify(value, null, 2)}\n`, 0o600);
}

/** Says which start of the machine this is, or '' where the system does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function parse<T>(schema: z.ZodType<T>, file: string, content: string | null): T | null {
  if (content === null) return null;
  const parsed = schema.safeParse(jsonOrNull(content));
  if (parsed.success) return parsed.data;
  throw fail('CT6020', `${file} is damaged, or was written by another version.`, {
    hint: 'Move it away and run cotenant up: the data is kept, but the port may change.',
  });
}

async function text(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errorCode(error));
}
