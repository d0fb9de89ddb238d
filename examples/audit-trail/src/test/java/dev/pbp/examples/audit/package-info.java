/** The audit trail under attack. */
@NullMarked
package dev.pbp.examples.audit;

import org.jspecify.annotations.NullMarked;
