import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';

/** `style-src` cannot be strict: the highlighted code of the chapters and the editor both set style attributes. */
const DIRECTIVES: readonly string[] = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** CSP hashes of the scripts that stand in a page itself. */
function inlineScriptHashes(html: string): string[] {
  const hashes = new Set<string>();
  for (const [, attributes, code] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
    if (/\bsrc=/.test(attributes!) || /type="application\/(ld\+)?json"/.test(attributes!) || !code) continue;
    hashes.add(`'sha256-${createHash('sha256').update(code).digest('base64')}'`);
  }
  return [...hashes].sort();
}

/**
 * Writes a content security policy into every built page: scripts only from this origin, or inline with a hash of
 * that page. Astro's own `security.csp` does not know Starlight's inline scripts and blocks them.
 */
export function csp(): AstroIntegration {
  return {
    name: 'csp',
    hooks: {
      'astro:build:done': ({ dir }) => {
        const root = fileURLToPath(dir);
        for (const file of globSync('**/*.html', { cwd: root })) {
          const html = readFileSync(root + file, 'utf8');
          const scripts = ["script-src 'self' 'wasm-unsafe-eval'", ...inlineScriptHashes(html)].join(' ');
          const policy = [...DIRECTIVES, scripts].join('; ');
          const meta = `<meta http-equiv="content-security-policy" content="${policy}">`;
          writeFileSync(root + file, html.replace(/<head>/, `<head>${meta}`));
        }
      },
    },
  };
}
