declare module 'virtual:kubernetes-schemas' {
  const schema: import('monaco-yaml').SchemasSettings['schema'];
  export default schema;
}
declare module 'monaco-editor/nls/lang/zh-cn.js';
