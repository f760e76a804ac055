export function missingNode(facts: { version: string; brought: boolean; system: string }): string | undefined;
