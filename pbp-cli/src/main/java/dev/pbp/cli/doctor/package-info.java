/** What is wrong with a database for our use, and how to mend it: one class a check. */
@NullMarked
package dev.pbp.cli.doctor;

import org.jspecify.annotations.NullMarked;
