import type { Devnet } from '../devnet.ts';
import type { Outcome } from '../report.ts';
import type { VaultPlan } from '../setup.ts';

/** Something that happens to a devnet, and what must come of it. */
export type Scenario = Readonly<{
  name: string;
  help: string;
  /** Seconds a block takes unless the person says otherwise. */
  blockTime: number;
  vault?: VaultPlan;
  /** Seats of so many watchers whose keys actors hold. */
  actors?: (watchers: number) => readonly number[];
  run: (devnet: Devnet, note: (fact: string) => void) => Promise<Outcome>;
}>;
