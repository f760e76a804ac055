// Idempotency of commands: the value of each step is stored with the inbox item (column `plan`). A command that runs
// again after a crash gets the stored values instead of new ones.
import { asObject } from '../../matrix/json.ts';
import type { InboxItem } from '../../store/inbox.ts';
import type { Store } from '../../store/store.ts';
import type { Step } from '../../tokens/request.ts';
import type { CommitStep } from '../commitStep.ts';

export interface Steps {
  readonly step: Step;
  readonly commitStep: CommitStep;
}

export function stepsOf(item: InboxItem, store: Pick<Store, 'inbox' | 'transaction'>): Steps {
  const keep = (name: string, value: unknown) => {
    const plan = { steps: { ...stepsIn(item.plan), [name]: value } };
    store.inbox.setPlan(item.id, plan);
    return plan;
  };
  return {
    async step(name, schema, choose) {
      const kept = keptStep(item.plan, name);
      if (kept !== undefined) return schema.parse(kept.value);
      const value = await choose();
      item.plan = keep(name, value);
      return value;
    },
    commitStep(name, schema, change) {
      const kept = keptStep(item.plan, name);
      if (kept !== undefined) return schema.parse(kept.value);
      const [value, plan] = store.transaction(() => {
        const outcome = change();
        return [outcome, keep(name, outcome)] as const;
      });
      item.plan = plan;
      return value;
    },
  };
}

function keptStep(plan: unknown, name: string): { value: unknown } | undefined {
  const steps = stepsIn(plan);
  if (steps !== undefined) return Object.hasOwn(steps, name) ? { value: steps[name] } : undefined;
  return plan === undefined ? undefined : { value: unnamedStep(plan) };
}

function stepsIn(plan: unknown): Record<string, unknown> | undefined {
  const { steps } = asObject(plan);
  return steps === undefined ? undefined : asObject(steps);
}

/** Version 0.1 stored a command's only step without a name, and changes of the bot's own state as `{ outcome }`. */
function unnamedStep(plan: unknown): unknown {
  const object = asObject(plan);
  return Object.hasOwn(object, 'outcome') ? object.outcome : plan;
}
