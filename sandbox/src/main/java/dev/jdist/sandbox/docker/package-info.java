/**
 * Sandboxes by containers of a Docker engine, through its command line. A container resolves the paths inside it
 * itself.
 */
package dev.jdist.sandbox.docker;
