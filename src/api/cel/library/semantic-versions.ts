/** Semantic versions (Kubernetes' cel/library/semverlib.go; semver.org 2.0.0). */
import { global, member, type Library } from '../functions.ts';
import { BOOL, INT, opaqueType, STRING } from '../types.ts';
import { Failure, Opaque, type CelValue, type Result } from '../values.ts';

const NAME = 'kubernetes.Semver';
const SEMVER = opaqueType(NAME);

class Semver extends Opaque {
  readonly typeName = NAME;
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly bigint[], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  equals(other: CelValue): boolean {
    return other instanceof Semver && order(this, other) === 0;
  }
}

const sign = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
const isNumber = (part: string): boolean => /^\d+$/.test(part);

/** Numbers before words; numbers by size, words by letters. */
function orderOfParts(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return sign(BigInt(a), BigInt(b));
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function order(a: Semver, b: Semver): number {
  for (let i = 0; i < 3; i++) {
    const difference = sign(a.numbers[i]!, b.numbers[i]!);
    if (difference !== 0) return difference;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(Number(a.prerelease.length === 0) - Number(b.prerelease.length === 0));
  const length = Math.min(a.prerelease.length, b.prerelease.length);
  for (let i = 0; i < length; i++) {
    const difference = orderOfParts(a.prerelease[i]!, b.prerelease[i]!);
    if (difference !== 0) return difference;
  }
  return Math.sign(a.prerelease.length - b.prerelease.length);
}

function numberError(part: string, which: string): string | undefined {
  if (!isNumber(part)) return `Invalid character(s) found in ${which} number "${part}"`;
  return part.length > 1 && part.startsWith('0')
    ? `${which[0]!.toUpperCase()}${which.slice(1)} number must not contain leading zeroes "${part}"`
    : undefined;
}

function partsError(parts: readonly string[], what: string, zeroes: boolean): string | undefined {
  for (const part of parts) {
    if (part === '') return what === 'build' ? 'Build meta data is empty' : 'Prerelease is empty';
    if (!/^[0-9A-Za-z-]+$/.test(part))
      return what === 'build'
        ? `Invalid character(s) found in build meta data "${part}"`
        : `Invalid character(s) found in prerelease "${part}"`;
    if (!zeroes && isNumber(part) && part.length > 1 && part.startsWith('0'))
      return `Numeric PreRelease version must not contain leading zeroes "${part}"`;
  }
  return undefined;
}

/** As github.com/blang/semver parses. */
function parse(text: string): Result {
  if (text === '') return new Failure('Version string empty');
  const [major = '', minor, ...others] = text.split('.');
  if (minor === undefined || others.length === 0) return new Failure('No Major.Minor.Patch elements found');
  const rest = others.join('.');
  const [withoutBuild = '', ...build] = rest.split('+');
  const [patch = '', ...prerelease] = withoutBuild.split('-');
  const before = prerelease.length > 0 ? prerelease.join('-').split('.') : [];
  const wrong =
    numberError(major, 'major') ??
    numberError(minor, 'minor') ??
    numberError(patch, 'patch') ??
    partsError(before, 'prerelease', false) ??
    partsError(build.length > 0 ? build.join('+').split('.') : [], 'build', true);
  return wrong === undefined ? new Semver([major, minor, patch].map(BigInt), before) : new Failure(wrong);
}

/** Takes away a `v` and leading zeros, and adds the numbers that are missing. */
function parseTolerantly(text: string): Result {
  const [first = '', second, ...others] = text.replace(/^v/, '').split('.');
  const parts = [first, ...(second === undefined ? [] : [second]), ...(others.length > 0 ? [others.join('.')] : [])];
  const plain = parts.map((part) => (part.length > 1 ? part.replace(/^0+(?=\d)/, '').replace(/^0+$/, '0') : part));
  if (plain.length < 3 && /[+-]/.test(plain.at(-1)!))
    return new Failure('short version cannot contain PreRelease/Build meta data');
  while (plain.length < 3) plain.push('0');
  return parse(plain.join('.'));
}

const read = (text: string, tolerantly: boolean): Result => (tolerantly ? parseTolerantly(text) : parse(text));
const part =
  (at: number) =>
  (value: Semver): Result =>
    value.numbers[at]!;

export const semanticVersions: Library = [
  [
    'semver',
    global('string_to_semver', [STRING], SEMVER, parse),
    global('string_bool_to_semver', [STRING, BOOL], SEMVER, read),
  ],
  [
    'isSemver',
    global('is_semver_string', [STRING], BOOL, (text: string) => !(parse(text) instanceof Failure)),
    global(
      'is_semver_string_bool',
      [STRING, BOOL],
      BOOL,
      (text: string, tolerantly: boolean) => !(read(text, tolerantly) instanceof Failure),
    ),
  ],
  [
    'isGreaterThan',
    member('semver_is_greater_than', [SEMVER, SEMVER], BOOL, (a: Semver, b: Semver) => order(a, b) > 0),
  ],
  ['isLessThan', member('semver_is_less_than', [SEMVER, SEMVER], BOOL, (a: Semver, b: Semver) => order(a, b) < 0)],
  ['compareTo', member('semver_compare_to', [SEMVER, SEMVER], INT, (a: Semver, b: Semver) => BigInt(order(a, b)))],
  ['major', member('semver_major', [SEMVER], INT, part(0))],
  ['minor', member('semver_minor', [SEMVER], INT, part(1))],
  ['patch', member('semver_patch', [SEMVER], INT, part(2))],
];
