/** One number of the report; `ratio` says how many times better ours is than the peer's. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: number;
  readonly peerName?: string;
  readonly ratio?: number;
}

/** What a benchmark found, with remarks to print under the table. */
export interface Findings {
  readonly results: readonly Result[];
  readonly remarks?: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  run(): Promise<Findings>;
}
