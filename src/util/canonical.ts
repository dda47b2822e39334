import { createHash } from 'node:crypto';
import { lookUp } from './record.ts';

/** JSON with sorted keys: equal values give equal text. `undefined` members are left out, as in JSON. */
function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) {
    let text = '[';
    for (let index = 0; index < value.length; index++)
      text += index === 0 ? canonicalJson(value[index]) : `,${canonicalJson(value[index])}`;
    return `${text}]`;
  }
  let text = '';
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any object can be asked for its keys
  const members = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(members).sort()) {
    const member = lookUp(members, key);
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** SHA-256 in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 in hex of the canonical JSON. */
export function fingerprint(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** SHA-256 in hex over many values, without holding their text at once. */
export function fingerprintAll(values: Iterable<unknown>): string {
  const hash = createHash('sha256');
  let text = '';
  for (const value of values) {
    text += `${canonicalJson(value)}\n`;
    if (text.length < 65_536) continue;
    hash.update(text);
    text = '';
  }
  return hash.update(text).digest('hex');
}
