package dev.pbp.core.model;

/**
 * A column by which rows are sorted, in the order of its type.
 *
 * @param column the column's name
 * @param descending whether the largest value comes first
 * @param nullsFirst whether nulls come before all values
 */
public record SortKey(String column, boolean descending, boolean nullsFirst) {}
