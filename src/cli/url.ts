/** A server's URL with the password taken out of it. Text that is no URL stays as it is. */
export function splitUrl(text: string): { readonly url: string; readonly password: string | null } {
  const parsed = URL.parse(text);
  if (parsed === null || parsed.password === '') return { url: text, password: null };
  const password = decoded(parsed.password);
  parsed.password = '';
  return { url: parsed.href, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
