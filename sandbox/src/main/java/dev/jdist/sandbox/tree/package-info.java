/**
 * Directory trees that somebody who may mean harm had write access to. No path in one is handed to the operating
 * system before {@link dev.jdist.sandbox.tree.RootedTree} has resolved it, link by link, as if the root were {@code
 * /}.
 */
@NullMarked
package dev.jdist.sandbox.tree;

import org.jspecify.annotations.NullMarked;
