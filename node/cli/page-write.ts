import { Command } from 'commander';
import {
  openNetwork,
  openSigner,
  type SendFlags,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { print, say } from './output.ts';
import { writePages } from './pages.ts';

/** `tocsin page write`: gives every registered key its place in contract code. */
export const pageWriteCommand = () =>
  withJson(withSigner(withNetwork(new Command('write'))))
    .description(
      'Give registered keys their place; the next epoch seats them. When 512 are seated, heavier watchers take the places of the lightest. Anyone may.',
    )
    .action(async (flags: SendFlags) => {
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const keyHashes = await writePages(network, account, (line) => say(flags.json, line));
      print(
        flags.json,
        { keyHashes },
        keyHashes.length === 0
          ? ['every registered key has its place, or 512 are seated that are as heavy']
          : [...keyHashes],
      );
    });
