import { Fault } from '../../protocol/fault.ts';

/** What a person has to change, and how; rendered as one line. */
export type Refusal = Readonly<{ field: string; problem: string; fix: string }>;

/** Every way in which what a person gave us is refused before anything is opened or signed. */
export type RefusalCode =
  | 'ARGUMENT_INVALID'
  | 'CONFIG_INVALID'
  | 'DEPLOYMENT_INVALID'
  | 'MANIFEST_INVALID'
  | 'KEYSTORE_INVALID'
  | 'PASSWORD_WRONG'
  | 'FILE_MISSING'
  | 'FILE_EXISTS'
  | 'FILE_LOOSE'
  | 'FILE_TOO_LARGE'
  | 'FILE_UNWRITABLE'
  | 'RPC_UNREACHABLE'
  | 'RPC_DISAGREES'
  | 'EVENTS_MISSING'
  | 'PROOF_MISSING'
  | 'CHAIN_MISMATCH'
  | 'CODE_MISSING'
  | 'PRECOMPILES_MISSING'
  | 'FUNDS_SHORT'
  | 'TRANSACTION_REFUSED';

/** A fault whose line tells the person what to do. */
export const refuse = (code: RefusalCode, refusal: Refusal, cause?: unknown) =>
  new Fault<RefusalCode, Refusal>(code, refusal, cause);

/** True of faults made by `refuse`. */
export const isRefusal = (error: unknown): error is Fault<RefusalCode, Refusal> =>
  error instanceof Fault && 'field' in error.data && 'fix' in error.data;

/** `field: problem; fix`, always on one line. */
export const refusalLine = ({ field, problem, fix }: Refusal) =>
  `${field}: ${problem}; ${fix}`.replace(/\s*[\r\n]+\s*/g, ' ');
