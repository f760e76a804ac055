import type { AccessPolicy } from '../../access/policy.ts';
import { accessSummary } from '../../access/summary.ts';
import { bold, command, type Inline } from '../../words/inline.ts';
import type { Words } from '../../words/words.ts';
import { whomToAsk } from '../access/accessReply.ts';
import type { Command } from '../command.ts';
import { beginningOf } from '../reply/beginning.ts';
import { type Block, list, paragraph, type Rendered, render } from '../reply/document.ts';

export function renderHelp(
  words: Words,
  commands: readonly Command[],
  policy: AccessPolicy,
  mayManage: boolean,
  prefix: string,
  userId: string,
): Rendered {
  const { help } = words;
  const shown = commands.filter(({ restricted }) => mayManage || !restricted);
  const blocks: Block[] = [
    paragraph(...help.whatIDo(policy.serverName)),
    list(shown.map(({ name }) => helpLine(words, name))),
  ];
  if (mayManage) blocks.push(paragraph(...help.example));
  blocks.push(
    paragraph(...(mayManage ? accessSummary(words, policy) : whomToAsk(words, policy, userId))),
    paragraph(...help.inRooms(prefix)),
  );
  return render(words, ...blocks);
}

export function renderCommandHelp(words: Words, { name }: Command): Rendered {
  const { usage, summary, examples } = words.commands[name];
  const blocks: Block[] = [paragraph(command(usage === '' ? name : `${name} ${usage}`), ` – ${summary}.`)];
  if (examples.length > 0) {
    blocks.push(list(examples.map(({ line, does }): Inline[] => [command(line), ` – ${does}`])));
  }
  return render(words, ...blocks);
}

/** @param word empty: the message was only the bot’s name or prefix */
export function renderUnknownCommand(words: Words, word: string, near: string | undefined): Rendered {
  const { help } = words;
  if (word === '') return render(words, paragraph(...help.showsWhatICanDo));
  const question = near === undefined ? [] : help.didYouMean(near);
  return render(
    words,
    paragraph(help.unknownCommand(shorten(word)), ...question, ' ', ...help.showsWhatICanDo),
  );
}

/**
 * @param userId who invited the bot
 * @param mayManage whether they have access
 * @param hasWidget whether they get the widget
 */
export function renderGreeting(
  words: Words,
  policy: AccessPolicy,
  userId: string,
  mayManage: boolean,
  hasWidget: boolean,
): Rendered {
  const { help } = words;
  const hello = paragraph(...help.hello(policy.serverName));
  // `help` would say it as well, but its answer may be beyond what people without access are answered.
  if (!mayManage)
    return render(words, hello, paragraph(help.mayNot, ' ', ...whomToAsk(words, policy, userId)));
  const blocks: Block[] = [hello, paragraph(...help.firstCommands)];
  if (hasWidget) blocks.push(paragraph(help.widget));
  if (policy.isOpen) blocks.push(paragraph(...accessSummary(words, policy)));
  return render(words, ...blocks);
}

function helpLine({ commands }: Words, name: Command['name']): Inline[] {
  const { usage, summary } = commands[name];
  return [bold(name), usage === '' ? '' : ` ${usage}`, ` – ${summary}`];
}

function shorten(word: string): string {
  return word.length > 40 ? `${beginningOf(word, 40)}…` : word;
}
