/** Whose address it is. */
export interface AddressOwner {
  readonly namespace: string;
  readonly name: string;
}

/** Where Services get their addresses from. */
export interface AddressSource {
  /** The first address: what a dry run shows. */
  readonly first: string;
  /** Whether the address can be taken; what is wrong with it, or undefined. */
  check(ip: string): string | undefined;
  /** Takes an address; what is wrong with it, or undefined. */
  allocate(ip: string, owner: AddressOwner): string | undefined;
  /** Takes some free address; undefined when there is none. */
  allocateNext(owner: AddressOwner): string | undefined;
  release(ip: string): void;
}
