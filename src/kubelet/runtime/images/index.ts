import type { Image } from '../image.ts';
import { AGNHOST } from './agnhost.ts';
import { ALPINE, BUSYBOX, CURL, DEBIAN, UBUNTU } from './busybox.ts';
import { CEL_WEBHOOK } from './cel-webhook.ts';
import { HTTP_ECHO } from './http-echo.ts';
import { HPA_EXAMPLE } from './hpa-example.ts';
import { HTTPD } from './httpd.ts';
import { NGINX } from './nginx.ts';
import { PAUSE } from './pause.ts';
import { POLINUX_STRESS, VISH_STRESS } from './stress.ts';

/** Every image of the simulated registries. */
export const IMAGES: readonly Image[] = [
  PAUSE,
  NGINX,
  HTTPD,
  BUSYBOX,
  ALPINE,
  DEBIAN,
  UBUNTU,
  CURL,
  HTTP_ECHO,
  AGNHOST,
  CEL_WEBHOOK,
  HPA_EXAMPLE,
  POLINUX_STRESS,
  VISH_STRESS,
];
