import type { Diagnostic, Foreign, Loss, Plan, Relaxation, Command, SecretRef, Step } from '../model/index.ts';
import type { PlanReport } from './types.ts';
import { byKey } from '../util/text-order.ts';

/** A plan as one JSON document. Keys always stand in the same order: same plan, same bytes. Ends with a line end. */
export function planJson(report: PlanReport): string {
  return document({ ...planValue(report.plan), ...surroundings(report) });
}

/** The file that `plan --out` writes: the plan under a header that says what the file is. */
export function savedPlanJson(plan: Plan): string {
  return document({ cotenant: 'plan', ...planValue(plan) });
}

export function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function planValue(plan: Plan): Plan {
  return {
    format: plan.format,
    ...(plan.app === undefined ? {} : { app: plan.app }),
    manifestHash: plan.manifestHash,
    ...(plan.day === undefined ? {} : { day: plan.day }),
    observed: sorted(plan.observed),
    steps: plan.steps.map(stepValue),
    diagnostics: plan.diagnostics.map(diagnosticValue),
    unreached: plan.unreached,
  };
}

function surroundings(report: PlanReport): { relaxations: readonly Relaxation[]; foreign: readonly Foreign[] } {
  return {
    relaxations: report.relaxations.map(({ app, instance, name, opens }) => ({ app, instance, name, opens })),
    foreign: report.foreign.map(({ address, note }) => ({ address: addressValue(address), ...(note === undefined ? {} : { note }) })),
  };
}

function addressValue({ engine, instance, kind, name }: Step['address']): Step['address'] {
  return { engine, instance, kind, name };
}

function stepValue(step: Step): Step {
  return {
    id: step.id,
    address: addressValue(step.address),
    app: step.app,
    action: step.action,
    cause: step.cause,
    title: step.title,
    facts: sorted(step.facts),
    fields: step.fields.map(({ field, from, to }) => ({ field, from, to })),
    commands: step.commands.map(commandValue),
    reverse: step.reverse === null ? null : step.reverse.map(commandValue),
    risk: step.risk,
    ...(step.confirm === undefined ? {} : { confirm: step.confirm }),
    ...(step.losses === undefined ? {} : { losses: step.losses.map(lossValue) }),
    ...(step.makes === undefined ? {} : { makes: step.makes }),
    ...(step.takes === undefined ? {} : { takes: step.takes }),
    needs: step.needs,
    lane: step.lane,
    unit: step.unit,
  };
}

export function lossValue({ who, of, what, sessions, keep, confirm }: Loss): Loss {
  return { who, of, what, sessions, keep, ...(confirm === undefined ? {} : { confirm }) };
}

function commandValue({ op, text, args, secrets }: Command): Command {
  return {
    ...(op === undefined ? {} : { op }),
    text,
    ...(args === undefined ? {} : { args }),
    ...(secrets === undefined ? {} : { secrets: sorted<SecretRef>(secrets) }),
  };
}

/** A diagnostic with its keys in one order and without those that are not set. */
export function diagnosticValue(d: Diagnostic): Diagnostic {
  return {
    code: d.code,
    severity: d.severity,
    message: d.message,
    ...(d.expected === undefined ? {} : { expected: d.expected }),
    ...(d.hint === undefined ? {} : { hint: d.hint }),
    ...(d.instance === undefined ? {} : { instance: d.instance }),
    ...(d.waits === undefined ? {} : { waits: d.waits }),
    ...(d.path === undefined ? {} : { path: d.path }),
    ...(d.location === undefined ? {} : { location: d.location }),
  };
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(byKey));
}
