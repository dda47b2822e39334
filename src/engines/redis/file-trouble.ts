import type { Diagnostic } from '../../model/index.ts';
import type { Context } from './draft-steps.ts';
import { differencesOf } from './save.ts';

/** What a restart would bring of users that are nobody's here: nobody but who wrote it can say which of the two is meant. */
export function fileTrouble({ input, observation }: Context): readonly Diagnostic[] {
  return differencesOf(observation)
    .filter(({ ours, user }) => !ours && input.operators.every(({ name }) => name !== user))
    .map(({ user, more, fileOnly }): Diagnostic => {
      const how = fileOnly ? 'is in it and not on the server' : `has more in it than on the server: ${more.join('; ')}`;
      const message = `the file of the access list of "${input.name}" says other things than the server: the user "${user}" ${how}`;
      const hint =
        'a restart brings it, and an apply that saves the access list takes it out of the file: ACL LOAD or ACL SAVE, as it is meant';
      return { code: 'CT2050', severity: 'warning', message, hint, instance: input.name };
    });
}
