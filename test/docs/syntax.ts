// The syntax tree of a source file, as much of it as the messages need.
import { parseSync } from 'vite';

/** A node of the tree as ESTree has it (https://github.com/estree/estree); what a kind of node has beside is read by name. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly root: SyntaxNode;
  readonly parents: ReadonlyMap<SyntaxNode, SyntaxNode>;
}

/** @throws Error if the file is no valid TypeScript */
export function parse(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const root = program as unknown as SyntaxNode;
  const parents = new Map<SyntaxNode, SyntaxNode>();
  for (const node of walk(root)) for (const child of childrenOf(node)) parents.set(child, node);
  return { path, text, root, parents };
}

export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const child of childrenOf(node)) yield* walk(child);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** The node that a property holds; undefined: none. */
export function child(node: SyntaxNode, property: string): SyntaxNode | undefined {
  const value = node[property];
  return isNode(value) ? value : undefined;
}

/** The nodes of a property that holds a list. */
export function children(node: SyntaxNode, property: string): SyntaxNode[] {
  const value = node[property];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name that an identifier, a private name or a string key stands for. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === 'PrivateIdentifier') return `#${String(node.name)}`;
  if (typeof node.name === 'string') return node.name;
  return typeof node.value === 'string' ? node.value : undefined;
}

/** What is called, by its last name: `invalidInput`, `#refuse`, `warn`. */
export function calleeName(call: SyntaxNode): string | undefined {
  const callee = child(call, 'callee');
  if (callee?.type === 'MemberExpression') return nameOf(child(callee, 'property'));
  return callee?.type === 'Super' ? 'super' : nameOf(callee);
}

export function isFunction({ type }: SyntaxNode): boolean {
  return /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type);
}

/** The name under which a function is called; that of its class for a constructor. */
export function functionName(file: SourceFile, func: SyntaxNode): string | undefined {
  const own = nameOf(child(func, 'id'));
  if (own !== undefined) return own;
  const parent = file.parents.get(func);
  if (parent?.type === 'VariableDeclarator') return nameOf(child(parent, 'id'));
  if (parent?.type !== 'MethodDefinition') return undefined;
  const name = nameOf(child(parent, 'key'));
  return name === 'constructor' ? className(file, parent) : name;
}

/** The name of the class that a node stands in. */
export function className(file: SourceFile, node: SyntaxNode): string | undefined {
  const found = enclosing(file, node, ({ type }) => type === 'ClassDeclaration');
  return found === undefined ? undefined : nameOf(child(found, 'id'));
}

export function enclosing(
  file: SourceFile,
  node: SyntaxNode,
  matches: (ancestor: SyntaxNode) => boolean,
): SyntaxNode | undefined {
  for (let at = file.parents.get(node); at !== undefined; at = file.parents.get(at)) {
    if (matches(at)) return at;
  }
  return undefined;
}

/** What a function can return: the expressions of its own `return`s, or of the arrow's body. */
export function returnsOf(file: SourceFile, func: SyntaxNode): SyntaxNode[] {
  const body = child(func, 'body');
  if (body === undefined) return [];
  if (body.type !== 'BlockStatement') return [body];
  return [...walk(body)]
    .filter((node) => node.type === 'ReturnStatement' && enclosing(file, node, isFunction) === func)
    .flatMap((node) => child(node, 'argument') ?? []);
}
