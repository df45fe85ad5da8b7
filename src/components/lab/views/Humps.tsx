import { Fragment } from 'preact';

/** A name in camel case that may break between its words: `Failed|Scheduling`. */
export const Humps = ({ name }: { name: string }) => (
  <>
    {name.split(/(?=[A-Z])/).map((word, i) => (
      <Fragment key={i}>
        {word}
        <wbr />
      </Fragment>
    ))}
  </>
);
