import { percentEncode } from './variables.ts';

/** A value within a mark that is one word for the server: nothing in it means something in a pattern, in an access list or in the mark itself. */
export function markEncode(text: string): string {
  return percentEncode(text).replaceAll('~', '%7E');
}

/** The other way; what was never encoded stays as it is. */
export function markDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
