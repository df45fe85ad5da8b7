import {
  CelEnvironment,
  CelSyntaxError,
  EntryMap,
  Failure,
  MapValue,
  STRING,
  type CelValue,
  type Program,
} from '../../api/cel/index.ts';
import { compileDeviceExpression, DEVICE_COST_LIMIT } from '../../api/resource/device-expressions.ts';
import type { Device, SliceDevice } from './pools.ts';

/** An expression that cannot be compiled, or that fails on a device; the message says where. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/** Texts become values of CEL's own types by its own functions. */
const conversions = new CelEnvironment({ variables: { text: STRING } });

function converter(expression: string): (text: string) => CelValue {
  // Compiled when it is first needed: most clusters never claim a device.
  let program: Program | undefined;
  return (text) => {
    const { result } = (program ??= conversions.compile(expression)).evaluate(() => text);
    // The API server lets no such text in; whatever it was, nothing equals it.
    return result instanceof Failure ? null : result;
  };
}

const quantityOf = converter('quantity(text)');
const versionOf = converter('semver(text)');

const EMPTY = new EntryMap([]);

/** Values by domain and name. A domain that a device knows nothing of is empty: a look-up in it is no failure. */
class ByDomain extends MapValue {
  readonly #domains: ReadonlyMap<string, EntryMap>;

  constructor(domains: ReadonlyMap<string, EntryMap>) {
    super();
    this.#domains = domains;
  }

  get size(): number {
    return this.#domains.size;
  }

  find(key: CelValue): CelValue {
    return (typeof key === 'string' ? this.#domains.get(key) : undefined) ?? EMPTY;
  }

  keys(): Iterable<CelValue> {
    return this.#domains.keys();
  }
}

type Attribute = NonNullable<SliceDevice['attributes']>[string];

function attributeValue({ bool, int, string, version }: Attribute): CelValue {
  if (int !== undefined) return BigInt(int);
  return bool ?? string ?? (version === undefined ? null : versionOf(version));
}

/** `domain/name` taken apart; names without a domain are in the driver's. */
function byDomain<T>(
  values: Readonly<Record<string, T>> | undefined,
  driver: string,
  convert: (value: T) => CelValue,
): ByDomain {
  const domains = new Map<string, [CelValue, CelValue][]>();
  for (const name in values) {
    const slash = name.indexOf('/');
    const domain = slash < 0 ? driver : name.slice(0, slash);
    const entries = domains.get(domain) ?? [];
    entries.push([name.slice(slash + 1), convert(values[name]!)]);
    domains.set(domain, entries);
  }
  return new ByDomain(new Map([...domains].map(([domain, entries]) => [domain, new EntryMap(entries)])));
}

/** Devices are immutable: what expressions see of them is made once. */
const seen = new WeakMap<SliceDevice, EntryMap>();

function deviceValue({ device, driver }: Device): EntryMap {
  let value = seen.get(device);
  if (!value) {
    value = new EntryMap(
      [
        ['driver', driver],
        ['attributes', byDomain(device.attributes, driver, attributeValue)],
        ['capacity', byDomain(device.capacity, driver, ({ value: amount }) => quantityOf(String(amount)))],
        ['allowMultipleAllocations', device.allowMultipleAllocations ?? false],
      ],
      'kubernetes.DRADevice',
    );
    seen.set(device, value);
  }
  return value;
}

const programs = new Map<string, Program | CelSyntaxError>();
const MAX_PROGRAMS = 200;

function programOf(expression: string): Program | CelSyntaxError {
  let program = programs.get(expression);
  if (!program) {
    try {
      program = compileDeviceExpression(expression);
    } catch (error) {
      if (!(error instanceof CelSyntaxError)) throw error;
      program = error;
    }
    if (programs.size >= MAX_PROGRAMS) programs.clear();
    programs.set(expression, program);
  }
  return program;
}

/** Whether a CEL expression selects a device. `where` names it in errors. Throws SelectorError. */
export function selectsDevice(expression: string, device: Device, where: string): boolean {
  const program = programOf(expression);
  if (program instanceof CelSyntaxError) throw new SelectorError(`${where}: CEL compile error: ${program.message}`);
  const value = deviceValue(device);
  const { result, exceeded } = program.evaluate((name) => (name === 'device' ? value : undefined), DEVICE_COST_LIMIT);
  if (exceeded) throw new SelectorError(`${where}: CEL runtime error: operation cancelled: actual cost limit exceeded`);
  if (result instanceof Failure) throw new SelectorError(`${where}: CEL runtime error: ${result.message}`);
  return result === true;
}
