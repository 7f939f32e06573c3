import type { Finding } from './tool.ts';

/** Why a finding is none. `function` is '*' where it holds of every function of the contract. */
export type Answer = Readonly<{
  tool: string;
  check: string;
  contract: string;
  function: string;
  why: string;
}>;

const answer = (tool: string, check: string, at: string, why: string): Answer => {
  const [contract = '', name = '*'] = at.split('.');
  return { tool, check, contract, function: name, why };
};

/** A finding without one fails `npm run assure`, and so does one without a finding. */
export const answers: readonly Answer[] = [];

/** Whether this answers that. */
export const isOf = (reply: Answer, finding: Finding): boolean =>
  reply.tool === finding.tool &&
  reply.check === finding.check &&
  reply.contract === finding.contract &&
  (reply.function === '*' || reply.function === finding.function);
