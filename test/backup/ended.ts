import type { RunEvent } from '../../src/app/types.ts';

/** How a run ended. */
export interface Ended {
  readonly ending: string;
  /** What it said on its way, a line each. */
  readonly said: string;
  /** What its steps failed of; '' where none did. */
  readonly trouble: string;
  /** What it told besides, with its hints. */
  readonly told: string;
}

/** Takes a run to its end. */
export async function endOf(events: AsyncIterable<RunEvent>): Promise<Ended> {
  const said: string[] = [];
  const trouble: string[] = [];
  const told: string[] = [];
  for await (const event of events) {
    if (event.type === 'said') said.push(event.text);
    if (event.type === 'step' && event.result.diagnostic)
      trouble.push(`${event.result.diagnostic.code}: ${event.result.diagnostic.message}`);
    if (event.type === 'diagnostic') told.push(`${event.diagnostic.code}: ${event.diagnostic.message} (${event.diagnostic.hint ?? ''})`);
    if (event.type === 'result') return { ending: event.ending, said: said.join('\n'), trouble: trouble.join('; '), told: told.join('; ') };
  }
  throw new Error('a run ends with its result');
}
