import { numberToHex } from 'viem';
import { createLiar, type Lie } from '../actors/liar.ts';
import { FEED_BOUNDS, LIFE } from '../coverage.ts';
import { justiceOf } from '../justice.ts';
import { expected } from '../refusal.ts';
import { quiet } from '../report.ts';
import { maySign } from '../stakes.ts';
import { until } from '../wait.ts';
import type { Scenario } from './scenario.ts';
