/** A row as the driver gives it. */
export type Row = readonly unknown[];

export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function number(value: unknown): number {
  return Number(value ?? 0);
}

/** A member of what `json_build_object` made. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)).get(name) : undefined;
}
