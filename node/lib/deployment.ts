import { type Deployment, deploymentSchema } from '../../protocol/deployment.ts';
import { readText } from './files.ts';
import { refuse } from './refusal.ts';
import { firstIssue } from './schema.ts';
import { parseJson } from './yaml.ts';

/** Reads the address file that `tocsin deploy` wrote. */
export async function readDeployment(path: string, field: string): Promise<Deployment> {
  const found = parseJson(
    await readText(path, field),
    path,
    'DEPLOYMENT_INVALID',
    'name the address file that tocsin deploy wrote',
  );
  const parsed = deploymentSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  const issue = firstIssue(parsed.error, found, Object.keys(deploymentSchema.shape));
  throw refuse('DEPLOYMENT_INVALID', {
    field: `${path}: ${issue.field}`,
    problem: issue.problem,
    fix: issue.fix === 'correct it' ? 'run tocsin deploy again' : issue.fix,
  });
}

/** Its contracts by name: what must have code. */
export const contractsOf = ({
  token,
  watchers,
  committee,
  registry,
  hub,
  judge,
  court,
  prover,
  book,
  verifier,
}: Deployment) => ({
  token,
  watchers,
  committee,
  registry,
  hub,
  judge,
  court,
  prover,
  book,
  verifier,
});
