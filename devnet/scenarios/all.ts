import { aaveOracle } from './aave-oracle.ts';
import { benign } from './benign.ts';
import { equivocation } from './equivocation.ts';
import { falseAlarm } from './false-alarm.ts';
import { flashTrip } from './flash-trip.ts';
import { fullCollusion } from './full-collusion.ts';
import type { Scenario } from './scenario.ts';
import { oneHonestWatcher } from './one-honest-watcher.ts';
import { selfTrip } from './self-trip.ts';
import { sentinelOutflow } from './sentinel-outflow.ts';
import { slowDrain } from './slow-drain.ts';
import { vaultDrain } from './vault-drain.ts';

/** Every scenario; the first is what plain `devnet` plays. */
export const scenarios: readonly Scenario[] = [
  vaultDrain,
  aaveOracle,
  sentinelOutflow,
  slowDrain,
  benign,
  flashTrip,
  equivocation,
  falseAlarm,
  oneHonestWatcher,
  selfTrip,
  fullCollusion,
];
