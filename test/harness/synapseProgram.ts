// What the ways to install Synapse share.

/** How to run a Python that has Synapse: `command ...args script.py`. */
export interface SynapseProgram {
  kind: 'program';
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** Called with a line for each step that takes long. */
export type OnProgress = (line: string) => void;
