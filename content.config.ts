import { i18nLoader, docsLoader } from '@astrojs/starlight/loaders';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { defineCollection } from 'astro:content';
import { labDefinition } from './src/lab/definition.ts';
import { labsLoader } from './src/lab/loader.ts';

export const collections = {
  docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }),
  i18n: defineCollection({ loader: i18nLoader(), schema: i18nSchema() }),
  labs: defineCollection({ loader: labsLoader(), schema: labDefinition }),
};
