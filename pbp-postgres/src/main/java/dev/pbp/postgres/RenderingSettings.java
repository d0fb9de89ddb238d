package dev.pbp.postgres;

/**
 * The triggers' settings: the text of a row must not depend on those of a role or database.
 *
 * <p>The search path is apart: from PostgreSQL 18 on, the driver drops a connection's prepared statements whenever it changes.
 */
final class RenderingSettings {
    /** SQL that sets the search path, for statements whose names are not all qualified. */
    static final String SEARCH_PATH = "SET LOCAL search_path = pg_catalog, pg_temp";

    /** One statement for all but the search path. */
    static final String SELECT = "SELECT pg_catalog.set_config('timezone', 'UTC', true),"
            + " pg_catalog.set_config('datestyle', 'ISO, MDY', true), pg_catalog.set_config('intervalstyle', 'iso_8601', true),"
            + " pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('bytea_output', 'hex', true),"
            + " pg_catalog.set_config('quote_all_identifiers', 'off', true), pg_catalog.set_config('array_nulls', 'on', true),"
            + " pg_catalog.set_config('xmloption', 'content', true)";

    /** All of them, as several statements without a result. */
    static final String ALL = SEARCH_PATH + "; SET LOCAL timezone = 'UTC';"
            + " SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL intervalstyle = iso_8601; SET LOCAL extra_float_digits = 1;"
            + " SET LOCAL bytea_output = hex; SET LOCAL quote_all_identifiers = off;"
            + " SET LOCAL array_nulls = on; SET LOCAL xmloption = content";

    private RenderingSettings() {}
}
