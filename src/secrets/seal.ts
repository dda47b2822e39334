import type * as Age from 'age-encryption';
import { fail } from '../model/index.ts';

/** Seals and opens the store's bytes with age. Holds the identities and shows them to nobody. */
export class Sealer {
  readonly #identities: readonly string[];
  readonly #age: typeof Age;

  private constructor(age: typeof Age, identities: readonly string[]) {
    this.#age = age;
    this.#identities = identities;
  }

  /** `text`: an identity file as age-keygen writes it: one identity a line, `#` before comments. Throws CT5004. */
  static async fromIdentityFile(text: string): Promise<Sealer> {
    const age = await import('age-encryption');
    const identities = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    const decrypter = new age.Decrypter();
    for (const [index, identity] of identities.entries()) {
      accept(() => decrypter.addIdentity(identity), `Line ${index + 1} of the age identities is not an age identity.`);
    }
    if (identities.length === 0) throw fail('CT5004', 'The age identity file holds no identity.');
    return new Sealer(age, identities);
  }

  /** The recipients that stand for the identities. */
  async ownRecipients(): Promise<string[]> {
    return await Promise.all(this.#identities.map((identity) => this.#age.identityToRecipient(identity)));
  }

  /** Refuses (CT5004) to seal what its own identities could not open again. */
  async seal(text: string, recipients: readonly string[]): Promise<Uint8Array> {
    const encrypter = new this.#age.Encrypter();
    for (const [index, recipient] of recipients.entries()) {
      // Not repeated: somebody may have put the identity in its place.
      accept(() => encrypter.addRecipient(recipient), `Entry ${index + 1} of the age recipients is not an age recipient.`);
    }
    const sealed = await encrypter.encrypt(text);
    await this.open(sealed, 'The sealed secret store');
    return sealed;
  }

  /** Throws CT5004 where no identity fits, CT5003 where the bytes are damaged. `what` names them in messages. */
  async open(sealed: Uint8Array, what: string): Promise<string> {
    const decrypter = new this.#age.Decrypter();
    for (const identity of this.#identities) decrypter.addIdentity(identity);
    try {
      return await decrypter.decrypt(sealed, 'text');
    } catch (error) {
      if (error instanceof Error && error.message.includes('no identity matched')) {
        throw fail('CT5004', `${what} is not sealed for the given identity.`, {
          hint: 'COTENANT_AGE_IDENTITY_FILE must point to the identity of one of its recipients; COTENANT_AGE_RECIPIENTS must include your own.',
        });
      }
      throw fail('CT5003', `${what} is damaged: age cannot open it.`, { hint: 'Restore it from a copy.' });
    }
  }
}

function accept(add: () => void, message: string): void {
  try {
    add();
  } catch {
    throw fail('CT5004', message);
  }
}
