// A module of its own: a page that follows whole tables, in no order, does not load it.
export { Addition } from './addition.js';
export { Lens } from './lens.js';
