/** What reading foreign bytes gives: the value, or the code of the first thing wrong with them. */
export type Decoded<T, C extends string> =
  | Readonly<{ ok: true; value: T }>
  | Readonly<{ ok: false; code: C }>;

/** The bytes were what they should be. */
export const accepted = <T>(value: T) => ({ ok: true, value }) as const;

/** The bytes were refused. */
export const refused = <C extends string>(code: C) => ({ ok: false, code }) as const;
