declare namespace App {
  interface Locals {
    /** How often each lab stands on the page so far. */
    labs?: Record<string, number>;
  }
}
