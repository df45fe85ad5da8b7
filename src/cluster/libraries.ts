import { p256 as curve } from '@noble/curves/nist.js';
import { keygen, PKCS1_SHA256 } from 'micro-rsa-dsa-dh/rsa.js';
import { RE2JS } from 're2js';
import { parse } from 'unbash';
import { p256 } from '../api/elliptic-curve.ts';
import { re2 } from '../api/re2.ts';
import { rsa } from '../api/rsa.ts';
import { bodyReader } from '../apiserver/http/body-formats.ts';
import { bodyReaders } from '../apiserver/http/body-readers.ts';
import { IMAGES } from '../kubelet/runtime/images/index.ts';
import { publishedImages } from '../kubelet/runtime/published-images.ts';
import { shellParser } from '../kubelet/runtime/shell/parse.ts';

/**
 * Brings the libraries and the programs of containers that a cluster need not have to start, but before anybody asks something of it. A page loads this
 * file once its cluster runs; everyone else has it from the beginning.
 */
export function provideLibraries(): void {
  re2.provide(RE2JS);
  p256.provide(curve);
  rsa.provide({ keygen, pkcs1: PKCS1_SHA256 });
  shellParser.provide(parse);
  publishedImages.provide(IMAGES);
  bodyReader.provide(bodyReaders);
}
