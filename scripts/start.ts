// `npm start`: builds the site and serves it on PORT (4321 unless said otherwise).
import { resolve } from 'node:path';
import { execute } from './execute.ts';
import { serve } from './serve.ts';

const wanted = Number(process.env['PORT'] ?? 4321);
if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
  console.error(`PORT must be a port number, not "${process.env['PORT']}".`);
  process.exit(2);
}
if ((await execute('astro', ['build'])) !== 0) process.exit(1);
try {
  const { port } = await serve(resolve('dist'), wanted);
  console.log(
    `\nThe handbook is at http://localhost:${port}/en/ (English) and http://localhost:${port}/zh-cn/ (简体中文)`,
  );
} catch (error) {
  console.error(`Cannot listen on port ${wanted}: ${String(error)}. Choose another with PORT=… npm start.`);
  process.exit(1);
}
