import type * as z from 'zod/mini';

/** Like `Step`, for changes of the bot's own state: they are made in one transaction with their outcome. */
export type CommitStep = <S extends z.ZodMiniType>(
  name: string,
  schema: S,
  change: () => z.output<S>,
) => z.output<S>;
