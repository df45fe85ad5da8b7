/** Numbers of a node that filters and scores read for every Pod. */
const COLUMNS = [
  'allocatableMilliCpu',
  'allocatableMemory',
  'allocatableEphemeralStorage',
  'allocatablePods',
  'requestedMilliCpu',
  'requestedMemory',
  'requestedEphemeralStorage',
  'nonZeroMilliCpu',
  'nonZeroMemory',
  'pods',
] as const;

type Column = (typeof COLUMNS)[number];

/**
 * The resources of all nodes, one typed array per number and one row per node: a cycle that looks at
 * thousands of nodes walks through memory instead of chasing objects.
 */
export class NodeColumns implements Record<Column, Float64Array> {
  allocatableMilliCpu = new Float64Array(16);
  allocatableMemory = new Float64Array(16);
  allocatableEphemeralStorage = new Float64Array(16);
  allocatablePods = new Float64Array(16);
  requestedMilliCpu = new Float64Array(16);
  requestedMemory = new Float64Array(16);
  requestedEphemeralStorage = new Float64Array(16);
  nonZeroMilliCpu = new Float64Array(16);
  nonZeroMemory = new Float64Array(16);
  pods = new Float64Array(16);
  /** Grows with every change of a row, and is never the same twice. */
  versions = new Uint32Array(16);
  #version = 0;
  readonly #free: number[] = [];
  #rows = 0;

  /** A row of zeros. Arrays may be replaced by longer ones: read them from here each time. */
  allocate(): number {
    const row = this.#free.pop() ?? this.#rows++;
    const { length } = this.pods;
    for (const column of COLUMNS) {
      if (row >= length) {
        const longer = new Float64Array(length * 2);
        longer.set(this[column]);
        this[column] = longer;
      }
      this[column][row] = 0;
    }
    if (row >= length) {
      const longer = new Uint32Array(length * 2);
      longer.set(this.versions);
      this.versions = longer;
    }
    this.touch(row);
    return row;
  }

  /** Says that a number of the row has changed. */
  touch(row: number): void {
    this.versions[row] = ++this.#version;
  }

  release(row: number): void {
    this.#free.push(row);
  }
}
