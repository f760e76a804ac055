// Questions at a terminal.
import { cancel, confirm, isCancel, log, password, select, text } from '@clack/prompts';
import { Cancelled } from './cancelled.ts';

export interface Dialog {
  /** Something was found out or done. */
  good(words: string): void;
  bad(words: string): void;
  /** @param check what is wrong with an answer, as a sentence */
  text(message: string, options?: TextOptions): Promise<string>;
  /** Is not shown. */
  secret(message: string): Promise<string>;
  choose<T extends string>(message: string, options: readonly Choice<T>[]): Promise<T>;
  confirm(message: string): Promise<boolean>;
}

export interface TextOptions {
  readonly initial?: string | undefined;
  readonly placeholder?: string;
  readonly check?: (answer: string) => string | undefined;
}

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

export const terminalDialog: Dialog = {
  good: (words) => log.success(words),
  bad: (words) => log.error(words),
  text: async (message, { initial, placeholder, check } = {}) =>
    answered(
      await text({
        message,
        ...(initial === undefined ? {} : { initialValue: initial }),
        ...(placeholder === undefined ? {} : { placeholder }),
        validate: (value) => check?.((value ?? '').trim()),
      }),
    ).trim(),
  secret: async (message) =>
    answered(await password({ message, validate: (value) => (value ? undefined : 'It is empty.') })),
  choose: async <T extends string>(message: string, options: readonly Choice<T>[]) =>
    // Its type distributes over each word of T, which it can't while T is open.
    answered(await select<string>({ message, options: [...options] })) as T,
  confirm: async (message) => answered(await confirm({ message })),
};

function answered<T>(answer: T): Exclude<T, symbol> {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  cancel('Cancelled.');
  throw new Cancelled();
}
