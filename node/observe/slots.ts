import { type Hex, isHex } from 'viem';
import { Fault, faults } from '../../protocol/fault.ts';
import type { Slot } from '../../protocol/types.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { manySlots, SLOTS } from './many-slots.ts';

const fault = faults<{ SLOT_INVALID: { account: Hex; slot: Hex } }>();

/** The registry's count of coverages: not zero where there is anything to read. */
const COUNT: Hex = `0x${'00'.repeat(32)}`;
/** Blocks after which a provider that could not is asked again whether it can. */
const AGAIN = 256;

type Waiting = Readonly<{
  wanted: Slot;
  resolve: (value: Hex) => void;
  reject: (error: unknown) => void;
}>;

/** Reads storage at a block hash, as all providers agree on it. */
export type Slots = ReturnType<typeof createSlots>;

/**
 * What is asked of one block in one turn travels as one eth_call where every provider has shown that it can run code
 * over an account's storage, slot by slot where one cannot.
 */
export function createSlots(providers: Providers, registry: Hex) {
  const waiting = new Map<Hex, Waiting[]>();
  let canGather: Promise<boolean> | null = null;
  let asked = 0;

  const alone = (block: Block, { account, slot }: Slot): Promise<Hex> =>
    providers.agreed('eth_getStorageAt', [account, slot, { blockHash: block.hash }], (answer) => {
      if (!isHex(answer) || answer.length !== 66) throw fault('SLOT_INVALID', { account, slot });
      return answer.toLowerCase() as Hex;
    });

  const gathered = (block: Block, slots: readonly Slot[]): Promise<readonly (Hex | null)[]> => {
    const { call, over, read } = manySlots(slots);
    return providers.agreed('eth_call', [call, { blockHash: block.hash }, over], read);
  };

  /** One slot that is not zero, both ways: some providers know no such calls and some pass over what they do not know. */
  const check = async (block: Block): Promise<boolean> => {
    const known = { account: registry, slot: COUNT };
    const value = await alone(block, known);
    const [found] = await gathered(block, [known]).catch(refusedOnly);
    return found === value;
  };

  const mayGather = (block: Block): Promise<boolean> => {
    if (canGather !== null && asked++ < AGAIN) return canGather;
    asked = 0;
    const answer = check(block);
    canGather = answer;
    const forget = () => {
      if (canGather === answer) canGather = null;
    };
    answer.then((can) => {
      // A provider that can will not unlearn it; one that cannot may be replaced.
      if (can) asked = Number.NEGATIVE_INFINITY;
    }, forget);
    return answer;
  };

  const readAll = async (block: Block, all: readonly Waiting[]): Promise<void> => {
    const slots = all.map(({ wanted }) => wanted);
    const isTogether = await mayGather(block).catch(() => false);
    const values = isTogether ? await gathered(block, slots).catch(refusedOnly) : [];
    all.forEach(({ wanted, resolve, reject }, index) => {
      const value = values[index];
      if (typeof value === 'string') resolve(value);
      else alone(block, wanted).then(resolve, reject);
    });
  };

  /** The same slot may be asked for twice; it travels once. */
  return (block: Block, wanted: Slot): Promise<Hex> =>
    new Promise((resolve, reject) => {
      const one = { wanted, resolve, reject };
      const gathering = waiting.get(block.hash);
      if (gathering !== undefined) return void gathering.push(one);
      const all = [one];
      waiting.set(block.hash, all);
      setImmediate(() => {
        waiting.delete(block.hash);
        for (let from = 0; from < all.length; from += SLOTS) {
          const part = all.slice(from, from + SLOTS);
          readAll(block, part).catch((error: unknown) => {
            for (const { reject: fail } of part) fail(error);
          });
        }
      });
    });
}

/** Nothing is read where a provider refuses such a call; one that is silent, or says otherwise than others, is a fault. */
function refusedOnly(error: unknown): readonly null[] {
  const code = error instanceof Fault ? error.code : '';
  if (code === 'PROVIDER_REFUSED' || code === 'SLOTS_INVALID') return [];
  throw error;
}
