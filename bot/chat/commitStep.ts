import type * as z from 'zod/mini';

/** Like `Step`, for changes of the bot's own state: the change and its outcome are stored in one transaction. */
export type CommitStep = <S extends z.ZodMiniType>(
  name: string,
  schema: S,
  change: () => z.output<S>,
) => z.output<S>;
