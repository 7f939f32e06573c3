import { childrenOf, isNode, type Node, spanOf } from './parse.ts';

/** A place that is counted: a statement, which has one way to go, or what has several. */
export type Point = Readonly<{
  kind: 'statement' | 'branch';
  /** First byte, and the one behind the last. */
  at: number;
  end: number;
  arms: readonly string[];
}>;

/** Text to put in before a byte of the source. */
export type Edit = Readonly<{ at: number; text: string }>;

const LIBRARY = 'CoverageMarks';
const EITHER = ['true', 'false'] as const;

/**
 * What is counted in a file, and the edits that make it count itself. Of a point, arm n is mark `base + (number << 8) + n`.
 * Branches are the two ways of each condition of `if`, `?:`, a loop, `require` and `assert` and of the left side of `&&` and
 * `||`, each clause of a `try`, and in assembly those of `if` and `switch`.
 */
export function pointsOf(tree: Node, source: Buffer, base: bigint) {
  const points: Point[] = [];
  const edits: Edit[] = [];
  const put = (at: number, text: string) => edits.push({ at, text });
  const add = (kind: Point['kind'], [at, end]: readonly [number, number], arms: string[]) =>
    base + (BigInt(points.push({ kind, at, end, arms }) - 1) << 8n);
  const textOf = (node: Node) => source.subarray(...spanOf(node)).toString();

  function statement(node: Node): void {
    const mark = add('statement', spanOf(node), ['reached']);
    put(spanOf(node)[0], `${LIBRARY}.ran(${mark}); `);
    if (node.nodeType === 'InlineAssembly') assembly(node);
    else walk(node);
  }

  function condition(node: Node): void {
    const mark = add('branch', spanOf(node), [...EITHER]);
    put(spanOf(node)[0], `${LIBRARY}.went(${mark}, `);
    walk(node);
    put(spanOf(node)[1], ')');
  }

  /** A body without braces is given some. */
  function body(node: Node): void {
    if (node.nodeType === 'Block') return walk(node);
    put(spanOf(node)[0], '{ ');
    statement(node);
    put(endOf(node, source), ' }');
  }

  function walk(node: Node): void {
    for (const child of childrenOf(node)) {
      const role = roleOf(node, child);
      if (role === 'statement') statement(child);
      else if (role === 'condition') condition(child);
      else if (role === 'body') body(child);
      else if (role === 'clause') clause(child);
      else walk(child);
    }
  }

  function clause(node: Node): void {
    const block = node.block as Node;
    const mark = add('branch', spanOf(block), ['taken']);
    put(spanOf(block)[0] + 1, ` ${LIBRARY}.ran(${mark});`);
    walk(block);
  }

  /** Marks of assembly are bits of a variable, told behind it: what leaves before is not seen. */
  function assembly(node: Node): void {
    const arms: string[] = [];
    const number = points.length;
    const seen = `seen${number}_`;
    const note = (arm: string, at: number, shift: (index: number) => string) =>
      put(at, ` ${seen} := or(${seen}, shl(${shift(arms.push(arm) - 1)}, 1)) `);
    const visit = (part: Node): void => {
      if (part.nodeType === 'YulIf') {
        const test = textOf(part.condition as Node);
        note(`if ${test}`, spanOf(part)[0], (index) => `add(${index}, iszero(${test}))`);
        arms.push(`if not ${test}`);
      }
      if (part.nodeType === 'YulCase') {
        const { value } = part;
        const name = isNode(value) ? `case ${textOf(value)}` : 'default';
        note(name, spanOf(part.body as Node)[0] + 1, (index) => `${index}`);
      }
      for (const child of childrenOf(part)) visit(child);
    };
    const [start, end] = spanOf(node);
    const place = edits.length;
    visit(node.AST as Node);
    if (arms.length === 0) return;
    const mark = add('branch', [start, end], arms);
    edits.splice(place, 0, { at: start, text: `uint256 ${seen}; ` });
    put(end, ` ${LIBRARY}.saw(${mark}, ${seen});`);
  }

  const bodies = (node: Node): readonly Node[] =>
    ['FunctionDefinition', 'ModifierDefinition'].includes(node.nodeType)
      ? [node.body].filter(isNode)
      : childrenOf(node).flatMap(bodies);
  for (const node of bodies(tree)) walk(node);
  return { points, edits };
}

function roleOf(parent: Node, child: Node): 'statement' | 'condition' | 'body' | 'clause' | 'part' {
  const is = (...fields: string[]) => fields.some((field) => parent[field] === child);
  switch (parent.nodeType) {
    case 'Block':
    case 'UncheckedBlock':
      return ['Block', 'UncheckedBlock'].includes(child.nodeType) ? 'part' : 'statement';
    case 'IfStatement':
      return is('condition') ? 'condition' : 'body';
    case 'ForStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return is('condition') ? 'condition' : is('body') ? 'body' : 'part';
    case 'Conditional':
      return is('condition') ? 'condition' : 'part';
    case 'BinaryOperation':
      return ['&&', '||'].includes(parent.operator as string) && is('leftExpression')
        ? 'condition'
        : 'part';
    case 'FunctionCall': {
      const called = parent.expression as Node;
      const asks =
        called.nodeType === 'Identifier' && ['require', 'assert'].includes(called.name as string);
      return asks && (parent.arguments as readonly Node[])[0] === child ? 'condition' : 'part';
    }
    case 'TryStatement':
      return child.nodeType === 'TryCatchClause' ? 'clause' : 'part';
    default:
      return 'part';
  }
}

/** Where a statement ends, its semicolon included, which the compiler leaves out. */
function endOf(node: Node, source: Buffer): number {
  const [, end] = spanOf(node);
  return '};'.includes(String.fromCharCode(source[end - 1]!)) ? end : source.indexOf(';', end) + 1;
}
