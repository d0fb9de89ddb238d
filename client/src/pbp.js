import { browser } from './platform.js';
import { Replica } from './replica.js';

export { Refused } from './request.js';

/** @type {typeof import('../types/pbp.js').connect} */
export const connect = (options) => new Replica(options, browser);
