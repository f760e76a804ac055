// What an expression can say: its fixed words, with … for what only shows when the bot runs.
import {
  calleeName,
  child,
  children,
  enclosing,
  functionName,
  isFunction,
  nameOf,
  returnsOf,
  type SourceFile,
  type SyntaxNode,
} from './syntax.ts';

/** Can't be told from the source file alone. */
export class Unclear {
  readonly node: SyntaxNode;
  constructor(node: SyntaxNode) {
    this.node = node;
  }
}

export interface TextOptions {
  readonly file: SourceFile;
  /** Whether the texts handed to this parameter of a function are looked at where the function is called. */
  readonly isSeenAtCalls: (func: string, parameter: number) => boolean;
  /** Expressions that hold a message which is looked at where it is made. */
  readonly isMadeElsewhere: (expression: string) => boolean;
}

/** All texts that the expression may stand for. */
export function textsOf(node: SyntaxNode, options: TextOptions): (string | Unclear)[] {
  const { file, isMadeElsewhere } = options;
  return read(node, options).filter(
    (found) =>
      !(found instanceof Unclear) || !isMadeElsewhere(file.text.slice(found.node.start, found.node.end)),
  );
}

function read(node: SyntaxNode, options: TextOptions): (string | Unclear)[] {
  const again = (inner: SyntaxNode | undefined) => (inner === undefined ? [] : textsOf(inner, options));
  const { file } = options;
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : [];
    case 'TemplateLiteral':
      return [templateText(node)];
    case 'ConditionalExpression':
      return [...again(child(node, 'consequent')), ...again(child(node, 'alternate'))];
    case 'LogicalExpression':
      return [...again(child(node, 'left')), ...again(child(node, 'right'))];
    case 'BinaryExpression':
      return joined(again(child(node, 'left')), again(child(node, 'right')));
    case 'AwaitExpression':
      return again(child(node, 'argument'));
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
      return again(child(node, 'expression'));
    case 'Identifier':
      return identifierTexts(node, options);
    case 'CallExpression': {
      const func = declaration(file, node, calleeName(node) ?? '');
      return func !== undefined && isFunction(func)
        ? returnsOf(file, func).flatMap(again)
        : [new Unclear(node)];
    }
    default:
      return [new Unclear(node)];
  }
}

function templateText(node: SyntaxNode): string {
  return children(node, 'quasis')
    .map(({ value }) => (value as { cooked: string }).cooked)
    .join('…');
}

/** Every text of the one before every text of the other. */
function joined(left: (string | Unclear)[], right: (string | Unclear)[]): string[] {
  const words = (texts: (string | Unclear)[]) =>
    texts.length === 0 ? ['…'] : texts.map((text) => (text instanceof Unclear ? '…' : text));
  return words(left).flatMap((before) => words(right).map((after) => before + after));
}

function identifierTexts(node: SyntaxNode, options: TextOptions): (string | Unclear)[] {
  const { file, isSeenAtCalls } = options;
  const name = nameOf(node) ?? '';
  if (name === 'undefined') return [];
  const found = declaration(file, node, name);
  if (found !== undefined) return textsOf(found, options);
  const func = enclosing(file, node, (at) => isFunction(at) && parameterOf(at, name) >= 0);
  const isSeen = func !== undefined && isSeenAtCalls(functionName(file, func) ?? '', parameterOf(func, name));
  return isSeen ? [] : [new Unclear(node)];
}

function parameterOf(func: SyntaxNode, name: string): number {
  return children(func, 'params').findIndex(
    (parameter) =>
      nameOf(parameter.type === 'AssignmentPattern' ? child(parameter, 'left') : parameter) === name,
  );
}

/** What a name was declared as around a node: the value of a constant, or a function. */
function declaration(file: SourceFile, node: SyntaxNode, name: string): SyntaxNode | undefined {
  for (let at = file.parents.get(node); at !== undefined; at = file.parents.get(at)) {
    if (isFunction(at) && parameterOf(at, name) >= 0) return undefined;
    for (const statement of children(at, 'body')) {
      const declared =
        statement.type === 'ExportNamedDeclaration' ? child(statement, 'declaration') : statement;
      if (declared === undefined) continue;
      if (isFunction(declared) && nameOf(child(declared, 'id')) === name) return declared;
      for (const declarator of children(declared, 'declarations')) {
        if (nameOf(child(declarator, 'id')) === name) return child(declarator, 'init');
      }
    }
  }
  return undefined;
}
