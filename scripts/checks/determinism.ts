// No wall clock and no global randomness on floors 1 to 8: the same seed and inputs must give the same history.
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const FLOORS =
  'kernel,api,etcd,apiserver,client,controllers,scheduler,kubelet,network,storage,addons,cluster,kubectl,server';
/** Where wall time meets virtual time: the driver, and the server whose cluster starts at the present. */
const ALLOWED: ReadonlySet<string> = new Set(['src/kernel/real-time-driver.ts', 'src/server/cluster-server.ts']);

const BANNED_CALLS: ReadonlySet<string> = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'requestAnimationFrame',
  'queueMicrotask',
]);
const BANNED_MEMBERS: Readonly<Record<string, readonly string[] | 'all'>> = {
  Date: ['now'],
  Math: ['random'],
  performance: 'all',
  crypto: ['randomUUID', 'getRandomValues'],
  process: ['hrtime', 'uptime', 'nextTick'],
};

function violation(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const members = BANNED_MEMBERS[node.expression.text];
    if (members === 'all' || members?.includes(node.name.text)) return `${node.expression.text}.${node.name.text}`;
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    if (BANNED_CALLS.has(node.expression.text)) return `${node.expression.text}()`;
    if (node.expression.text === 'Date') return 'Date()';
  }
  const isDate = ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Date';
  return isDate && !node.arguments?.length ? 'new Date() without an argument' : undefined;
}

let count = 0;
for (const file of globSync(`src/{${FLOORS}}/**/*.ts`)) {
  if (ALLOWED.has(file)) continue;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const found = violation(node);
    if (found) {
      count++;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      console.error(
        `${file}:${line + 1}: ${found} is real time or chance; use the kernel's clock, timers and random streams.`,
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}
if (count > 0) process.exit(1);
