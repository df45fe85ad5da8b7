import { expect, test } from 'vitest';
import { blocks } from '../../src/components/lab/steps/step-text.tsx';

test('paragraphs and fenced commands', () => {
  expect(blocks('One\ntwo.\n\nThree:\n\n```sh\nkubectl get pods\nls\n```\n\nFour')).toEqual([
    { type: 'paragraph', text: 'One two.' },
    { type: 'paragraph', text: 'Three:' },
    { type: 'commands', text: 'kubectl get pods\nls' },
    { type: 'paragraph', text: 'Four' },
  ]);
});

test('lines of Chinese are joined without a space, Latin words keep theirs', () => {
  expect(blocks('写入一个对象：Deployment。\n你看\n到的\nDeployment 控制器')).toEqual([
    { type: 'paragraph', text: '写入一个对象：Deployment。你看到的 Deployment 控制器' },
  ]);
});
