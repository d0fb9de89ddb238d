/** What this project's own tests stand on: a PostgreSQL, a database a test class, and faults on request. Not published. */
@org.jspecify.annotations.NullMarked
package dev.pbp.testing;
