/** What every jdist program does around its main: exit codes, logging, and telling its starter that it is up. */
@NullMarked
package dev.jdist.protocol.daemon;

import org.jspecify.annotations.NullMarked;
