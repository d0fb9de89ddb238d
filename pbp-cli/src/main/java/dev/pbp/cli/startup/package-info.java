/** The training run from which the launcher makes an archive of classes, for fast starts. */
@NullMarked
package dev.pbp.cli.startup;

import org.jspecify.annotations.NullMarked;
