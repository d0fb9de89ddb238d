/** The publisher's queue, its transactions and its connection. */
@NullMarked
package dev.pbp.notify.internal.publisher;

import org.jspecify.annotations.NullMarked;
