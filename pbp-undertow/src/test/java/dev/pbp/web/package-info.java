@NullMarked
package dev.pbp.web;

import org.jspecify.annotations.NullMarked;
