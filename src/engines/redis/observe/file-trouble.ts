import type { Diagnostic } from '../../../model/index.ts';
import type { Context } from '../steps/draft-steps.ts';
import { factsOf } from './server.ts';
import { differencesOf, includedIn, unreadFile } from '../steps/save.ts';

/**
 * What a restart would bring or take of users that are nobody's here, and what a save makes last: nobody but who wrote it
 * can say which of the two is meant. `saves`: this plan writes the file.
 */
export function fileTrouble(context: Context, saves: boolean): readonly Diagnostic[] {
  const { input } = context;
  const file = `the file of the access list of "${input.name}"`;
  const warning = (message: string, hint: string): Diagnostic => {
    return { code: 'CT2050', severity: 'warning', message, hint, instance: input.name };
  };
  const others = differencesOf(context.observation).filter(({ ours, user }) => !ours && input.operators.every(({ name }) => name !== user));
  const brought = others.flatMap(({ user, more, fileOnly }) => {
    if (!fileOnly && more.length === 0) return [];
    const how = fileOnly ? 'is in it and not on the server' : `has more in it than on the server: ${more.join('; ')}`;
    const hint =
      'a restart brings it, and an apply that saves the access list takes it out of the file: ACL LOAD or ACL SAVE, as it is meant';
    return [warning(`${file} says other things than the server: the user "${user}" ${how}`, hint)];
  });
  if (!saves) return brought;
  const kept = others.flatMap(({ user, unsaved }) => {
    if (unsaved.length === 0) return [];
    const hint = 'until now a restart ends it: where the file is what is meant, ACL LOAD before the apply';
    return [warning(`this plan writes into ${file} what it lacks of the user "${user}": ${unsaved.join('; ')}`, hint)];
  });
  return [...brought, ...kept, ...unreadTrouble(context, file).map((message) => warning(message, UNREAD_HINT)), ...twice(context)];
}

const UNREAD_HINT = 'look at the file where the server is, and ACL LOAD before the apply where the file is what is meant';

/** Of a file that nobody can look into from here: what is known of it. */
function unreadTrouble({ observation }: Context, file: string): readonly string[] {
  const unread = unreadFile(observation);
  if (unread === null) return [];
  const isConfig = factsOf(observation.server).saving === 'config';
  const twiceThen = isConfig
    ? '; where it includes a file with users, they would be defined twice, and the server would not start any more'
    : '';
  const front = `this plan writes ${file}, which cannot be read from here`;
  if (unread.changed === null) {
    return [
      `${front}: what somebody has put into it and the server has not read is lost, and what was changed on the server alone becomes lasting${twiceThen}`,
    ];
  }
  return unread.changed.length === 0
    ? []
    : [`${front}, and users of others are not as they were when it last did: ${unread.changed.join(', ')}`];
}

function twice({ input, observation }: Context): readonly Diagnostic[] {
  const included = includedIn(observation);
  if (included.length === 0) return [];
  const names = included.map((name) => `"${name}"`).join(', ');
  const message = `users of "${input.name}" stand in a file that its configuration file includes (${names}): CONFIG REWRITE would write them a second time, and the server would not start any more`;
  const hint = 'move their lines into the configuration file itself, or start the server with an aclfile';
  return [{ code: 'CT2050', severity: 'error', message, hint, instance: input.name }];
}
