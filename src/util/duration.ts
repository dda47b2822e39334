const steps = [
  [86_400, 'day', 'days'],
  [3600, 'h', 'h'],
  [60, 'min', 'min'],
] as const;

/** Seconds for people: `40 s`, `3 min`, `2 h`, `5 days`. Rounded down: nothing is said to last longer than it did. */
export function lasting(seconds: number): string {
  const [size, one, many] = steps.find(([least]) => seconds >= least) ?? [1, 's', 's'];
  const whole = Math.floor(seconds / size);
  return `${whole} ${whole === 1 ? one : many}`;
}
