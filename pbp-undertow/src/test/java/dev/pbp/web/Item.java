package dev.pbp.web;

/** A row of a table that is none of the example's own. */
record Item(long id, String name, long pieces, long version) {}
