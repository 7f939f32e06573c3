import { faults } from '../../protocol/fault.ts';

/** How measuring coverage can fail. */
export const fault = faults<{
  NOT_PARSED: { error: string };
  NOT_RUN: { command: string; code: string };
}>();
