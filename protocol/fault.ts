/** A broken promise: a code for programs and metrics, and the values that explain it. */
export class Fault<C extends string = string, D extends object = object> extends Error {
  readonly code: C;
  readonly data: D;
  constructor(code: C, data: D, cause?: unknown) {
    super(code, { cause });
    this.name = 'Fault';
    this.code = code;
    this.data = data;
  }
}

/** Each module declares how it can fail; the code is also the metric label. */
export const faults =
  <M extends Record<string, object>>() =>
  <C extends keyof M & string>(code: C, data: M[C], cause?: unknown) =>
    new Fault(code, data, cause);
