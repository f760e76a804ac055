// How clients show a widget, as seen in Element Web 1.11.88 and Sable 1.18.3.

export interface Host {
  /** Whether the person is asked before the widget loads, and each time that it wants to know who they are. */
  asks: boolean;
  /** Whether the widget is behind a button, in a drawer. */
  inDrawer: boolean;
}

export const HOSTS = {
  /** Asks as Element does; where the widget is can be chosen, and it has more room than there. */
  demo: { asks: true, inDrawer: false },
  /** At the top of the room, 300 px high and at most 900 px wide. Modal questions over the whole client. */
  element: { asks: true, inDrawer: false },
  /** In a drawer at the side, 360 px wide. Grants identity and capabilities at once. */
  sable: { asks: false, inDrawer: true },
} as const satisfies Record<string, Host>;
export type HostName = keyof typeof HOSTS;

export function hostNamed(name: string): HostName {
  return name in HOSTS ? (name as HostName) : 'demo';
}
