import { startRelay } from '../relay.ts';

/** JSON-RPC calls, and those that look for a head among them. */
export type Asked = Readonly<{ calls: number; looks: number }>;

/** Stands between a node and the WebSocket of its provider, and counts what it asks. */
export async function startCounting(socketUrl: string) {
  let [calls, looks] = [0, 0];
  const onAsked = (text: string): void => {
    const asked = [JSON.parse(text) as Call | Call[]].flat();
    calls += asked.length;
    looks += asked.filter(isLook).length;
  };
  const { url, stop } = await startRelay(socketUrl, { onAsked });
  return { url, asked: (): Asked => ({ calls, looks }), stop };
}

type Call = Readonly<{ method: string; params: readonly unknown[] }>;

const isLook = ({ method, params }: Call) =>
  method === 'eth_getBlockByNumber' && params[0] === 'latest';
