import { sha256 } from '../http/sha256.ts';

/** A number that stands for a flow, of 52 bits. */
export function flowHash(schema: string, distinguisher: string): number {
  const [a, b, c, d, e, f, g] = sha256(`${schema},${distinguisher}`) as unknown as number[];
  return (((a! & 15) * 256 + b!) * 256 + c!) * 2 ** 32 + (((d! << 24) | (e! << 16) | (f! << 8) | g!) >>> 0);
}

/**
 * A hand of `size` different cards out of a deck of `deck`, the same for the same hash: the queues among which a flow
 * has the choice. Two flows seldom have the same hand, so one that floods its queues leaves the others a way (KEP-1040).
 */
export function dealHand(hash: number, deck: number, size: number): number[] {
  const remainders: number[] = [];
  let rest = hash;
  for (let i = 0; i < size; i++) {
    remainders.push(rest % (deck - i));
    rest = Math.floor(rest / (deck - i));
  }
  const hand: number[] = [];
  for (let i = 0; i < size; i++) {
    // Cards that have been dealt are left out in counting.
    let card = remainders[i]!;
    for (const dealt of [...hand].sort((a, b) => a - b)) if (card >= dealt) card++;
    hand.push(card);
  }
  return hand;
}
