import { MAX_NODE_SCORE } from './plugin.ts';

/**
 * Stretches scores so that the highest becomes MAX_NODE_SCORE, in integers; with `reverse` the lowest raw
 * score is the best (helper.DefaultNormalizeScore).
 */
export function normalizeToBest(scores: Float64Array, count: number, reverse: boolean): void {
  let best = 0;
  for (let i = 0; i < count; i++) if (scores[i]! > best) best = scores[i]!;
  if (best === 0) {
    if (reverse) scores.fill(MAX_NODE_SCORE, 0, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    const score = Math.floor((MAX_NODE_SCORE * scores[i]!) / best);
    scores[i] = reverse ? MAX_NODE_SCORE - score : score;
  }
}
