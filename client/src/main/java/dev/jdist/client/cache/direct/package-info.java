/**
 * Manifests: which files and directories a compile depended on, how that is recorded, and how it is verified later.
 */
@NullMarked
package dev.jdist.client.cache.direct;

import org.jspecify.annotations.NullMarked;
