import { setTimeout as sleep } from 'node:timers/promises';
import { type DerivedSecrets, type Lane, type SessionContext, type UnitOutcome, lostConnection } from '../../../engine/index.ts';
import type { Diagnostic, Command, Step } from '../../../model/index.ts';
import { LockWatch } from './blockers.ts';
import { type Connection, LOCK_TIMEOUT } from './connection.ts';
import { errorCode } from '../../../util/system.ts';
import { fillParameters, literal } from '../quote.ts';
import { asSettingPlace, SET_SECRET } from '../settings.ts';
import { closedNothing, trouble } from './trouble.ts';
import { OF_TRIGGERS } from '../judge/code.ts';
import { asAnchor, asNote, END, ENDED, forget, isUnended, type Note, NOTE, notEnded, remaining, remember } from './unended.ts';
import { fingerprint } from '../../../util/canonical.ts';

/** lock_not_available, deadlock_detected, or an access list that somebody else changed at the same moment. */
function isBusy(error: unknown): boolean {
  const code = errorCode(error);
  return code === '55P03' || code === '40P01' || (code === 'XX000' && error instanceof Error && /tuple concurrently/.test(error.message));
}

/** Milliseconds. */
const SHORT = 300;
const PATIENCE = 30_000;

/** What a lane asks of its session. */
export interface LaneAround {
  /** Why nothing may be changed here; null: it may. */
  readonly danger: Diagnostic | null;
  /** Whether this run still holds the instance's lock. */
  isLocked(): boolean;
  /** A connection beside this one. */
  beside(): Promise<Connection>;
  /** The value that the manifest gives a setting of a role. */
  settingOf(role: string, key: string): string;
}

/** Runs steps on one connection. Neighbours of one unit go as one transaction in one message. */
export class PostgresLane implements Lane {
  readonly #connection: Connection;
  readonly #context: SessionContext;
  readonly #verifiers: DerivedSecrets;
  readonly #around: LaneAround;

  constructor(connection: Connection, context: SessionContext, verifiers: DerivedSecrets, around: LaneAround) {
    this.#connection = connection;
    this.#context = context;
    this.#verifiers = verifiers;
    this.#around = around;
  }

  async run(unit: readonly Step[]): Promise<UnitOutcome> {
    const all = unit.flatMap((step, index) => step.commands.map((statement) => ({ index, statement })));
    const parts = all.filter(({ statement }) => statement.op !== NOTE);
    if (parts.length === 0) return { ok: true };
    if (!this.#around.isLocked()) {
      const why = 'the one that held the lock; another run may be active now';
      return { ok: false, failed: 0, diagnostic: lostConnection(why, this.#context.instance) };
    }
    const { danger } = this.#around;
    const at = danger === null ? -1 : parts.findIndex(({ statement }) => statement.op !== OF_TRIGGERS);
    if (danger !== null && at >= 0) return { ok: false, failed: parts[at]?.index ?? 0, diagnostic: danger };
    const texts = await Promise.all(parts.map(({ statement }) => this.#resolve(statement)));
    const together = unit[0]?.unit !== null && texts.length > 1;
    const send = unit.some((step) => step.risk === 'blocking') ? this.#withShortLocks : this.#send;
    let current = 0;
    await using watch = new LockWatch(this.#connection.pid, () => this.#around.beside());
    try {
      await this.#noteAll(all.flatMap(({ statement }) => (statement.op === NOTE ? (asNote(statement.args) ?? []) : [])));
      if (together) {
        const looks = parts.some(({ statement }) => statement.op === END);
        const results = await send(`BEGIN;\n${texts.join(';\n')}${looks ? '' : ';\nCOMMIT'}`);
        // Sessions did not end keep all of it from being done.
        for (const [at, { statement }] of parts.entries()) {
          current = at;
          await this.#seeEnded(statement, results[at + 1] ?? []);
        }
        if (looks) await send('COMMIT');
      } else {
        for (; current < texts.length; current++) {
          const statement = parts[current]?.statement;
          const anchor = statement?.op === ENDED ? asAnchor(statement.args) : null;
          if (anchor) await forget(this.#connection, anchor);
          else {
            const results = await send(texts[current] ?? '');
            if (statement) await this.#seeEnded(statement, results[0] ?? []);
          }
        }
      }
      const [warning] = this.#connection.warnings;
      // A fix that the server warns of has closed nothing: a REVOKE by somebody who may not revoke is no error to it.
      if (warning !== undefined && unit[0]?.address.kind === 'finding')
        return { ok: false, failed: 0, diagnostic: closedNothing(warning, this.#context.instance, parts[0]?.statement) };
      await this.#verifiers.sent(parts.map(({ statement }) => statement));
      return { ok: true };
    } catch (error) {
      // The first one that completes is BEGIN.
      const at = together && !isUnended(error) ? this.#connection.completed - 1 : current;
      const part = parts[at] ?? parts[0];
      await this.#connection.rows(`ROLLBACK; SET lock_timeout = '${LOCK_TIMEOUT}'`).catch(() => undefined);
      return { ok: false, failed: part?.index ?? 0, diagnostic: trouble(error, this.#context.instance, part?.statement, watch.seen) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
    await this.#verifiers.save();
  }

  readonly #send = async (text: string): Promise<readonly (readonly unknown[][])[]> => await this.#connection.rows(text);

  /** Each once: neighbours say the same. */
  async #noteAll(notes: readonly Note[]): Promise<void> {
    for (const note of new Map(notes.map((one) => [fingerprint(one), one])).values()) await remember(this.#connection, note);
  }

  /** Throws CT3008 where sessions that were told to end are there still. What was noted of them stays. */
  async #seeEnded({ op }: Command, rows: readonly unknown[][]): Promise<void> {
    if (op !== END) return;
    const left = await remaining(this.#connection, rows);
    if (left > 0) throw notEnded(left, this.#context.instance);
  }

  /**
   * Whoever waits for a table makes all wait that come after, so each wait is short, and tried again. It ends before the
   * server looks for deadlocks (deadlock_timeout, 1 s): of two that wait for each other, it is never the app that is ended.
   */
  readonly #withShortLocks = async (text: string): Promise<readonly (readonly unknown[][])[]> => {
    const until = performance.now() + PATIENCE;
    await this.#connection.rows(`SET lock_timeout = ${SHORT}`);
    for (;;) {
      const results = await this.#attempt(text, until);
      if (results) {
        await this.#connection.rows(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
        return results;
      }
      await sleep(SHORT);
    }
  };

  /** null: it had to wait for too long, and may try again. */
  async #attempt(text: string, until: number): Promise<readonly (readonly unknown[][])[] | null> {
    try {
      return await this.#connection.rows(text);
    } catch (error) {
      if (!isBusy(error) || performance.now() > until || this.#context.signal.aborted) throw error;
      await this.#connection.rows('ROLLBACK');
      return null;
    }
  }

  /** Puts a SCRAM verifier where the statement names a secret. The password itself is never sent, but for `:password`. */
  async #resolve(statement: Command): Promise<string> {
    const values = await this.#verifiers.of(statement);
    const setting = statement.op === SET_SECRET ? asSettingPlace(statement.args) : null;
    if (setting) values.set('value', this.#around.settingOf(setting.role, setting.key));
    const password = statement.secrets?.['password'];
    if (password) values.set('password', await this.#context.secrets.ensure(password));
    return fillParameters(statement.text, new Map([...values].map(([name, value]) => [name, literal(value)])));
  }
}
