import { isPermanent, request } from './request.js';

/** @typedef {import('../types/pbp.js').TableDescription} TableDescription */

/** The site that is read and followed. */
export class Site {
  /** @type {Promise<TableDescription[]> | null} */
  #described = null;

  /**
   * @param {import('../types/internal.js').Platform} platform
   * @param {string} base what comes before `/api`
   */
  constructor(platform, base) {
    this.platform = platform;
    this.base = base;
  }

  /**
   * What the site offers, asked for once; nothing if it has no such list.
   *
   * @returns {Promise<TableDescription[]>}
   */
  describe() {
    this.#described ??= request(this.platform, `${this.base}/api/_tables`, {}).then(
      ({ body }) => body,
      (error) => {
        if (isPermanent(error)) return [];
        this.#described = null;
        throw error;
      },
    );
    return this.#described;
  }

  /** The tables may have been altered. */
  forget() {
    this.#described = null;
  }
}
