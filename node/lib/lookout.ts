import type { BlockEvent } from './pipeline.ts';

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/** Something that is done at blocks, and that no block waits for. */
export type Lookout = Readonly<{
  /** Looks at a block, unless it is still looking at an earlier one; resolves once it has, and never fails. */
  note: (event: BlockEvent) => Promise<void>;
  /** Waits until nothing runs. */
  close: () => Promise<void>;
}>;

/** Reports what fails: the next block is another try. */
export function createLookout(
  look: (event: BlockSeen) => Promise<void>,
  onFault: (error: unknown) => void,
): Lookout {
  let busy: Promise<void> | null = null;
  let closed = false;
  return {
    note(event) {
      if (event.kind !== 'block' || closed) return busy ?? Promise.resolve();
      busy ??= look(event)
        .catch(onFault)
        .finally(() => {
          busy = null;
        });
      return busy;
    },
    async close() {
      closed = true;
      await busy;
    },
  };
}
