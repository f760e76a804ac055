/** Who asks for something, and by which way. */
export interface Actor {
  readonly userId: string;
  readonly via: 'chat' | 'widget' | 'cli';
}

declare const checked: unique symbol;

/**
 * An actor who may manage registration tokens. `AccessControl.require()` makes them, once a request; every use case takes
 * one, so that the compiler refuses a call whose access nobody has checked.
 */
export type Manager = Actor & { readonly [checked]: true };
