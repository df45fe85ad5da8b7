declare module 'virtual:kubernetes-schemas' {
  import type { SchemasSettings } from 'monaco-yaml';
  const schema: SchemasSettings['schema'];
  export default schema;
}
declare module 'monaco-editor/nls/lang/zh-cn.js';
