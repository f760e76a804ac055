/** Who asks for something, and by which way. */
export interface Actor {
  readonly userId: string;
  readonly via: 'chat' | 'widget' | 'cli';
}
