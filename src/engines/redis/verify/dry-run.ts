import type { Connection } from '../connect/connection.ts';

/** How many questions go at once. */
const PIECE = 5000;

export interface Question {
  readonly user: string;
  readonly words: readonly string[];
  /** The database that the command would run in. */
  readonly database: number;
}

/** `unknown`: the server does not have the command, or takes it with other words. */
export type Verdict = 'allowed' | 'refused' | 'unknown';

/** What the server itself says that each user may do, without doing it. In the order of the questions. */
export async function dryRun(connection: Connection, questions: readonly Question[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let at = 0; at < questions.length; at += PIECE) {
    const piece = questions.slice(at, at + PIECE);
    const commands: (readonly string[])[] = [];
    const places: number[] = [];
    let database = 0;
    for (const question of piece) {
      if (question.database !== database) commands.push(['SELECT', String(question.database)]);
      database = question.database;
      places.push(commands.length);
      commands.push(['ACL', 'DRYRUN', question.user, ...question.words]);
    }
    if (database !== 0) commands.push(['SELECT', '0']);
    const answers = await connection.pipeline(commands);
    for (const place of places) verdicts.push(verdictOf(answers[place]));
  }
  return verdicts;
}

function verdictOf(answer: unknown): Verdict {
  if (answer instanceof Error) return 'unknown';
  return answer === 'OK' ? 'allowed' : 'refused';
}
