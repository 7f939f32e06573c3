import assert from 'node:assert/strict';
import { incidentHash } from '../../protocol/incident.ts';
import type { incidents } from '../vectors/id-vectors.ts';
import { readVectors } from '../vectors/read.ts';

describe('incident', () => {
  it('records have the running hash of their packed words', () => {
    for (const { previous, record, hash } of readVectors<ReturnType<typeof incidents>>('incidents'))
      assert.equal(incidentHash(previous, record), hash);
  });
});
