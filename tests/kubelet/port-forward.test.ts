import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRequest, replyBytes } from '../../src/kubelet/port-forward.ts';

describe('requests in a stream of bytes', () => {
  test('are read when they are whole', () => {
    const text = 'POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n';
    for (let end = 0; end < text.indexOf('abc') + 3; end++) expect(parseRequest(text.slice(0, end))).toBeUndefined();
    const first = parseRequest(text)!;
    expect(first.message).toMatchObject({ method: 'POST', path: '/a?b=c', body: 'abc', headers: { host: 'x' } });
    expect(first.last).toBe(false);
    expect(parseRequest(text.slice(first.length))).toMatchObject({ message: { method: 'GET', path: '/' }, last: true });
  });

  test('may have bodies in chunks', () => {
    const head = 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(parseRequest(`${head}3\r\nabc\r\n2\r\nde\r\n`)).toBeUndefined();
    const whole = `${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`;
    expect(parseRequest(whole)).toMatchObject({ message: { body: 'abcde' }, length: whole.length });
  });

  test('never are read out of nonsense', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseRequest(text)));
  });
});

test('answers say how long they are, in bytes', () => {
  const bytes = replyBytes({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'h\u00e9' }, 'GET', true);
  expect(new TextDecoder().decode(bytes)).toBe(
    'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\nconnection: close\r\n\r\nh\u00e9',
  );
  expect(new TextDecoder().decode(replyBytes({ status: 404, headers: {}, body: 'x' }, 'HEAD', false))).toMatch(
    /\r\n\r\n$/,
  );
});
