import type { Hex } from 'viem';
import { depthBuilds } from './solc-builds.ts';

/** Whether a scan takes the code, or the first instruction that it does not take. */
type Allowed = true | Readonly<{ offset: number; opcode: number }>;
type Row = Readonly<{ name: string; code: Hex; allowed: Allowed }>;

/** What each scan says of code. Predicates have 8,192 bytes at most, sentinels 24,576, and neither has none. */
export const codeScan = () => ({
  predicate: [
    ...opcodeRows(PURE),
    ...pushes,
    ...flow.map(({ name, code, strict }) => ({ name, code, allowed: strict })),
    ...built(({ predicate }) => predicate),
  ],
  sentinel: [
    ...opcodeRows(READS),
    ...pushes,
    ...flow.map(({ name, code, allowed }) => ({ name, code, allowed })),
    ...gas,
    ...trailers,
    ...built(() => true),
  ],
});

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const hex = (opcode: number) => opcode.toString(16).padStart(2, '0');
const at = (offset: number, opcode: number): Allowed => ({ offset, opcode });

/** STOP to SIGNEXTEND, comparison and bits, KECCAK256, call value and input, own code, memory, jumps, stack, the ends. */
const PURE: ReadonlySet<number> = new Set([
  ...range(0x00, 0x0b),
  ...range(0x10, 0x1d),
  0x20,
  ...range(0x34, 0x39),
  ...range(0x50, 0x53),
  0x56,
  0x57,
  0x5b,
  0x5e,
  ...range(0x5f, 0x9f),
  0xf3,
  0xfd,
  0xfe,
]);

/** With it: CLZ, own address, balances, other code, time and number, chain id, storage, calls, PC and MSIZE. GAS is apart. */
const READS: ReadonlySet<number> = new Set([
  ...PURE,
  0x1e,
  0x30,
  0x31,
  ...range(0x3b, 0x3f),
  0x42,
  0x43,
  0x46,
  0x47,
  0x54,
  0x58,
  0x59,
  0xf1,
  0xfa,
]);

const opcodeRows = (taken: ReadonlySet<number>): Row[] =>
  range(0, 255).map((opcode) => ({
    name: `opcode ${hex(opcode)} alone`,
    code: `0x${hex(opcode)}`,
    allowed: taken.has(opcode) || at(0, opcode),
  }));

const pushes: readonly Row[] = [
  ...range(1, 32).flatMap((size): Row[] => {
    const push = `${hex(0x5f + size)}${'55'.repeat(size)}` as const;
    return [
      { name: `PUSH${size} of what would be refused`, code: `0x${push}50`, allowed: true },
      { name: `what follows PUSH${size}`, code: `0x${push}55`, allowed: at(size + 1, 0x55) },
    ];
  }),
  { name: 'PUSH0 pushes nothing of the code', code: '0x5f55', allowed: at(1, 0x55) },
  { name: 'a push that the end cuts off', code: '0x5b7f55', allowed: true },
  { name: 'a push with nothing behind it', code: '0x60', allowed: true },
  { name: 'code that delegates', code: `0xef0100${'11'.repeat(20)}`, allowed: at(0, 0xef) },
  { name: 'the first of two', code: '0x5f5532', allowed: at(1, 0x55) },
];

/** Where code cannot run, which only the scan of predicates looks at all the same. */
const flow: readonly (Row & { strict: Allowed })[] = [
  ...[0x00, 0xf3, 0xfd, 0xfe, 0x56].map((stop) => ({
    name: `after ${hex(stop)} nothing runs`,
    code: `0x${hex(stop)}55` as const,
    allowed: true as const,
    strict: at(1, 0x55),
  })),
  {
    name: 'after a stop a JUMPDEST runs',
    code: '0x6003565b005b55',
    allowed: at(6, 0x55),
    strict: at(6, 0x55),
  },
  {
    name: 'a JUMPDEST behind what cannot run',
    code: '0x00553255325b3a',
    allowed: at(6, 0x3a),
    strict: at(1, 0x55),
  },
  {
    name: 'a JUMPDEST that is pushed, where nothing runs, is none',
    code: '0x00605b55',
    allowed: true,
    strict: at(3, 0x55),
  },
  {
    name: 'a JUMPDEST behind a push of a stop and a stop',
    code: '0x6000005b55',
    allowed: at(4, 0x55),
    strict: at(4, 0x55),
  },
  {
    name: 'a stop that is pushed stops nothing',
    code: '0x600055',
    allowed: at(2, 0x55),
    strict: at(2, 0x55),
  },
  { name: 'after JUMPI it goes on', code: '0x5755', allowed: at(1, 0x55), strict: at(1, 0x55) },
];

