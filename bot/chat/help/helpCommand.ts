import type { Command } from '../command.ts';
import { nearest } from '../grammar.ts';
import { renderCommandHelp, renderHelp, renderUnknownCommand } from './helpReply.ts';

/** Takes a function, because the list of commands contains `help` itself. */
export function helpFor(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    restricted: false,
    async run([topic], { access, actor, prefix, words }) {
      const mayManage = access.isAllowed(actor.userId);
      if (topic === undefined)
        return renderHelp(words, commands(), access.policy, mayManage, prefix, actor.userId);
      const name = topic.toLowerCase().replace(/^[`"']|[`"']$/g, '');
      const command = commands().find((candidate) => candidate.name === name);
      if (command !== undefined) return renderCommandHelp(words, command);
      return renderUnknownCommand(
        words,
        topic,
        nearest(
          name,
          commands().map((candidate) => candidate.name),
        ),
      );
    },
  };
}
