import { toFunctionSelector } from 'viem';

const ways = ['honest', 'revert', 'burn', 'bomb', 'idle', 'nonsense', 'reenter', 'silent'] as const;

/** A way a `HostileTarget` can be told to misbehave, as it takes it. */
export const way = (name: (typeof ways)[number]) => ways.indexOf(name);

/** How a `HostileSubmitter` takes money. */
export const [GLADLY, NEVER, REENTER] = [0, 1, 2] as const;

/** What a hostile contract hears when the registry is locked. */
export const REENTERED = toFunctionSelector('Reentered()');
