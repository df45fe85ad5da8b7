/** Puts every table of a chapter into a box that scrolls sideways, and that the keyboard can reach to scroll it. */
export const scrollingTables = {
  name: 'scrolling-tables',
  element: {
    filter: ['table'],
    visit: <Table>(table: Table) => ({
      type: 'element' as const,
      tagName: 'div',
      properties: { class: 'table-scroll', role: 'group', tabindex: 0 },
      children: [table],
    }),
  },
};
