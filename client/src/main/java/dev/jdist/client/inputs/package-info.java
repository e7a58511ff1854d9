/**
 * What a compile reads, in the form in which it is keyed or sent: preprocessed source, the directories that are
 * searched for included files, and dependency files as lists of prerequisites.
 */
@NullMarked
package dev.jdist.client.inputs;

import org.jspecify.annotations.NullMarked;