const gas: readonly Row[] = [
  ...[0xf1, 0xfa].map((call) => ({
    name: `all gas for call ${hex(call)}`,
    code: `0x5a${hex(call)}` as const,
    allowed: true as const,
  })),
  { name: 'gas that is read', code: '0x5a50fa', allowed: at(0, 0x5a) },
  { name: 'gas at the end of the code', code: '0x5bfa5a', allowed: at(2, 0x5a) },
  { name: 'gas for DELEGATECALL', code: '0x5af4', allowed: at(0, 0x5a) },
  { name: 'gas for CALLCODE', code: '0x5af2', allowed: at(0, 0x5a) },
  { name: 'gas for CREATE', code: '0x5af0', allowed: at(0, 0x5a) },
  { name: 'gas that is read twice', code: '0x5a5afa', allowed: at(0, 0x5a) },
  { name: 'gas with a JUMPDEST before the call', code: '0x5a5bfa', allowed: at(0, 0x5a) },
  { name: 'gas behind a push', code: '0x615afa5a50', allowed: at(3, 0x5a) },
  { name: 'gas where nothing runs', code: '0x005a50', allowed: true },
];

const text = (value: string) => Buffer.from(value).toString('hex');
/** A hash in which a JUMPDEST is followed by ORIGIN: only as a trailer's is it not looked at. */
const HASH = `5b32${'11'.repeat(30)}`;
const IPFS = `64${text('ipfs')}58221220${HASH}`;
const SOLC = `64${text('solc')}43000825`;
const EXPERIMENTAL = `6c${text('experimental')}f5`;
const bzzr = (version: 0 | 1) => `65${text(`bzzr${version}`)}5820${HASH}`;
const trailer = (map: string, length = map.length / 2) =>
  `${map}${length.toString(16).padStart(4, '0')}`;
/** Where a map with ipfs first is refused as code, behind `6001fe`: nothing before its hash runs. */
const IN_IPFS = at(14, 0x32);

const trailers: readonly Row[] = [
  ...[
    ['ipfs and solc', `a2${IPFS}${SOLC}`],
    ['bzzr0', `a1${bzzr(0)}`],
    ['bzzr1 and solc', `a2${bzzr(1)}${SOLC}`],
    ['ipfs, experimental and solc', `a3${IPFS}${EXPERIMENTAL}${SOLC}`],
    ['ipfs', `a1${IPFS}`],
    ['solc', `a1${SOLC}`],
    ['experimental and solc', `a2${EXPERIMENTAL}${SOLC}`],
  ].map(
    ([name, map]): Row => ({
      name: `a trailer of ${name}`,
      code: `0x6001fe${trailer(map ?? '')}`,
      allowed: true,
    }),
  ),
  {
    name: 'a trailer behind code that is refused',
    code: `0x600155fe${trailer(`a2${IPFS}${SOLC}`)}`,
    allowed: at(2, 0x55),
  },
  {
    name: 'a trailer behind code that does not stop',
    code: `0x6001${trailer(`a1${SOLC}`)}`,
    allowed: true,
  },
  ...[
    ['with too small a length', trailer(`a2${IPFS}${SOLC}`, 0x32)],
    ['with too large a length', trailer(`a2${IPFS}${SOLC}`, 0x34)],
    ['that counts a key too many', trailer(`a3${IPFS}${SOLC}`)],
    ['that counts a key too few', trailer(`a1${IPFS}${SOLC}`)],
    ['with another key', trailer(`a2${IPFS}64${text('salc')}43000825`)],
    ['with a solc that is no version', trailer(`a2${IPFS}64${text('solc')}4400082500`)],
    ['with keys in another order', trailer(`a2${SOLC}${IPFS}`), 23],
    ['with a key twice', trailer(`a2${IPFS}${IPFS}`)],
    ['with something between', trailer(`a2${IPFS}5b32${SOLC}`)],
    ['followed by a byte', `${trailer(`a2${IPFS}${SOLC}`)}00`],
  ].map(
    ([name, map, offset]): Row => ({
      name: `a trailer ${name} is code`,
      code: `0x6001fe${String(map)}`,
      allowed: typeof offset === 'number' ? at(offset, 0x32) : IN_IPFS,
    }),
  ),
  {
    name: 'a trailer longer than the code is code',
    code: '0x5b320033',
    allowed: at(1, 0x32),
  },
  { name: 'two bytes that would be a length', code: '0x3200', allowed: at(0, 0x32) },
  { name: 'an empty trailer is code', code: '0x5b320000', allowed: at(1, 0x32) },
];

const built = (allowed: (build: (typeof depthBuilds)[number]) => Allowed): Row[] =>
  depthBuilds.map((build) => ({ name: build.name, code: build.code, allowed: allowed(build) }));
