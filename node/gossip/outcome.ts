/** Why a message was let through, passed over or held against its sender; the code is also the metric label. */
export type Code =
  | 'OK'
  | 'SIZE'
  | 'VERSION'
  | 'DECODE'
  | 'CHAIN'
  | 'EPOCH'
  | 'SEAT'
  | 'STRUCK'
  | 'HEIGHT'
  | 'AHEAD'
  | 'OTHER_BLOCK'
  | 'RULE'
  | 'RULE_MISMATCH'
  | 'NOT_CALLED'
  | 'RUNG'
  | 'QUORUM'
  | 'DUPLICATE'
  | 'EQUIVOCATION'
  | 'TOO_MANY'
  | 'OVERLOADED'
  | 'STRANGER'
  | 'SIGNATURE';

/** Accept delivers and forwards; ignore does neither; reject also counts against the sender. */
export type Outcome = Readonly<{ outcome: 'accept' | 'ignore' | 'reject'; code: Code }>;

/** Which stream of messages an outcome is about. */
export type Channel = 'attestation' | 'certificate' | 'catchup';

/** Told of every message judged and of every message lost to a full queue. */
export type OnOutcome = (channel: Channel, outcome: Outcome['outcome'], code: Code) => void;

export const accept: Outcome = { outcome: 'accept', code: 'OK' };
export const ignore = (code: Code): Outcome => ({ outcome: 'ignore', code });
export const reject = (code: Code): Outcome => ({ outcome: 'reject', code });
