/**
 * Sandboxes by containers of a Docker engine, through its command line. A container resolves the paths inside it
 * itself.
 */
@NullMarked
package dev.jdist.sandbox.docker;

import org.jspecify.annotations.NullMarked;
