package dev.pbp.core.model;

import java.time.Instant;

/**
 * A row of the example's table {@code testtype}.
 *
 * @param id the key, drawn by the database
 * @param val any text
 * @param mtime when the row last changed, by the database's clock, in microseconds; no two versions of a row share one
 */
public record TestType(long id, String val, Instant mtime) {}
