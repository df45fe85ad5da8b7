/** `break`, `continue`, `return` and `exit` on their way out of a script. */
export class Leave {
  readonly kind: 'break' | 'continue' | 'return' | 'exit';
  /** Loops still to leave, or the exit code. */
  value: number;

  constructor(kind: Leave['kind'], value: number) {
    this.kind = kind;
    this.value = value;
  }
}
