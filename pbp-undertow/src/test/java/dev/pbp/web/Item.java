package dev.pbp.web;

/** A row of the table {@code item}. */
record Item(String sku, long pieces, long version) {}
