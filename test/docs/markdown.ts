// As much of Markdown as the docs use: headings, links and tables, outside of code.
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The text without blocks of code, in which `#` and `|` mean something else. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');
}

export function tablesIn(markdown: string): Table[] {
  const blocks = withoutCode(markdown).match(/^\|.*(?:\n\|.*)*/gm) ?? [];
  return blocks.map((block) => {
    const [header = [], , ...rows] = block.split('\n').map(cellsOf);
    return { header, rows };
  });
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\| */, '')
    .replace(/ *\|$/, '')
    .split(/ *(?<!\\)\| */)
    .map((cell) => cell.replaceAll('\\|', '|'));
}

/** The anchors of its headings, as GitHub makes them. */
export function anchorsIn(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCode(markdown).matchAll(/^#{1,6} +(.*)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The targets of its links and pictures, without those of other sites. */
export function linksIn(markdown: string): string[] {
  const text = withoutCode(markdown).replaceAll(/`[^`\n]*`/g, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}
