import type { ComponentChildren } from 'preact';

/** One block of a step's text. */
export type Block =
  { readonly type: 'paragraph'; readonly text: string } | { readonly type: 'commands'; readonly text: string };

const BREAK = String.raw`\s*\n\s*`;
const HAN = String.raw`[\u3400-\u9fff]`;
const STOP = String.raw`[\u3000-\u303f\uff00-\uffef]`;

/** Line ends between Chinese characters, or at full-width punctuation, which stand for nothing. */
const NO_SPACE = new RegExp(`(?<=${HAN})${BREAK}(?=${HAN})|(?<=${STOP})${BREAK}|${BREAK}(?=${STOP})`, 'g');

/** The lines of a paragraph as one. */
const oneLine = (text: string): string => text.replaceAll(NO_SPACE, '').replaceAll(/\s*\n\s*/g, ' ');

/** The blocks of a step's text: paragraphs, and fenced commands. */
export function blocks(text: string): Block[] {
  const out: Block[] = [];
  text.split(/^```.*$/m).forEach((part, i) => {
    if (i % 2 === 1) out.push({ type: 'commands', text: part.trim() });
    else {
      for (const paragraph of part.split(/\n\s*\n/)) {
        if (paragraph.trim() !== '') out.push({ type: 'paragraph', text: oneLine(paragraph.trim()) });
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
