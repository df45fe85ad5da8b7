import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intValue, milliValue, parseQuantity, QuantityError } from '../../src/api/quantity.ts';

describe('quantities', () => {
  it.each([
    ['1000m', '1'],
    ['1.5', '1500m'],
    ['0.1', '100m'],
    ['2500m', '2500m'],
    ['1k', '1k'],
    ['1000', '1k'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1048576Ki', '1Gi'],
    ['1.1Gi', '1181116006400m'],
    ['1000M', '1G'],
    ['1024', '1024'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['0', '0'],
    ['0Mi', '0'],
    ['512', '512'],
    ['0.5Gi', '512Mi'],
    ['-1', '-1'],
    ['-1.5Gi', '-1536Mi'],
    // The real one keeps these as they are written.
    ['+1', '+1'],
    ['0100m', '0100m'],
    ['001Gi', '001Gi'],
  ])('%s is written %s', (text, canonical) => {
    expect(parseQuantity(text).toString()).toBe(canonical);
  });

  it('rounds up to thousandths where resource lists do', () => {
    expect(parseQuantity('0.0005').roundedToMilli().toString()).toBe('1m');
    expect(parseQuantity('100.5m').roundedToMilli().toString()).toBe('101m');
  });

  it.each(['', 'one', '1GiB', '512MB', '1 Gi', '1e3m', '1Zi', '--1', '.'])('refuses %j', (text) => {
    expect(() => parseQuantity(text)).toThrow(QuantityError);
  });

  it('gives numbers for hot paths', () => {
    expect(milliValue('1.5')).toBe(1500);
    expect(milliValue('1u')).toBe(1);
    expect(intValue('64Mi')).toBe(64 * 1024 * 1024);
    expect(intValue('1500m')).toBe(2);
    expect(milliValue(undefined)).toBe(0);
  });

  const quantity = fc
    .tuple(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi'),
    )
    .map(([value, suffix]) => `${value}${suffix}`);

  it('what is written parses to the same amount, and is then written the same', () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const parsed = parseQuantity(text);
        const again = parseQuantity(parsed.toString());
        expect(again.compare(parsed)).toBe(0);
        expect(again.toString()).toBe(parsed.toString());
      }),
    );
  });

  it('adds and subtracts exactly', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        const [x, y] = [parseQuantity(a), parseQuantity(b)];
        expect(x.add(y).sub(y).compare(x)).toBe(0);
        expect(x.add(y).compare(y.add(x))).toBe(0);
        expect(Math.sign(x.compare(y)) + Math.sign(y.compare(x))).toBe(0);
      }),
    );
  });
});
