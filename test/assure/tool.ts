/** What a tool holds against one function of a contract. `where` is for a person: lines move, and no answer rests on them. */
export type Finding = Readonly<{
  tool: string;
  check: string;
  contract: string;
  function: string;
  where: string;
  says: string;
}>;

/** What came of a tool. One that could not be had or did not end is never taken for one that found nothing. */
export type Outcome = Readonly<
  | { kind: 'run'; tool: string; version: string; looked: string; findings: readonly Finding[] }
  | { kind: 'not run'; tool: string; version: string; reason: string; how: string }
>;

/** A tool: given a folder that is its own and the project's root, what it finds. */
export type Tool = Readonly<{
  name: string;
  version: string;
  /** How somebody who has not got it gets it. */
  how: string;
  run: (ground: Ground) => Promise<Readonly<{ looked: string; findings: readonly Finding[] }>>;
}>;

/** Where a tool works. */
export type Ground = Readonly<{ root: string; cache: string; signal: AbortSignal }>;
