/** A URL with one parameter more, or with another value of it. Everything else stays as it is written. */
export function withParameter(url: string, name: string, value: string): string {
  const [, before = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(url) ?? [];
  const parts = query.split('&').filter((part) => part !== '' && !part.startsWith(`${name}=`));
  return `${before}?${[...parts, `${name}=${encodeURIComponent(value)}`].join('&')}`;
}
