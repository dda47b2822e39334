/**
 * The name behind a file name of the server: what is no letter, digit or `_` stands there as `@` and four hex digits. Some
 * letters have shorter codes (`@` and two letters), which are left as they are.
 */
export function decodeFileName(text: string): string {
  return text.replaceAll(/@([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
