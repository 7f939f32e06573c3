import canonicalize from 'canonicalize';

// Its types promise a default export that the module, being CommonJS, is itself.
const serialize = canonicalize as unknown as typeof canonicalize.default;

/** RFC 8785 text: one for equal values. */
export const canonicalJson = (value: unknown): string => serialize(value) ?? '';
