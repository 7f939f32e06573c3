import { createRequire } from 'node:module';
import { type Abi, type Address, encodeDeployData, type Hex } from 'viem';

const require = createRequire(import.meta.url);

type LinkReferences = Readonly<
  Record<string, Readonly<Record<string, readonly { start: number; length: number }[]>>>
>;
type Artifact = Readonly<{ abi: Abi; bytecode: Hex; linkReferences: LinkReferences }>;

/** Creation code of a published artifact with its libraries' addresses written in. */
export function deployment(
  path: string,
  args: readonly unknown[],
  libraries: Readonly<Record<string, Address>>,
): Hex {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const artifact = require(
    `@aave/core-v3/artifacts/contracts/${path}.sol/${name}.json`,
  ) as Artifact;
  let code: string = artifact.bytecode;
  for (const references of Object.values(artifact.linkReferences))
    for (const [library, places] of Object.entries(references))
      for (const { start, length } of places) {
        const from = 2 + start * 2;
        code =
          code.slice(0, from) +
          libraries[library]!.slice(2).toLowerCase() +
          code.slice(from + length * 2);
      }
  return encodeDeployData({ abi: artifact.abi, bytecode: code as Hex, args: [...args] });
}
