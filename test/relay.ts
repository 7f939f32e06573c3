import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { textOf } from '../node/lib/socket.ts';

/** What a relay does with what passes it. */
export type RelayOptions = Readonly<{
  /** Told of each message of a node. */
  onAsked?: (text: string) => void;
  /** What a node gets of a provider's message; nothing where it is null. */
  pass?: (text: string) => string | null;
}>;

/** Stands between nodes and the WebSocket of their provider. */
export type Relay = Awaited<ReturnType<typeof startRelay>>;

/** Passes every message on as text; `cut` ends all connections, and new ones may come. */
export async function startRelay(url: string, { onAsked, pass = (text) => text }: RelayOptions) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (node) => {
    const provider = new WebSocket(url);
    const opened = once(provider, 'open');
    const end = () => {
      node.terminate();
      provider.terminate();
    };
    node.on('message', (data) => {
      const text = textOf(data);
      onAsked?.(text);
      opened.then(() => provider.send(text), end);
    });
    provider.on('message', (data) => {
      const text = pass(textOf(data));
      if (text !== null) node.send(text);
    });
    for (const side of [node, provider]) side.on('close', end).on('error', end);
  });
  await once(server, 'listening');
  const cut = () => {
    for (const node of server.clients) node.terminate();
  };
  /** To every node. */
  const say = (text: string) => {
    for (const node of server.clients) node.send(text);
  };
  return {
    say,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    stop: async (): Promise<void> => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
