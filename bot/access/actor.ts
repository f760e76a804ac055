/** Who makes a request, and how. */
export interface Actor {
  readonly userId: string;
  readonly via: 'chat' | 'widget' | 'cli';
}

declare const checked: unique symbol;

/**
 * An actor who may manage registration tokens. Only `AccessControl.require()` returns one; every use case takes one, so a
 * call without an access check does not compile.
 */
export type Manager = Actor & { readonly [checked]: true };
