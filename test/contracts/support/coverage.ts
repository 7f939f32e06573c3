import hre from 'hardhat';
import { keccak256, zeroAddress, zeroHash } from 'viem';
import type { Rule } from '../../../protocol/types.ts';
import { cover, coverArmed, deployRegistry } from './registry.ts';

/** What makes a rule one of a detector of the node. */
export const detector: Partial<Rule> = {
  code: zeroAddress,
  codeHash: zeroHash,
  gas: 0,
  reference: { kind: 'none' },
  slots: [],
};

/** What makes a rule one of a sentinel whose code the manifest carries. */
export const sentinel: Partial<Rule> = {
  ...detector,
  class: 'B',
  rung: 2,
  codeHash: keccak256('0x5f5ff3'),
  gas: 50_000,
  params: '0x',
};

/** A chain, and the registries that tests start from: each is made once and found anew by every test. */
export const openRegistry = async () => {
  const connection = await hre.network.create();
  const { viem, networkHelpers } = connection;

  const deployBare = () => deployRegistry(connection);
  const deployCovered = async () => {
    const rig = await deployBare();
    return { ...rig, id: await coverArmed(rig) };
  };
  const deployHostile = async () => {
    const rig = await deployBare();
    const hostile = await viem.deployContract('HostileTarget', [
      rig.hub.address,
      rig.guardian.account.address,
    ]);
    return { ...rig, hostile, id: await coverArmed(rig, [rig.rule], { of: hostile.address }) };
  };
  const deployShadow = async () => {
    const rig = await deployBare();
    const lookback: Rule = { ...rig.rule, reference: { kind: 'lookback', blocks: 2 } };
    return { ...rig, lookback, id: await cover(rig, [rig.rule, lookback]) };
  };
  const deployRungs = async () => {
    const rig = await deployBare();
    const replayed: Rule = { ...rig.rule, ...detector, class: 'B', rung: 2, family: 'flow' };
    const light: Rule = { ...rig.rule, rung: 1 };
    const id = await coverArmed(rig, [rig.rule, replayed, light]);
    return { ...rig, id, replayed, light };
  };
  return {
    connection,
    viem,
    networkHelpers,
    /** Nothing covered yet. */
    bare: () => networkHelpers.loadFixture(deployBare),
    /** One coverage of one armed rule of rung 3. */
    covered: () => networkHelpers.loadFixture(deployCovered),
    /** The same of a target that misbehaves as it is told to. */
    hostile: () => networkHelpers.loadFixture(deployHostile),
    /** One coverage of two rules in shadow, one anchored and one that looks back. */
    shadow: () => networkHelpers.loadFixture(deployShadow),
    /** One coverage of three armed rules: class A at rung 3, B at rung 2, A at rung 1. */
    rungs: () => networkHelpers.loadFixture(deployRungs),
  };
};
