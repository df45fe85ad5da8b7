import type { ComponentChildren } from 'preact';

/** One block of a step's text. */
export type Block =
  { readonly type: 'paragraph'; readonly text: string } | { readonly type: 'commands'; readonly text: string };

/** The blocks of a step's text: paragraphs, and fenced commands. */
export function blocks(text: string): Block[] {
  const out: Block[] = [];
  text.split(/^```.*$/m).forEach((part, i) => {
    if (i % 2 === 1) out.push({ type: 'commands', text: part.trim() });
    else {
      for (const paragraph of part.split(/\n\s*\n/)) {
        if (paragraph.trim() !== '')
          out.push({ type: 'paragraph', text: paragraph.trim().replaceAll(/\s*\n\s*/g, ' ') });
      }
    }
  });
  return out;
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** `code`, **strong** and [links](/en/) of a paragraph as elements. */
export function inline(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, label, href] = match;
    out.push(text.slice(end, match.index));
    if (code !== undefined) out.push(<code>{code}</code>);
    else if (strong !== undefined) out.push(<strong>{inline(strong)}</strong>);
    else out.push(<a href={href}>{label}</a>);
    end = match.index + whole.length;
  }
  out.push(text.slice(end));
  return out;
}
