/** An audit trail: a durable consumer that writes each change of some tables to another table, exactly once. */
@NullMarked
package dev.pbp.examples.audit;

import org.jspecify.annotations.NullMarked;
