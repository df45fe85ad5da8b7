// @ngrok/webernetes is published for bundlers: its relative imports have no file names. Preloaded with --import,
// this completes them, so that Node runs the package as it is.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && context.parentURL?.includes('/@ngrok/webernetes/')) {
      for (const ending of ['.js', '/index.js']) {
        const url = new URL(specifier + ending, context.parentURL);
        if (existsSync(fileURLToPath(url))) return { url: url.href, shortCircuit: true };
      }
    }
    return next(specifier, context);
  },
});
