/** What one subscription is: its queue, its overflow policy, and the calls of its listener. */
@NullMarked
package dev.pbp.notify.internal.delivery;

import org.jspecify.annotations.NullMarked;
