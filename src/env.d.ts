declare namespace App {
  interface Locals {
    /** How many labs the page has so far. */
    labs?: number;
  }
}
