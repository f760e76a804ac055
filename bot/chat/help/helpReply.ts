import type { AccessPolicy } from '../../access/policy.ts';
import { narrowingHint } from '../../access/summary.ts';
import { accessLine, whomToAsk } from '../access/accessReply.ts';
import type { Command } from '../command.ts';
import { beginningOf } from '../reply/beginning.ts';
import {
  type Block,
  bold,
  command,
  type Inline,
  list,
  paragraph,
  type Rendered,
  render,
} from '../reply/document.ts';

export function renderHelp(
  commands: readonly Command[],
  policy: AccessPolicy,
  mayManage: boolean,
  prefix: string,
  userId: string,
): Rendered {
  const shown = commands.filter((command) => mayManage || !command.restricted);
  const blocks: Block[] = [
    paragraph(
      'I manage the registration tokens of ',
      bold(policy.serverName),
      ': whoever has one can register there.',
    ),
    list(shown.map(helpLine)),
  ];
  if (mayManage)
    blocks.push(
      paragraph(
        'For example ',
        command('create uses=5 expires=14d'),
        '. More: ',
        command('help create'),
        '.',
      ),
    );
  blocks.push(paragraph(...(mayManage ? accessLine(policy) : whomToAsk(policy, userId))));
  const start: Inline[] = prefix === '' ? [] : ['start with ', command(prefix), ' or '];
  blocks.push(paragraph('In rooms with others, ', ...start, 'mention me.'));
  return render(...blocks);
}

export function renderCommandHelp(it: Command): Rendered {
  const blocks: Block[] = [paragraph(command(usageOf(it)), ` – ${it.summary}.`)];
  if (it.examples.length > 0) {
    blocks.push(list(it.examples.map(({ line, does }): Inline[] => [command(line), ` – ${does}`])));
  }
  return render(...blocks);
}

/** @param word empty: the message was only the bot’s name or prefix */
export function renderUnknownCommand(word: string, near: string | undefined): Rendered {
  if (word === '') return render(paragraph(command('help'), ' shows what I can do.'));
  const question: Inline[] = near === undefined ? [] : [' Did you mean ', command(near), '?'];
  return render(
    paragraph(`I don’t know “${shorten(word)}”.`, ...question, ' ', command('help'), ' shows what I can do.'),
  );
}

/**
 * @param mayManage whether the person who invited the bot has access
 * @param hasWidget whether they get the widget
 */
export function renderGreeting(policy: AccessPolicy, mayManage: boolean, hasWidget: boolean): Rendered {
  const blocks: Block[] = [
    paragraph('Hello! I manage the registration tokens of ', bold(policy.serverName), '.'),
  ];
  if (mayManage) {
    blocks.push(
      paragraph(
        'Write ',
        command('create'),
        ' for a token to hand to somebody, ',
        command('list'),
        ' to see them all, ',
        command('help'),
        ' for the rest.',
      ),
    );
    if (hasWidget) {
      blocks.push(
        paragraph(
          'There is also a widget with buttons and forms for all of that. Your client asks twice before it works: whether to load it, because a bot added it, and whether to tell it who you are, because only people who may manage tokens get in.',
        ),
      );
    }
    if (narrowingHint(policy) !== undefined) blocks.push(paragraph(...accessLine(policy)));
  } else {
    blocks.push(paragraph('You may not manage them; ', command('help'), ' says whom to ask.'));
  }
  return render(...blocks);
}

function helpLine(it: Command): Inline[] {
  return [bold(it.name), it.usage === '' ? '' : ` ${it.usage}`, ` – ${it.summary}`];
}

function usageOf({ name, usage }: Command): string {
  return usage === '' ? name : `${name} ${usage}`;
}

function shorten(word: string): string {
  return word.length > 40 ? `${beginningOf(word, 40)}…` : word;
}
